"""Suppressions in comments and front matter: what they hide, and what is told about those that do not work."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from conftest import FIXTURES
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_lint.linter import Linter

Run = Callable[..., Result]

# line 5 puts off the latency; nothing is said of drift, for which one would look at line 9
HEAD = "# Ranking service\n\nWe rank the offers of our shop with gradient-boosted trees. Labels are the purchases of the last 90 days.\n\n"
LATENCY = "Latency: TBD\n\n"
MONITORING = "## Monitoring\n\nEvery pod has a dashboard.\n\n"
COST = "## Limits\n\nCost: TBD\n"
PLAIN = HEAD + LATENCY + MONITORING + COST


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder with a repository of its own."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def examined(linter: Linter, text: str, path: str = "design.md", **asked: bool) -> tuple[set[str], dict[str, tuple[str, str]], list[tuple[int, str, str]]]:
    """The rules still reported, the suppressed ones with who asked and why, and the findings about suppressions."""
    report = linter.lint(text.encode(), path, **asked)
    notices = [(finding.line, finding.rule, finding.message) for finding in report.findings if finding.rule.endswith("-suppression")]
    kept = {finding.rule for finding in report.findings if not finding.rule.endswith("-suppression")}
    return kept, {entry.finding.rule: (entry.by, entry.reason) for entry in report.suppressed}, notices


def test_the_plain_design_has_the_findings_that_the_others_suppress(linter: Linter) -> None:
    kept, suppressed, notices = examined(linter, PLAIN)
    assert {"latency-requirement", "drift", "cost", "privacy"} <= kept
    assert (suppressed, notices) == ({}, [])


@pytest.mark.parametrize("verb", ["disable", "disable-document"])
@pytest.mark.parametrize("where", ["top", "middle", "end"])
def test_a_document_suppression_holds_wherever_it_stands(linter: Linter, verb: str, where: str) -> None:
    comment = f"<!-- mlsd-lint {verb}=drift, latency-requirement reason: a one-off\n  report -->\n\n"
    text = {"top": comment + PLAIN, "middle": HEAD + LATENCY + comment + MONITORING + COST, "end": PLAIN + "\n" + comment}[where]
    kept, suppressed, notices = examined(linter, text)
    assert not {"drift", "latency-requirement"} & kept
    assert {reason for _, reason in suppressed.values()} == {"a one-off report"}
    assert suppressed.keys() == {"drift", "latency-requirement"}
    assert notices == []


def test_who_asked_is_told_with_the_line(linter: Linter) -> None:
    _, suppressed, _ = examined(linter, PLAIN + "\n<!-- mlsd-lint disable=drift -->\n")
    assert suppressed == {"drift": (f"comment, line {PLAIN.count(chr(10)) + 2}", "")}


def test_a_stage_stands_for_its_rules(linter: Linter) -> None:
    kept, suppressed, notices = examined(linter, PLAIN + "\n<!-- mlsd-lint disable=stage:7 reason: small -->\n")
    assert "cost" in suppressed and "cost" not in kept and "drift" in kept
    assert notices == []


def test_a_section_suppression_holds_for_findings_that_point_into_its_section(linter: Linter) -> None:
    comment = "<!-- mlsd-lint disable-section=drift,cost,latency-requirement reason: r -->\n\n"
    kept, suppressed, notices = examined(linter, HEAD + LATENCY + MONITORING + comment + COST)
    assert suppressed.keys() == {"drift"}, "a missing topic points at the heading of its stage"
    assert {"cost", "latency-requirement"} <= kept
    assert {message for _, _, message in notices} == {f"There is no finding of '{rule}' here to suppress." for rule in ("cost", "latency-requirement")}


def test_a_section_holds_its_sub_sections_and_ends_with_the_next_of_its_level(linter: Linter) -> None:
    text = HEAD + "## Serving\n\n<!-- mlsd-lint disable-section=latency-requirement,cost -->\n\n### Speed\n\n" + LATENCY + COST
    kept, suppressed, _ = examined(linter, text)
    assert suppressed.keys() == {"latency-requirement"}
    assert "cost" in kept


def test_before_the_first_heading_a_section_is_what_stands_there(linter: Linter) -> None:
    text = "<!-- mlsd-lint disable-section=latency-requirement,cost -->\n\n" + LATENCY + "# Ranking service\n\n" + HEAD.split("\n\n", 1)[1] + COST
    kept, suppressed, _ = examined(linter, text)
    assert suppressed.keys() == {"latency-requirement"}
    assert "cost" in kept


NEXT = "<!-- mlsd-lint disable-next=latency-requirement,cost reason: r -->\n"


@pytest.mark.parametrize(
    "block",
    [
        "Latency: TBD\n\nCost: TBD\n",
        "- Accuracy: 0.9\n- Latency: TBD\n\nCost: TBD\n",
        "| What | Value |\n|---|---|\n| Latency | TBD |\n\nCost: TBD\n",
        "> Latency: TBD\n\nCost: TBD\n",
        "<!-- another comment -->\n\nLatency: TBD\n\nCost: TBD\n",
        "<!-- mlsd-lint disable-next=latency-requirement -->\nLatency: TBD\n\nCost: TBD\n",
    ],
)
def test_the_next_block_is_a_whole_paragraph_list_table_or_quotation(linter: Linter, block: str) -> None:
    kept, suppressed, _ = examined(linter, HEAD + NEXT + block)
    assert suppressed.keys() == {"latency-requirement"}
    assert "cost" in kept


def test_within_a_list_the_next_block_is_the_next_item(linter: Linter) -> None:
    kept, suppressed, _ = examined(linter, HEAD + "- Accuracy: 0.9\n  " + NEXT + "- Latency: TBD\n- Cost: TBD\n")
    assert suppressed.keys() == {"latency-requirement"}
    assert "cost" in kept


def test_offsets_are_those_of_characters_beyond_ascii_and_with_crlf(linter: Linter) -> None:
    text = (HEAD + "Größe: 日本語 🎉 é\n\n" + NEXT + "\nLatency: TBD\n\nCost: TBD\n").replace("\n", "\r\n")
    kept, suppressed, _ = examined(linter, text)
    assert suppressed.keys() == {"latency-requirement"}
    assert "cost" in kept


def test_a_comment_within_a_paragraph_or_a_quotation_counts(linter: Linter) -> None:
    text = PLAIN + "\nWe stop <!-- mlsd-lint disable=drift reason: r --> here.\n\n> <!-- mlsd-lint disable=cost\n> reason: two\n> lines -->\n> Said so.\n"
    _, suppressed, notices = examined(linter, text)
    assert {rule: reason for rule, (_, reason) in suppressed.items()} == {"drift": "r", "cost": "two lines"}
    assert notices == []


@pytest.mark.parametrize(
    "code",
    [
        "```\n<!-- mlsd-lint disable=drift -->\n```\n",
        "~~~html\n<!-- mlsd-lint disable=drift -->\n~~~\n",
        "    <!-- mlsd-lint disable=drift -->\n",
        "Write `<!-- mlsd-lint disable=drift -->` there.\n",
        "\\<!-- mlsd-lint disable=drift -->\n",
    ],
)
def test_what_stands_in_code_is_no_comment(linter: Linter, code: str) -> None:
    kept, suppressed, notices = examined(linter, PLAIN + "\n" + code)
    assert "drift" in kept
    assert (suppressed, notices) == ({}, [])


def test_mdx_has_comments_of_its_own_form(linter: Linter) -> None:
    text = PLAIN + "\n{/* mlsd-lint disable=drift reason: r */}\n\n```\n{/* mlsd-lint disable=cost */}\n```\n"
    kept, suppressed, _ = examined(linter, text, "design.mdx")
    assert {rule: reason for rule, (_, reason) in suppressed.items()} == {"drift": "r"}
    assert "cost" in kept
    assert examined(linter, text)[1] == {}


# ---- what is wrong


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("<!-- mlsd-lint -->", "write 'mlsd-lint disable=RULE reason: …'"),
        ("<!-- mlsd-lint: disable=drift -->", "write 'mlsd-lint disable=RULE reason: …'"),
        ("<!-- mlsdlint disable=drift -->", "write 'mlsd-lint disable=RULE reason: …'"),
        ("<!-- MLSD-Lint disable=drift -->", "write 'mlsd-lint disable=RULE reason: …'"),
        ("<!-- mlsd-lint disable -->", "write 'mlsd-lint disable=RULE reason: …'"),
        ("<!-- mlsd-lint disable= -->", "write 'mlsd-lint disable=RULE reason: …'"),
        ("<!-- mlsd-lint disable=drift, -->", "only 'reason: …' may follow"),
        ("<!-- mlsd-lint disabel=drift -->", "'disabel' is none of disable, "),
        ("<!-- mlsd-lint disable=drift cost -->", "only 'reason: …' may follow the names, which have commas between them"),
        ("<!-- mlsd-lint disable=drift because it is small -->", "only 'reason: …' may follow"),
        ("<!-- mlsd-lint disable=drift reason: -->", "only 'reason: …' may follow"),
        ("<!-- mlsd-lint disable-next=drift reason: r -->", "no block follows it"),
        ("<!-- mlsd-lint disable=drift reason: r", "the comment never ends; close it with '-->'"),
    ],
)
def test_a_malformed_comment_suppresses_nothing_and_is_reported(linter: Linter, comment: str, told: str) -> None:
    kept, suppressed, notices = examined(linter, PLAIN + "\n" + comment + "\n")
    assert "drift" in kept
    assert suppressed == {}
    assert [(line, rule) for line, rule, _ in notices] == [(PLAIN.count("\n") + 2, "malformed-suppression")]
    assert told in notices[0][2]


def test_other_comments_are_left_alone(linter: Linter) -> None:
    assert examined(linter, PLAIN + "\n<!-- prettier-ignore -->\n<!-- we use mlsd-lint here -->\n")[2] == []


def test_an_unknown_name_is_reported_and_the_others_count(linter: Linter) -> None:
    _, suppressed, notices = examined(linter, PLAIN + "\n<!-- mlsd-lint disable=drfit,cost,qqqq -->\n")
    assert suppressed.keys() == {"cost"}
    assert [(rule, message) for _, rule, message in notices] == [
        ("unknown-suppression", "No rule is called 'drfit'; did you mean 'drift'?"),
        ("unknown-suppression", "No rule is called 'qqqq'; mlsd-lint rules lists the names."),
    ]


def test_what_suppresses_nothing_is_reported(linter: Linter) -> None:
    _, suppressed, notices = examined(linter, PLAIN + "\n<!-- mlsd-lint disable=model-choice,cost -->\n")
    assert suppressed.keys() == {"cost"}
    assert [(rule, message) for _, rule, message in notices] == [("unused-suppression", "There is no finding of 'model-choice' here to suppress.")]


def test_a_required_reason_makes_one_without_malformed(linter: Linter) -> None:
    text = PLAIN + "\n<!-- mlsd-lint disable=drift -->\n\n<!-- mlsd-lint disable=cost reason: r -->\n"
    kept, suppressed, notices = examined(linter, text, require_reason=True)
    assert "drift" in kept and suppressed.keys() == {"cost"}
    assert "it gives no reason, which the configuration requires" in notices[0][2]


def test_a_document_that_is_no_design_keeps_its_kind_unless_that_is_suppressed(linter: Linter) -> None:
    template = (FIXTURES / "template-unfilled.md").read_text(encoding="utf-8")
    kept, _, notices = examined(linter, template + "\n<!-- mlsd-lint disable=drift -->\n")
    assert (kept, notices) == ({"template"}, []), "topics are not asked, so nothing is unused"
    kept, suppressed, _ = examined(linter, template + "\n<!-- mlsd-lint disable=template reason: our form -->\n")
    assert (kept, suppressed.keys()) == (set(), {"template"})


def test_suppressing_changes_neither_status_nor_score(linter: Linter) -> None:
    before = linter.lint(PLAIN.encode(), "a.md")
    after = linter.lint((PLAIN + "\n<!-- mlsd-lint disable=drift,stage:6 reason: r -->\n").encode(), "a.md")
    assert after.scorecard == before.scorecard
    assert [(topic.rule, topic.status) for topic in after.topics] == [(topic.rule, topic.status) for topic in before.topics]


# ---- front matter

YAML = "---\ntitle: Ranking\nmlsd-lint:\n  disable:\n    - {rule: drift, reason: a one-off}\n    - cost\n---\n"
TOML = '+++\ntitle = "Ranking"\n[mlsd-lint]\ndisable = [\n  {rule = "drift", reason = "a one-off"},\n  "cost",\n]\n+++\n'


@pytest.mark.parametrize("front", [YAML, TOML, YAML.replace("\n", "\r\n")])
def test_front_matter_suppresses_for_the_document(linter: Linter, front: str) -> None:
    kept, suppressed, notices = examined(linter, front + PLAIN)
    assert suppressed == {"drift": ("front matter, line 5", "a one-off"), "cost": ("front matter, line 6", "")}
    assert not {"drift", "cost"} & kept
    assert notices == []


@pytest.mark.parametrize(
    ("front", "line", "told"),
    [
        ("---\nmlsd-lint:\n  disabel: [drift]\n---\n", 3, "unknown key 'mlsd-lint.disabel'"),
        ("---\nmlsd-lint:\n  disable:\n    - {rule: drift, resaon: r}\n---\n", 4, "unknown key 'mlsd-lint.disable.resaon'"),
        ("---\ntitle: x\nmlsd-lint: drift\n---\n", 3, "'mlsd-lint' cannot be read"),
        ("---\nmlsd-lint:\n  disable:\n    - 3\n---\n", 4, "'mlsd-lint.disable' cannot be read"),
        ("---\nmlsd-lint: {disable: [drift]\n---\n", 3, "not valid YAML"),
        ("---\nmlsd-lint: !!python/object/apply:os.getcwd []\n---\n", 2, "not valid YAML"),
        ("+++\n[mlsd-lint]\ndisable = drift\n+++\n", 3, "invalid value"),
    ],
)
def test_malformed_front_matter_suppresses_nothing_and_is_reported(linter: Linter, front: str, line: int, told: str) -> None:
    kept, suppressed, notices = examined(linter, front + PLAIN)
    assert "drift" in kept and suppressed == {}
    assert (notices[0][0], notices[0][1]) == (line, "malformed-suppression")
    assert told in notices[0][2]


def test_front_matter_of_others_is_left_alone(linter: Linter) -> None:
    assert examined(linter, "---\ntitle: [broken\n---\n" + PLAIN)[2] == []
    assert examined(linter, "---\ntags: [mlsd-lint]\n---\n" + PLAIN)[2] == []


# ---- unbounded inputs

PIECES = st.sampled_from(
    ["<!-- ", "mlsd-lint", " ", "disable", "-next", "-section", "=", "drift", ",", "reason:", "x", "-->", "\n", "```", "> ", "- ", "<", "é"]
)


@given(st.lists(PIECES, max_size=25).map("".join))
@settings(max_examples=150, deadline=None)
def test_whatever_a_comment_says_every_finding_is_kept_or_suppressed(linter: Linter, tail: str) -> None:
    report = linter.lint((PLAIN + "\n" + tail).encode(), "a.md")
    own = {finding.rule for finding in report.findings} | {entry.finding.rule for entry in report.suppressed}
    open_topics = {topic.rule for topic in report.topics if topic.status.value in ("missing", "mentioned")}
    smells = {smell.id for smell in linter.ruleset.smells}
    assert own - {"malformed-suppression", "unknown-suppression", "unused-suppression"} - smells == open_topics
    assert {entry.finding.rule for entry in report.suppressed} <= {"drift"}
    for finding in report.findings:
        assert report.source[finding.region.start : finding.region.end].count("\n") == finding.region.end_line - finding.region.line


# ---- through the command line


def payload(run: Run, *args: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run("design.md", "--format", "json", *args).stdout)["documents"][0]
    return document


def test_suppressed_findings_do_not_fail_and_are_counted_and_listed(run: Run, here: Path) -> None:
    (here / "design.md").write_text(PLAIN + "\n<!-- mlsd-lint disable=drift reason: a one-off -->\n", encoding="utf-8")
    assert run("design.md", "--select", "drift").exit_code == 0
    assert run("design.md", "--select", "alerting", "--ignore", "drift").exit_code == run("design.md", "--select", "alerting").exit_code
    text = run("design.md").stdout
    assert "Suppressed: 1 by comment (--show-suppressed lists them)" in text
    assert "✗ drift                  suppressed, comment, line 15: a one-off" in text
    listed = run("design.md", "--show-suppressed", "--select", "drift").stdout
    assert "No gaps but those that are suppressed." in listed
    assert "\n     comment, line 15: a one-off\n" in listed


def test_what_is_not_asked_is_neither_suppressed_nor_unused(run: Run, here: Path) -> None:
    (here / "design.md").write_text(PLAIN + "\n<!-- mlsd-lint disable=drift -->\n", encoding="utf-8")
    document = payload(run, "--select", "cost")
    assert [finding["rule"] for finding in document["findings"]] == ["cost"]
    assert document["suppressed"] == []


def test_findings_about_suppressions_are_shown_and_can_be_set(run: Run, here: Path) -> None:
    (here / "design.md").write_text(PLAIN + "\n<!-- mlsd-lint disable=drfit -->\n", encoding="utf-8")
    text = run("design.md").stdout
    assert "Other findings: 1 warning\n  line 15: Unknown name in a suppression" in text
    (here / "mlsd-lint.toml").write_text('levels = {unknown-suppression = "error"}', encoding="utf-8")
    assert next(finding for finding in payload(run)["findings"] if finding["rule"] == "unknown-suppression")["level"] == "error"
    assert run("design.md", "--select", "model-choice").exit_code == 1
    assert run("design.md", "--select", "model-choice", "--ignore", "unknown-suppression").exit_code == 0


def test_the_configuration_requires_reasons(run: Run, here: Path) -> None:
    (here / "design.md").write_text(PLAIN + "\n<!-- mlsd-lint disable=drift -->\n", encoding="utf-8")
    assert [entry["rule"] for entry in payload(run)["suppressed"]] == ["drift"]
    (here / "mlsd-lint.toml").write_text("require-reason = true", encoding="utf-8")
    document = payload(run)
    assert document["suppressed"] == []
    assert "malformed-suppression" in {finding["rule"] for finding in document["findings"]}
