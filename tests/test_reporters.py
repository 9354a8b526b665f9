"""The formats in which a report is printed."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from typing import Any

import click
import pytest
from conftest import FIXTURES
from jsonschema import Draft202012Validator

from mlsd_lint.linter import Linter
from mlsd_lint.model import (
    DocumentFailure,
    DocumentReport,
    Evidence,
    Finding,
    Kind,
    Region,
    Report,
    Scorecard,
    StageScore,
    Stance,
    Status,
    TopicResult,
    TraitFound,
)
from mlsd_lint.reporters import REPORTERS, Options
from mlsd_lint.reporters.layout import columns, quote, shorten
from mlsd_lint.ruleset import RuleSet

REGION = Region(10, 20, 7, 3, 7, 13)


@pytest.fixture
def options(rules: RuleSet) -> Options:
    return Options(rules.for_rubric("").rules, rules.digest)


def evidence(text: str, stance: Stance = Stance.ASSERTED) -> Evidence:
    return Evidence("drift", REGION, text, stance, 1.0, (("strong phrase", 1.0),), 3, 0, "", text)


def document(rules: RuleSet, *, path: str = "design.md", quoted: str = "PSI is computed each night") -> DocumentReport:
    """A design of which drift is covered, retraining mentioned, bandits not asked and all else missing."""
    told = {
        "drift": (Status.COVERED, 3, "strong phrase +1.00", (evidence(quoted),)),
        "retraining": (Status.MENTIONED, 0, "put off (“later”)", (evidence(quoted, Stance.DEFERRED),)),
        "bandits": (Status.NOT_APPLICABLE, 0, "not asked: batch only (line 3)", ()),
    }
    missing = (Status.MISSING, 0, "nothing in the document speaks to it", ())
    topics = tuple(TopicResult(rule, rules.stage_of[rule], *told.get(rule, missing)) for rule in rules.for_rubric("").rules)
    findings = tuple(
        Finding(rule.id, rule.title, rule.level, f"{rule.title} is missing. {rule.ask}", REGION, rule.why, rule.weight, fingerprint="0" * 16)
        for rule in sorted(rules.for_rubric("").rules.values(), key=lambda rule: ("error", "warning", "note").index(rule.level))
        if rule.id not in ("drift", "bandits")
    )
    stages = tuple(StageScore(number, title, 12.5 * number, "D", 1, 8, 1.0) for number, title in rules.stage_titles.items())
    card = Scorecard(61.5, "C", stages, ("stage 1: 1.00 of 8 weighted points = 12.5, counts 1",))
    return DocumentReport(path, Kind.DESIGN, "", (TraitFound("llm", "LLM", (REGION,)),), card, topics, findings)


def ungraded(rules: RuleSet, kind: Kind) -> DocumentReport:
    card = Scorecard(0.0, None, (), ("no topic was judged",))
    finding = Finding(kind.value, "Kind", "warning", f"This is a {kind.value}.", REGION, "Only designs are judged.", fingerprint="0" * 16)
    return DocumentReport("other.md", kind, "Reason.", (), card, (), (finding,))


def text(report: Report, options: Options) -> str:
    return REPORTERS["text"](report, options)


# ---- text


def test_the_text_report_says_for_every_topic_what_is_known(rules: RuleSet, options: Options) -> None:
    out = text(Report((document(rules),), ()), options)
    lines = out.splitlines()
    assert lines[0].startswith("design.md ")
    assert lines[0].endswith(" C  61.5/100")
    assert "Traits: LLM (line 7)" in lines
    for rule in rules.for_rubric("").rules:
        assert any(line.lstrip(" ✓~✗·").split(" ")[0] == rule for line in lines), rule
    assert "✓ drift" in out and "line 7   “PSI is computed each night”" in out and "●●●○○" in out
    assert "~ retraining" in out and "error: put off (“later”)" in out
    assert "· bandits" in out and "not asked: batch only (line 3)" in out


def test_the_most_important_gaps_come_first_with_question_and_reason(rules: RuleSet, options: Options) -> None:
    report = document(rules)
    out = " ".join(text(Report((report,), ()), options).split())
    first = rules.rules[report.findings[0].rule]
    assert "Most important gaps (5 of 64)" in out
    assert out.index(first.ask) < out.index(first.why) < out.index("1 Problem understanding and scope")
    assert out.count(first.ask) == 1, "the stage refers to the gap instead of repeating it"
    sixth = rules.rules[report.findings[5].rule]
    assert sixth.ask in out and sixth.why in out


def test_nothing_is_wider_than_80_columns(rules: RuleSet, options: Options) -> None:
    reports = tuple(document(rules, quoted=words) for words in ("wide " * 60, "漢字" * 60, "x" * 300, "👩🏽‍🔬 e\u0301" * 50))
    out = text(Report((*reports, ungraded(rules, Kind.TEMPLATE)), ()), replace(options, explain_score=True))
    assert max(map(columns, out.splitlines())) <= 80
    assert not any(line != line.rstrip() for line in out.splitlines())


def test_every_shipped_fixture_fits_80_columns(linter: Linter, options: Options) -> None:
    for path in sorted(FIXTURES.glob("*.md")):
        out = text(Report((linter.lint(path.read_bytes(), path.name),), ()), options)
        assert max(map(columns, out.splitlines())) <= 80, path.name


def test_colours_are_used_only_when_asked_and_change_no_text(rules: RuleSet, options: Options) -> None:
    report = Report((document(rules), ungraded(rules, Kind.NOT_ML)), ())
    plain, coloured = text(report, options), text(report, replace(options, color=True))
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert click.unstyle(coloured) == plain


def test_a_quotation_cannot_write_to_the_terminal(rules: RuleSet, options: Options) -> None:
    out = text(Report((document(rules, path="a\x1b]0;x\x07.md", quoted="red \x1b[31m\u202e text\nnext"),), ()), options)
    assert all(char.isprintable() or char == "\n" for char in out)
    assert "“red [31m text next”" in out


@pytest.mark.parametrize("kind", [Kind.TEMPLATE, Kind.NOT_ML, Kind.LANGUAGE])
def test_what_is_no_design_gets_one_sentence_and_no_topics(rules: RuleSet, options: Options, kind: Kind) -> None:
    out = text(Report((ungraded(rules, kind),), ()), options)
    assert out.splitlines()[0].split() == ["other.md", "not", "graded"]
    assert out.splitlines()[1:] == [f"This is a {kind.value}."]
    bare = replace(ungraded(rules, kind), findings=())
    assert text(Report((bare,), ()), options).splitlines()[1].endswith("Reason.")


def test_a_design_without_gaps_says_so(rules: RuleSet, options: Options) -> None:
    out = text(Report((replace(document(rules), findings=()),), ()), options)
    assert "No gaps" in out


def test_a_stage_that_is_not_asked_has_no_bar(rules: RuleSet, options: Options) -> None:
    report = document(rules)
    stages = (replace(report.scorecard.stages[0], score=None, grade=None), *report.scorecard.stages[1:])
    out = text(Report((replace(report, scorecard=replace(report.scorecard, stages=stages)),), ()), options)
    line = next(line for line in out.splitlines() if line.startswith(" 1 Problem"))
    assert line.endswith("not asked")


def test_the_arithmetic_is_shown_when_asked(rules: RuleSet, options: Options) -> None:
    report = Report((document(rules),), ())
    assert "weighted points" not in text(report, options)
    assert "  stage 1: 1.00 of 8 weighted points = 12.5, counts 1\n" in text(report, replace(options, explain_score=True))


def test_several_documents_end_in_a_summary(rules: RuleSet, options: Options) -> None:
    report = Report((document(rules), ungraded(rules, Kind.TEMPLATE)), (DocumentFailure("gone.md", "no such file"),))
    out = text(report, options)
    assert out.count("─" * 80) == 2
    summary = out[out.index("\nSummary\n") :].splitlines()
    assert summary[2].split()[:3] == ["C", "61.5", "design.md"]
    assert summary[3].split() == ["-", "other.md", "template"]
    assert summary[4].split() == ["!", "gone.md", "could", "not", "be", "read"]
    assert "Summary" not in text(Report((document(rules),), ()), options)


def test_nothing_is_printed_where_nothing_was_read(options: Options) -> None:
    assert text(Report((), (DocumentFailure("gone.md", "no such file"),)), options) == ""


@pytest.mark.parametrize(
    ("given", "width", "expected"),
    [("short", 10, "short"), ("one two three", 9, "one two…"), ("unbreakableword", 8, "unbreak…"), ("漢字漢字", 5, "漢字…")],
)
def test_shorten_cuts_at_a_space_or_at_the_column(given: str, width: int, expected: str) -> None:
    assert shorten(given, width) == expected
    assert columns(quote(given, width)) <= width


# ---- json


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(resources.files("mlsd_lint").joinpath("schema/report.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def parsed(report: Report, options: Options) -> Any:
    return json.loads(REPORTERS["json"](report, options))


def test_json_follows_its_schema(rules: RuleSet, options: Options, validator: Draft202012Validator) -> None:
    kinds = tuple(ungraded(rules, kind) for kind in Kind if kind is not Kind.DESIGN)
    payload = parsed(Report((document(rules), *kinds), (DocumentFailure("gone.md", "no such file"),)), options)
    validator.validate(payload)
    assert payload["tool"]["rules"] == rules.digest
    assert [topic["id"] for topic in payload["documents"][0]["topics"]] == list(rules.for_rubric("").rules)
    assert payload["errors"] == [{"path": "gone.md", "message": "no such file"}]


def test_json_of_every_shipped_fixture_follows_the_schema(linter: Linter, options: Options, validator: Draft202012Validator) -> None:
    documents = tuple(linter.lint(path.read_bytes(), path.name) for path in sorted(FIXTURES.glob("*.md")))
    payload = parsed(Report(documents, ()), options)
    validator.validate(payload)
    assert all([topic["id"] for topic in document["topics"]] == list(options.rules) for document in payload["documents"])


def test_the_schema_refuses_a_field_that_it_does_not_document(rules: RuleSet, options: Options, validator: Draft202012Validator) -> None:
    payload = parsed(Report((document(rules),), ()), options)
    payload["documents"][0]["extra"] = 1
    assert not validator.is_valid(payload)
