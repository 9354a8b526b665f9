"""Standards: the packs, how a document is held against one, and the pages."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import Result
from conftest import FIXTURES, assert_golden
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlsd_lint import ruleset, schemas, standards_page
from mlsd_lint.completion import StandardName
from mlsd_lint.errors import RuleFileError
from mlsd_lint.linter import Linter
from mlsd_lint.rule import LAUNCH_TOPICS, TOPICS
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.standards import Verdict, judge

Run = Callable[..., Result]
NAMES = ruleset.standard_names()
GOLDEN = Path(__file__).parent / "golden" / "standards"
# how many items the published lists have; of the AI RMF only those about one system are taken
ITEMS = {"deon": 21, "eu-ai-act-annex-iv": 26, "ml-test-score": 28, "nist-ai-rmf": 49, "owasp-llm": 10, "owasp-ml": 10}
OWN = """\
standard: ours
title: Ours
source: Our wiki
year: 2024
note: All words are ours.
items:
- {id: O1, name: One, asks: Who watches the drift?, topics: [drift, caching]}
- {id: O2, name: Two, asks: Who tunes?, topics: [hyperparameter-tuning]}
- {id: O3, name: Three, asks: What is cached?, topics: [caching]}
- {id: O4, name: Four, asks: Is it labelled?, topics: [caching], check: how long}
- {id: O5, name: Five, asks: Does it expire?, topics: [caching], smells: [cache-without-expiry]}
- {id: O6, name: Six, asks: Who injects?, topics: [caching], only: [llm, rag]}
- {id: O7, name: Seven, asks: Is it tested?, beyond: it takes the tests}
"""
DESIGN = """\
# Ranking service

We rank the offers of our shop for every visitor with gradient-boosted trees. Labels are the purchases of the last 90 days.
{caching}

