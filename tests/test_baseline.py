"""A baseline: findings that are known are kept out of the report, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]

DESIGN = """\
# Ranking service

We rank the offers of our shop with gradient-boosted trees. Labels are the purchases of the last 90 days. The team owns the ranking.

Latency: TBD
"""
DRIFT = "\n## Monitoring\n\nEach night we compare every input with the training data and page above a PSI of 0.2.\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two designs, one in a folder, as current folder."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/a.md").write_text(DESIGN, encoding="utf-8")
    (tmp_path / "b.md").write_text(DESIGN + DRIFT, encoding="utf-8")
    return tmp_path


def report(run: Run, *args: str) -> dict[str, dict[str, Any]]:
    return {document["path"]: document for document in json.loads(run(*args, "--format", "json").stdout)["documents"]}


def rules_of(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["rule"] for entry in entries]


def entries(path: Path) -> list[tuple[str, str]]:
    return [(entry["path"], entry["rule"]) for entry in json.loads(path.read_text(encoding="utf-8"))["findings"]]


def test_writing_says_how_much_and_leaves_the_exit_status_alone(run: Run, here: Path) -> None:
    result = run(".", "--write-baseline", "known.json")
    count = len(entries(here / "known.json"))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"known.json: {count} findings of 2 documents written\n"
    assert count == sum(len(document["findings"]) for document in report(run, ".").values())


def test_the_file_is_sorted_with_a_line_for_each_finding_and_always_the_same(run: Run, here: Path) -> None:
    run("docs/a.md", "b.md", "--write-baseline", "one.json")
    run("b.md", "docs/a.md", "--write-baseline", "two.json")
    text = (here / "one.json").read_bytes()
    assert text == (here / "two.json").read_bytes()
    assert b"\r" not in text and text.endswith(b"]\n}\n")
    lines = text.decode().splitlines()[3:-2]
    assert lines == sorted(lines) and len(lines) == len(entries(here / "one.json"))


def test_what_is_known_is_suppressed_and_what_is_new_is_not(run: Run, here: Path) -> None:
    run(".", "--write-baseline", "known.json", "--ignore", "drift,cost")
    found = report(run, ".", "--baseline", "known.json")
    assert set(rules_of(found["docs/a.md"]["findings"])) == {"drift", "cost"}
    assert rules_of(found["b.md"]["findings"]) == ["cost"]
    assert {entry["by"] for entry in found["b.md"]["suppressed"]} == {"baseline"}
    assert run(".", "--baseline", "known.json").exit_code == 1
    assert run("b.md", "--baseline", "known.json").exit_code == 0


def test_it_holds_while_the_document_is_edited_elsewhere(run: Run, here: Path) -> None:
    run("docs/a.md", "--write-baseline", "known.json")
    (here / "docs/a.md").write_text("\n\n" + DESIGN.replace("shop", "large shop") + "\n## More\n\nNothing of note is said in this part.\n", encoding="utf-8")
    result = run("docs/a.md", "--baseline", "known.json", "--fail-on", "note")
    assert (result.exit_code, result.stderr) == (0, "")


def test_it_holds_from_whatever_folder_it_is_used(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(".", "--write-baseline", "docs/known.json")
    assert {path for path, _ in entries(here / "docs/known.json")} == {"a.md", "../b.md"}
    monkeypatch.chdir(here / "docs")
    assert run("a.md", "../b.md", "--baseline", "known.json", "--fail-on", "note").exit_code == 0
    assert run(str(here / "b.md"), "--baseline", "known.json", "--fail-on", "note").exit_code == 0


def test_what_is_gone_is_stale(run: Run, here: Path) -> None:
    run(".", "--write-baseline", "known.json")
    (here / "docs/a.md").write_text(DESIGN + DRIFT, encoding="utf-8")
    (here / "b.md").unlink()
    result = run("docs/a.md", "--baseline", "known.json")
    assert result.exit_code == 0
    first, second = result.stderr.splitlines()
    assert first.startswith("known.json: 5 stale entries: docs/a.md has no such finding any more: alerting, data-sources, drift, ")
    assert first.endswith("; write the baseline anew")
    assert second.startswith("known.json: ") and " stale entries: b.md is gone: " in second and " more; write the baseline anew" in second
    run("docs/a.md", "--write-baseline", "known.json")
    assert run("docs/a.md", "--baseline", "known.json").stderr == ""


def test_what_was_not_looked_at_is_not_stale(run: Run, here: Path) -> None:
    run(".", "--write-baseline", "known.json")
    assert run("b.md", "--baseline", "known.json").stderr == ""
    assert run(".", "--baseline", "known.json", "--select", "drift").stderr == ""
    (here / "b.md").write_text(DESIGN + DRIFT + "\n<!-- mlsd-lint disable=cost reason: r -->\n", encoding="utf-8")
    assert run("b.md", "--baseline", "known.json").stderr == ""


def test_a_comment_comes_before_the_baseline(run: Run, here: Path) -> None:
    run("b.md", "--write-baseline", "known.json")
    (here / "b.md").write_text(DESIGN + DRIFT + "\n<!-- mlsd-lint disable=cost reason: r -->\n", encoding="utf-8")
    suppressed = {entry["rule"]: entry["by"] for entry in report(run, "b.md", "--baseline", "known.json")["b.md"]["suppressed"]}
    assert suppressed["cost"].startswith("comment, line ")
    assert suppressed["privacy"] == "baseline"


def test_writing_for_some_documents_keeps_the_entries_of_the_others_that_exist(run: Run, here: Path) -> None:
    run(".", "--write-baseline", "known.json")
    before = entries(here / "known.json")
    run("docs/a.md", "--write-baseline", "known.json", "--select", "drift")
    assert entries(here / "known.json") == [entry for entry in before if entry[0] == "b.md" or entry[1] == "drift"]
    (here / "b.md").unlink()
    run("docs/a.md", "--write-baseline", "known.json", "--select", "drift")
    assert entries(here / "known.json") == [("docs/a.md", "drift")]


def test_two_equal_findings_need_two_entries(run: Run, here: Path) -> None:
    comment = "\n<!-- mlsd-lint disabel=drift -->\n"
    only = ("--select", "labels")
    (here / "b.md").write_text(DESIGN + comment, encoding="utf-8")
    run("b.md", "--write-baseline", "known.json", *only)
    assert len(entries(here / "known.json")) == 1
    (here / "b.md").write_text(DESIGN + comment + comment, encoding="utf-8")
    found = report(run, "b.md", "--baseline", "known.json", *only)["b.md"]
    assert (len(found["findings"]), len(found["suppressed"])) == (1, 1)


def test_the_configuration_names_it_beside_itself(run: Run, here: Path) -> None:
    run(".", "--write-baseline", "ci/known.json")
    assert run(".", "--write-baseline", "ci/known.json").stderr.startswith("--write-baseline: ci/known.json: there is no folder 'ci'")
    (here / "ci").mkdir()
    run(".", "--write-baseline", "ci/known.json")
    (here / "mlsd-lint.toml").write_text('baseline = "ci/known.json"', encoding="utf-8")
    assert run(".", "--fail-on", "note").exit_code == 0
    assert run(".", "--fail-on", "note", "--no-config").exit_code == 1
    before = entries(here / "ci/known.json")
    run(".", "--write-baseline", "ci/known.json")
    assert entries(here / "ci/known.json") == before, "writing looks at all findings, known or not"


def test_standard_input_has_a_name_of_its_own(run: Run, here: Path) -> None:
    run("-", "--write-baseline", "known.json", input=DESIGN.encode())
    assert {path for path, _ in entries(here / "known.json")} == {"<stdin>"}
    result = run("-", "--baseline", "known.json", "--fail-on", "note", input=DESIGN.encode())
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "known.json:1: the baseline is not valid JSON"),
        ("[]", "known.json: this is no baseline of mlsd-lint; name another file"),
        ('{"version": 2, "findings": []}', "known.json: this is no baseline"),
        ('{"version": 1, "findings": [{"path": "a.md"}]}', "known.json: this is no baseline"),
        ('{"version": 1, "findings": {"a": 1}}', "known.json: this is no baseline"),
    ],
)
@pytest.mark.parametrize("option", ["--baseline", "--write-baseline"])
def test_a_file_that_is_no_baseline_is_neither_read_nor_overwritten(run: Run, here: Path, option: str, text: str, told: str) -> None:
    (here / "known.json").write_text(text, encoding="utf-8")
    result = run("b.md", option, "known.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(told)
    assert (here / "known.json").read_text(encoding="utf-8") == text


def test_a_baseline_that_is_not_there_is_an_error(run: Run, here: Path) -> None:
    result = run("b.md", "--baseline", "gone.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("gone.json: the baseline cannot be read: no such file or directory; ")


@pytest.mark.parametrize("other", [("--baseline", "x.json"), ("--compare", "HEAD"), ("--output", "x.txt")])
def test_writing_goes_with_no_report(run: Run, here: Path, other: tuple[str, str]) -> None:
    result = run("b.md", "--write-baseline", "known.json", *other)
    assert result.exit_code == 2
    assert result.stderr.startswith("--write-baseline: goes with none of")
    assert not (here / "known.json").exists()


def test_the_score_is_what_it_is(run: Run, here: Path) -> None:
    run(".", "--write-baseline", "known.json")
    assert report(run, "b.md", "--baseline", "known.json")["b.md"]["score"] == report(run, "b.md")["b.md"]["score"]
