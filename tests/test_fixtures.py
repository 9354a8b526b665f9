"""The shipped design documents: their golden reports, and agreement with what a careful reader ticks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from conftest import FIXTURES, assert_golden

from mlsd_lint.linter import Linter
from mlsd_lint.model import Kind, Status
from mlsd_lint.rule import TOPICS

GOLDEN = Path(__file__).parent / "golden"
DOCUMENTS = sorted(FIXTURES.glob("*.md"))
EXPECTED = yaml.safe_load((FIXTURES / "expectations.yaml").read_text(encoding="utf-8"))
LEAST_F1 = 0.90
NO_DESIGNS = {"template-unfilled.md": Kind.TEMPLATE, "glossary-stuffed.md": Kind.NOT_ML}

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)


@pytest.fixture
def at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The root of the project as current folder, so that reports name documents as a reader would."""
    monkeypatch.chdir(FIXTURES.parent)


@each_document
@pytest.mark.usefixtures("at_root")
def test_the_report_is_the_one_beside_the_document(run: Callable[..., Result], path: Path) -> None:
    result = run(f"fixtures/{path.name}")
    assert_golden(result.stdout, path.with_suffix(".report.txt"))


@each_document
@pytest.mark.usefixtures("at_root")
def test_the_statuses_are_the_golden_ones(run: Callable[..., Result], path: Path) -> None:
    document = json.loads(run("--format", "json", f"fixtures/{path.name}").stdout)["documents"][0]
    shown = {key: document[key] for key in ("path", "kind", "grade", "traits")} | {"topics": {topic["id"]: topic["status"] for topic in document["topics"]}}
    assert_golden(json.dumps(shown, indent=1) + "\n", GOLDEN / f"{path.stem}.json")


def test_the_labels_are_whole() -> None:
    """The designs that came with the profiles are not labelled; tests/test_profiles.py looks at them."""
    assert len(EXPECTED) >= 11 and EXPECTED.keys() <= {path.name for path in DOCUMENTS}
    for name, labels in EXPECTED.items():
        assert sorted(topic for topics in labels.values() for topic in topics) == sorted(topic for topics in TOPICS.values() for topic in topics), name


def test_agreement_with_the_labels_of_the_designs(linter: Linter) -> None:
    """F1 of "covered" over all design documents: what a reader would act on."""
    both = either = 0
    for path in DOCUMENTS:
        if path.name in NO_DESIGNS or path.name not in EXPECTED:
            continue
        covered = {topic.rule for topic in linter.lint(path.read_bytes(), path.name).topics if topic.status is Status.COVERED}
        wanted = set(EXPECTED[path.name]["covered"])
        both += len(covered & wanted)
        either += len(covered) + len(wanted)
    assert 2 * both / either >= LEAST_F1


@pytest.mark.parametrize(("name", "kind"), NO_DESIGNS.items())
def test_what_is_no_design_covers_nothing_and_says_so_once(linter: Linter, name: str, kind: Kind) -> None:
    report = linter.lint((FIXTURES / name).read_bytes(), name)
    assert report.kind is kind
    assert len(report.findings) == 1
    assert {topic.status for topic in report.topics} == {Status.NOT_APPLICABLE}
    assert report.scorecard.grade is None


def test_designs_are_taken_for_designs(linter: Linter) -> None:
    kinds = {path.name: linter.lint(path.read_bytes(), path.name).kind for path in DOCUMENTS}
    assert {name for name, kind in kinds.items() if kind is not Kind.DESIGN} == set(NO_DESIGNS)