Drift: TBD
"""
CACHED = "Rankings are cached in Redis for ten minutes and expire then."
STALE = "Rankings are cached in Redis by user id so that the model is called once per user."


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A standard of one's own in the current folder, beside a design."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ours.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "design.md").write_text(DESIGN.format(caching=CACHED), encoding="utf-8")
    return tmp_path / "ours.yaml"


def table(run: Run, *args: str | Path) -> dict[str, Any]:
    """The JSON of a run with ``--standard``, which follows its schema."""
    payload: dict[str, Any] = json.loads(run(*args, "--format", "json").stdout)
    jsonschema.validate(payload, json.loads(schemas.shipped("standard")))
    return payload


def verdicts(payload: dict[str, Any]) -> dict[str, str]:
    """Item -> verdict of the only document."""
    (document,) = payload["documents"]
    return {item["id"]: item["verdict"] for item in document["items"]}


# ---- the packs


def test_the_packs_are_the_published_lists() -> None:
    """Loading alone checks that every topic, smell and trait that an item names is there."""
    found = {name: ruleset.standard(name) for name in NAMES}
    assert {name: len(standard.items) for name, standard in found.items()} == ITEMS
    assert [standard.standard for standard in found.values()] == NAMES
    sections = Counter(item.id.partition(" ")[0] for item in found["ml-test-score"].items)
    assert sections == dict.fromkeys(("Data", "Model", "Infra", "Monitor"), 7)
    assert [item.id for item in found["owasp-ml"].items] == [f"ML{n:02}:2023" for n in range(1, 11)]
    assert [item.id for item in found["owasp-llm"].items] == [f"LLM{n:02}:2025" for n in range(1, 11)]


@pytest.mark.parametrize("name", NAMES)
def test_every_item_is_a_question_on_what_there_is(name: str, rules: RuleSet) -> None:
    topics, smells = {topic for stage in (*TOPICS.values(), *LAUNCH_TOPICS.values()) for topic in stage}, {smell.id for smell in rules.smells}
    for item in ruleset.standard(name).items:
        assert item.asks.endswith("?") and item.asks.count("?") == 1, item.id
        assert set(item.topics) <= topics and set(item.smells) <= smells, item.id
        assert not item.check.endswith(".") and not item.beyond.endswith("."), item.id


# ---- judging


def test_topics_smells_traits_and_limits_make_the_verdict(run: Run, own: Path) -> None:
    expected = {"O1": "partly", "O2": "gap", "O3": "met", "O4": "partly", "O5": "met", "O6": "not-judged", "O7": "not-judged"}
    payload = table(run, "design.md", "--standard", "ours.yaml")
    assert verdicts(payload) == expected
    assert payload["documents"][0]["counts"] == {"met": 2, "partly": 2, "gap": 1, "not-judged": 2}
    items = {item["id"]: item for item in payload["documents"][0]["items"]}
    assert items["O1"]["lacks"] == ["drift"]
    assert [(shown["rule"], shown["status"]) for shown in items["O1"]["shown"]] == [("drift", "mentioned"), ("caching", "covered")]
    assert items["O3"]["shown"][0]["region"]["line"] == 4 and "cached in Redis" in items["O3"]["shown"][0]["statement"]
    assert items["O6"]["reason"] == "asked only of systems that show the trait llm or rag"
    assert items["O7"]["reason"] == "it takes the tests"


def test_a_smell_leaves_a_gap_though_the_topic_is_covered(run: Run, own: Path) -> None:
    Path("design.md").write_text(DESIGN.format(caching=STALE), encoding="utf-8")
    payload = table(run, "design.md", "--standard", "ours.yaml")
    assert (verdicts(payload)["O3"], verdicts(payload)["O5"]) == ("met", "gap")
    first = payload["documents"][0]["items"][4]["shown"][0]
    assert (first["rule"], first["status"]) == ("cache-without-expiry", "smell") and "Redis" in first["text"]
    assert "cache-without-expiry: " in run("design.md", "--standard", "ours.yaml").stdout


def test_a_smell_that_the_author_has_suppressed_leaves_none(run: Run, own: Path) -> None:
    text = DESIGN.format(caching=f"<!-- mlsd-lint disable-next=cache-without-expiry reason: flushed by hand -->\n\n{STALE}\n")
    Path("design.md").write_text(text, encoding="utf-8")
    assert verdicts(table(run, "design.md", "--standard", "ours.yaml"))["O5"] == "met"


def test_a_baseline_hides_nothing_from_a_standard(run: Run, own: Path) -> None:
    Path("design.md").write_text(DESIGN.format(caching=STALE), encoding="utf-8")
    run("design.md", "--write-baseline", "known.json")
    assert verdicts(table(run, "design.md", "--standard", "ours.yaml", "--baseline", "known.json"))["O5"] == "gap"


def test_a_topic_that_is_not_asked_does_not_count(run: Run, own: Path) -> None:
    payload = table(run, "design.md", "--standard", "ours.yaml", "--ignore", "caching")
    found = {item["id"]: item for item in payload["documents"][0]["items"]}
    assert (found["O3"]["verdict"], found["O3"]["reason"]) == ("not-judged", "not asked of this document: caching")
    assert (found["O1"]["verdict"], found["O1"]["lacks"]) == ("partly", ["drift"])


@pytest.mark.parametrize("format_", ["text", "markdown"])
def test_what_is_no_design_is_not_judged(run: Run, own: Path, format_: str) -> None:
    out = run(FIXTURES / "template-unfilled.md", "--standard", "deon", "--format", format_).stdout
    assert "not judged" in out.lower() and "Informed consent" not in out
    payload = table(run, FIXTURES / "template-unfilled.md", "--standard", "deon")
    assert set(verdicts(payload).values()) == {"not-judged"} and payload["documents"][0]["kind"] == "template"


@pytest.mark.parametrize("name", NAMES)
def test_a_full_design_meets_what_an_outline_does_not(name: str, linter: Linter) -> None:
    """The better of two designs of the same system has no item of a lower verdict for want of a topic."""
    standard = ruleset.standard(name)
    full, outline = (judge(standard, linter.lint((FIXTURES / file).read_bytes(), file)) for file in ("fraud-detection.md", "fraud-outline.md"))
    assert full.counts[Verdict.GAP] == 0
    for better, worse in zip(full.items, outline.items, strict=True):
        assert set(better.lacks) <= set(worse.lacks) or worse.verdict is Verdict.NOT_JUDGED, better.item.id


# ---- pages


@pytest.mark.parametrize(
    ("fixture", "name", "format_", "file"),
    [
        ("fraud-outline.md", "ml-test-score", "text", "fraud-outline.txt"),
        ("rag-assistant.md", "owasp-llm", "markdown", "rag-assistant.md"),
        ("draft-todos.md", "deon", "json", "draft-todos.json"),
    ],
)
def test_the_page_is_as_read(run: Run, monkeypatch: pytest.MonkeyPatch, fixture: str, name: str, format_: str, file: str) -> None:
    monkeypatch.chdir(FIXTURES)
    out = run(fixture, "--standard", name, "--format", format_).stdout
    if format_ == "json":
        payload = json.loads(out) | {"tool": None}
        out = json.dumps(payload, ensure_ascii=False, indent=2) + "\n"
    assert_golden(out, GOLDEN / file)


@pytest.mark.parametrize("name", NAMES)
def test_json_of_every_fixture_follows_the_schema(linter: Linter, rules: RuleSet, name: str) -> None:
    standard = ruleset.standard(name)
    results = [judge(standard, linter.lint(path.read_bytes(), path.name)) for path in sorted(FIXTURES.glob("*.md"))]
    payload = json.loads(standards_page.render_json(standard, results, (), rules.digest))
    jsonschema.validate(payload, json.loads(schemas.shipped("standard")))
    for document in payload["documents"]:
        assert sum(document["counts"].values()) == len(document["items"]) == ITEMS[name]


@pytest.mark.parametrize("name", NAMES)
def test_text_keeps_to_the_page_and_color_adds_nothing(run: Run, name: str) -> None:
    args = (FIXTURES / "rag-assistant.md", "--standard", name)
    plain = run(*args, "--color", "never").stdout
    wide = [line for line in plain.splitlines() if len(line) > 80 and "rag-assistant.md" not in line]
    assert not wide
    colored = run(*args, "--color", "always").stdout
    assert "\x1b[" in colored and "\x1b[" not in plain


def test_several_documents_get_a_table_each_and_unreadable_ones_are_told(run: Run, own: Path) -> None:
    Path("other.md").write_text(DESIGN.format(caching=""), encoding="utf-8")
    out = run("design.md", "other.md", "missing.md", "--standard", "ours.yaml")
    assert [line for line in out.stdout.splitlines() if line in ("design.md", "other.md")] == ["design.md", "other.md"]
    assert out.stdout.count("O7  Seven") == 2 and out.exit_code == 2 and "missing.md: " in out.stderr
    payload = table(run, "design.md", "missing.md", "--standard", "ours.yaml")
    assert [error["path"] for error in payload["errors"]] == ["missing.md"]


def test_a_comment_never_outgrows_a_forge(linter: Linter) -> None:
    standard = ruleset.standard("nist-ai-rmf")
    result = judge(standard, linter.lint((FIXTURES / "fraud-detection.md").read_bytes(), "fraud-detection.md"))
    out = standards_page.render_markdown(standard, [result] * 400)
    assert len(out) < 65_536 and "Left out for want of room" in out


def test_the_text_of_a_document_stays_text(run: Run, own: Path) -> None:
    Path("design.md").write_text(DESIGN.format(caching="Rankings are cached | in Redis <b>@team</b> for `ten` minutes."), encoding="utf-8")
    out = run("design.md", "--standard", "ours.yaml", "--format", "markdown").stdout
    (row,) = (line for line in out.splitlines() if "O3" in line)
    assert "<b>" not in row.replace("\\<", "") and " @team" not in row and row.replace("\\|", "").count("|") == 4


@pytest.mark.parametrize("options", [(), ("--fail-on", "never"), ("--min-score", "99")])
def test_score_and_exit_status_are_as_without(run: Run, own: Path, options: tuple[str, ...]) -> None:
    assert run("design.md", *options).exit_code == run("design.md", *options, "--standard", "ours.yaml").exit_code


def test_the_list_names_every_pack(run: Run) -> None:
    out = run("standards").stdout
    assert [line.split()[0] for line in out.splitlines() if line.endswith(" items")] == NAMES
    listed = json.loads(run("standards", "--format", "json").stdout)["standards"]
    assert {entry["id"]: len(entry["items"]) for entry in listed} == ITEMS


def test_a_shell_offers_standards_or_files() -> None:
    offered = [item.value for item in StandardName().shell_complete(None, None, "owasp")]  # type: ignore[arg-type]
    assert offered == ["owasp-llm", "owasp-ml"]
    assert StandardName().shell_complete(None, None, "ou")[0].type == "file"  # type: ignore[arg-type]


# ---- errors


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--standard", "ml-test-scor"), "unknown standard 'ml-test-scor'; did you mean 'ml-test-score'?"),
        (("--standard", "zzz"), "unknown standard 'zzz'; mlsd-lint standards lists what there is"),
        (("--standard", "none.yaml"), "--standard: none.yaml: no such file or directory; name a file that can be read"),
        (("--standard", "deon", "--format", "sarif"), "--format sarif: --standard does not print it; choose one of text, json, markdown"),
        (("--standard", "deon", "--write-baseline", "b.json"), "--standard: goes with neither --compare nor --write-baseline; leave one out"),
        (("--standard", "deon", "--compare", "HEAD"), "--standard: goes with neither --compare nor --write-baseline; leave one out"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(run: Run, own: Path, args: tuple[str, ...], told: str) -> None:
    result = run("design.md", *args)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"{told}\n")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[drift, caching]", "[drfit, caching]", "ours.yaml:7: item 'O1' names the unknown topic 'drfit'; did you mean 'drift'?"),
        ("[cache-without-expiry]", "[cache-with-expiry]", "ours.yaml:11: item 'O5' names the unknown smell 'cache-with-expiry'; did you mean 'cache-with"),
        ("[llm, rag]", "[lmm]", "ours.yaml:12: item 'O6' names the unknown trait 'lmm'; did you mean 'llm'?"),
        ("id: O2", "id: O1", "ours.yaml:8: the item 'O1' stands here a second time; rename or remove one"),
        ("year: 2024\n", "year: 2024\nyear: 2025\n", "ours.yaml:5: the key 'year' stands here a second time; merge the two"),
        ("title: Ours", "titel: Ours", "ours.yaml:2: unknown key 'titel' (titel); remove it or see CONTRIBUTING.md for the keys"),
        ("asks: Who tunes?, ", "", "ours.yaml:8: missing key 'asks' (items.1.asks); add it"),
        (", beyond: it takes the tests", "", "ours.yaml:13: items.6: an item needs either topics that show it"),
        ("beyond: it takes the tests", "beyond: x, check: y", "ours.yaml:13: items.6: an item that no design document can show"),
        ("standard: ours", "standard: Our Own", "ours.yaml:1: standard: string should match pattern"),
        ("items:", "items: [", "ours.yaml:7: not valid YAML"),
    ],
)
def test_a_mistake_in_a_standard_is_told_at_its_line(run: Run, own: Path, old: str, new: str, told: str) -> None:
    assert old in OWN
    own.write_text(OWN.replace(old, new, 1), encoding="utf-8")
    result = run("design.md", "--standard", "ours.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr and "Traceback" not in result.stderr


def altered(at: int, cut: int, put: str) -> str:
    """The standard with some of its characters replaced."""
    return OWN[:at] + put + OWN[at + cut :]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80) | st.builds(altered, st.integers(0, len(OWN)), st.integers(0, 30), st.text(max_size=6)))
def test_any_file_is_a_standard_or_names_its_mistake(tmp_path: Path, text: str) -> None:
    file = tmp_path / "any.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    told: list[str] = []
    try:
        assert ruleset.standard(str(file)).items
    except RuleFileError as error:
        told = error.problems
    assert all(re.match(rf"{re.escape(file.as_posix())}:\d+: .", problem) for problem in told)


def test_the_example_of_the_guide_is_sound(tmp_path: Path) -> None:
    guide = (FIXTURES.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(standard: .*?)```", guide, re.DOTALL)
    assert example
    (tmp_path / "guide.yaml").write_text(example[1], encoding="utf-8")
    assert [item.id for item in ruleset.standard(str(tmp_path / "guide.yaml")).items] == ["L1", "L2"]
