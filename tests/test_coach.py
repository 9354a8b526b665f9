"""mlsd-lint coach: what it asks, where, and how an answer changes what is asked next."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from click.testing import Result
from conftest import FIXTURES

from mlsd_lint import coach, new, ruleset, schemas
from mlsd_lint.coach import Cause, Question
from mlsd_lint.errors import RuleFileError
from mlsd_lint.fix import heading_for
from mlsd_lint.linter import Linter
from mlsd_lint.model import DocumentReport, Kind, Status
from mlsd_lint.rule import Scenario
from mlsd_lint.ruleset import RuleSet

Run = Callable[..., Result]
CORPUS = FIXTURES.parent.parent / "shared" / "corpus" / "docs"
DOCUMENTS = [*sorted(FIXTURES.glob("*.md")), *sorted(CORPUS.glob("*.md"))]
NOT_ASKED = ("glossary-stuffed.md",)
DEPTH_3 = 3
BATCH = """\
# Nightly demand forecast

A nightly batch job forecasts the demand of 40,000 articles with LightGBM, because buyers order each morning before 9.

## Data

- Labels: TBD
- Sales of three years come from the SAP warehouse each night at 2.

## Monitoring

<!-- mlsd-lint disable=drift reason: the assortment is replaced each season -->
We look at the forecasts.
"""


def asked(linter: Linter, text: str, count: int = 3) -> tuple[Question, ...]:
    """The questions on a text, as the command asks them."""
    return coach.next_questions(judged(linter, text), linter.ruleset, count)


@functools.lru_cache(maxsize=8)
def judged(linter: Linter, text: str) -> DocumentReport:
    report, judged = linter.examine(text.encode(), "x.md")
    return coach.judged_anyway(report, judged.evidence, linter.ruleset.for_rubric(""))


def is_open(report: DocumentReport, rule: str) -> bool:
    return any(topic.rule == rule and topic.status in (Status.MISSING, Status.MENTIONED) for topic in report.topics)




@pytest.fixture(scope="module", params=DOCUMENTS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    """Each document in turn, with all its tests in a row."""
    return Path(request.param)



def test_it_asks_what_is_open_or_thin_and_never_what_is_answered(linter: Linter, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    report, questions = judged(linter, text), asked(linter, text)
    topics = {topic.rule: topic for topic in report.topics}
    smells = {smell.id for smell in linter.ruleset.smells}
    assert len(questions) == (0 if path.name in NOT_ASKED else 3)
    assert len({question.rule for question in questions}) == len(questions)
    for question in questions:
        if question.cause is Cause.WEAK_SPOT:
            assert question.rule in smells & {finding.rule for finding in report.findings}
            continue
        topic = topics[question.rule]
        assert topic.status.value == question.cause.value or (topic.status is Status.COVERED and 0 < topic.depth < DEPTH_3)
        assert question.ask == linter.ruleset.rules[question.rule].ask


def test_nothing_that_weighs_much_more_is_passed_over(linter: Linter, path: Path) -> None:
    """Unless it rests on something that is still open. Stages take turns, so an equal one may wait."""
    text = path.read_text(encoding="utf-8")
    rules, report, questions = linter.ruleset, judged(linter, text), asked(linter, text)
    coaching, stages = rules.coaching, rules.stage_weights
    chosen = {question.rule for question in questions}
    passed = [
        rules.rules[topic.rule].weight * stages[topic.stage]
        for topic in report.topics
        if is_open(report, topic.rule) and topic.rule not in chosen and not any(is_open(report, rule) for rule in coaching.after.get(topic.rule, ()))
    ]
    turns = coaching.again ** (len(questions) - 1)
    for question in questions:
        if question.cause is not Cause.WEAK_SPOT:
            share = {0: coaching.mentioned, 1: coaching.thin, 2: coaching.brief}[question.depth]
            weight = rules.rules[question.rule].weight * stages[question.stage or 0] * share
            assert weight >= turns * max(passed, default=0.0), question.rule


def test_each_question_has_its_place(linter: Linter, path: Path) -> None:
    report = judged(linter, path.read_text(encoding="utf-8"))
    lines = report.source.splitlines()
    for question in coach.next_questions(report, linter.ruleset, 10):
        assert 1 <= question.region.line <= max(1, len(lines))
        assert question.quote in report.source
        above = "\n".join(lines[: question.region.line]).replace("*", "").replace("`", "")
        assert all(word in above for word in question.heading.split() if word.isalnum()), question.heading


def test_the_order_is_stable_and_more_questions_begin_with_the_fewer(linter: Linter, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert asked(linter, text, 3) == asked(linter, text, 3)
    assert asked(linter, text, 8)[:2] == asked(linter, text, 2)


def test_all_questions_come_after_those_that_they_rest_on(linter: Linter, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    report, order = judged(linter, text), [question.rule for question in asked(linter, text, 500)]
    for position, rule in enumerate(order):
        for before in linter.ruleset.coaching.after.get(rule, ()) if is_open(report, rule) else ():
            if before in order and is_open(report, before):
                assert order.index(before) < position, (before, rule)


@pytest.mark.parametrize("name", ["draft-todos", "fraud-outline", "nightly-forecast", "rag-assistant", "search-ranking"])
def test_an_answer_changes_what_is_asked_and_raises_the_score(linter: Linter, name: str) -> None:
    text = (FIXTURES / f"{name}.md").read_text(encoding="utf-8")
    for first in [question for question in asked(linter, text) if question.cause in (Cause.MISSING, Cause.MENTIONED)]:
        rule = linter.ruleset.rules[first.rule]
        answered = f"{text}\n\n## {heading_for(rule)}\n\n" + "\n\n".join(rule.examples.covered) + "\n"
        after = asked(linter, answered)
        assert [(question.rule, question.cause) for question in after] != [(question.rule, question.cause) for question in asked(linter, text)]
        assert first.rule not in [question.rule for question in after if question.cause in (Cause.MISSING, Cause.MENTIONED)]
        assert judged(linter, answered).scorecard.score > judged(linter, text).scorecard.score


def test_a_page_from_new_is_asked_from_the_beginning_until_it_is_a_good_design(linter: Linter) -> None:
    """The loop of practice: the first question that is open is answered by examples of its rule, and the next run asks something else."""
    rules = linter.ruleset
    scenario = Scenario(title="Stolen cards", situation="A shop loses money to stolen cards.", numbers=("90 payments a second",), twist="What if it doubles?")
    text = new.design(rules, new.Profile("fraud", "Fraud", ()), scenario, 0)
    first, scores, answered = asked(linter, text), [0.0], list[str]()
    assert [question.rule for question in first][0] == "ml-goal"
    assert text.splitlines()[first[0].region.line - 1] == f"### {first[0].heading}"
    while True:
        left = [question for question in asked(linter, text, 5) if question.cause in (Cause.MISSING, Cause.MENTIONED) and question.rule not in answered]
        if not left:
            break
        rule = rules.rules[left[0].rule]
        answered.append(rule.id)
        text = text.replace(f"\n### {heading_for(rule)}\n", f"\n### {heading_for(rule)}\n\n" + "\n\n".join(rule.examples.covered) + "\n")
        assert judged(linter, text).kind is Kind.DESIGN
        scores.append(judged(linter, text).scorecard.score)
    assert judged(linter, text).scorecard.grade == "A"
    assert all(later >= earlier - 1 for earlier, later in zip(scores, scores[1:], strict=False))  # a new weak spot may cost half a point


# ---- what is asked, and what is not


def test_what_is_suppressed_not_asked_for_or_ruled_out_is_no_question(linter: Linter, rules: RuleSet) -> None:
    every = {question.rule for question in asked(linter, BATCH, 500)}
    assert {"labels", "retraining", "baseline"} <= every
    assert "drift" not in every
    assert "bandits" not in every  # a forecast
    assert not every & {"unfilled-placeholder"}
    fewer = replace(rules, files=tuple(file for file in rules.files if file.stage != 2))
    assert "labels" not in {question.rule for question in coach.next_questions(judged(linter, BATCH), fewer, 500)}


def test_a_statement_is_quoted_and_a_gap_is_tied_to_the_heading_of_its_stage(linter: Linter) -> None:
    by_rule = {question.rule: question for question in asked(linter, BATCH, 500)}
    assert (by_rule["labels"].quote, by_rule["labels"].region.line, by_rule["labels"].cause) == ("Labels: TBD", 7, Cause.MENTIONED)
    assert (by_rule["alerting"].quote, by_rule["alerting"].region.line, by_rule["alerting"].heading) == ("", 10, "Monitoring")


def test_what_rests_on_something_open_waits(linter: Linter) -> None:
    """A significance level is no question while there is no experiment, and is one as soon as there is."""
    stage = "# Ranking\n\nWe rank the offers of our shop with gradient-boosted trees.\n\n## Rollout\n\n"
    before = [question.rule for question in asked(linter, stage, 500)]
    assert before.index("ab-test") < before.index("statistical-significance")
    tested = stage + "An A/B test compares the new ranking with the old one on 50 % of the users for two weeks; revenue per visit decides.\n"
    assert "ab-test" not in [question.rule for question in asked(linter, tested) if question.cause is Cause.MISSING]


def test_a_thin_answer_is_followed_up_once_and_not_where_it_is_new(linter: Linter) -> None:
    thin = "# Offers\n\n## Goal\n\nThe model ranks offers.\n\n## Features\n\nClicks and prices.\n\n## Labels\n\nPurchases are the labels.\n"
    questions = asked(linter, thin)
    followed = [question.rule for question in questions if question.cause is Cause.THIN]
    assert len(followed) == 1
    again = coach.next_questions(judged(linter, thin), linter.ruleset, 3, answered=followed)
    assert followed[0] not in {question.rule for question in again}


def test_a_weak_spot_is_asked_with_both_places_and_without_its_mend(run: Run, linter: Linter, tmp_path: Path) -> None:
    smell = next(smell for smell in linter.ruleset.smells if smell.id == "random-split-on-time")
    file = tmp_path / "x.md"
    file.write_text(smell.examples.bad[0], encoding="utf-8")
    payload = json.loads(run("coach", file, "--questions", "99", "--format", "json").stdout)
    spot = next(question for question in payload["questions"] if question["rule"] == smell.id)
    assert spot["cause"] == "weak-spot" and spot["stage"] is None
    assert spot["quote"] and spot["related"] and all(place["text"] for place in spot["related"])
    text = " ".join(run("coach", file, "--questions", "99").stdout.split())
    assert f"line {spot['related'][0]['line']}:" in text
    assert "What do you reply?" in text
    assert " ".join(smell.mend.split()) not in text


def test_at_most_one_weak_spot_while_topics_are_open(linter: Linter) -> None:
    text = "\n\n".join(smell.examples.bad[0] for smell in linter.ruleset.smells[:8])
    questions = asked(linter, text, 5)
    assert sum(question.cause is Cause.WEAK_SPOT for question in questions) == 1


# ---- the data


def test_nothing_waits_for_what_weighs_less(rules: RuleSet) -> None:
    """Else a minor question would hold up a major one."""
    worth = {rule.id: rule.weight * rules.stage_weights[rules.stage_of[rule.id]] for rule in rules.rules.values()}
    for rule, before in rules.coaching.after.items():
        assert all(worth[other] >= worth[rule] for other in before), rule


def test_silent_smells_exist(rules: RuleSet) -> None:
    assert set(rules.coaching.silent) <= {smell.id for smell in rules.smells}


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ("drfit: [labels]", "names 'drfit', which is no topic of the framework; did you mean 'drift'?"),
        ("drift: [lables]", "names 'lables', which is no topic of the framework; did you mean 'labels'?"),
        ("{drift: [labels], labels: [drift]}", "is asked after itself"),
    ],
)
def test_a_broken_order_is_told_at_its_line(tmp_path: Path, after: str, told: str) -> None:
    (tmp_path / "coach.yaml").write_text(
        f"coaching:\n  missing: 1\n  mentioned: 1\n  thin: 1\n  brief: 1\n  again: 1\n  smells: {{error: 1, warning: 1, note: 1}}\n  after:\n    {after}\n",
        encoding="utf-8",
    )
    with pytest.raises(RuleFileError) as caught:
        ruleset.load(tmp_path)
    assert any(problem.startswith(f"{tmp_path.as_posix()}/coach.yaml:9: ") and told in problem for problem in caught.value.problems)


# ---- the command


def test_the_page_for_people(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("design.md").write_text(BATCH, encoding="utf-8")
    lines = run("coach", "design.md").stdout.splitlines()
    assert lines[0].startswith("design.md: F ") and lines[0].endswith("/100")
    assert [line[:3] for line in lines if line[:1].isdigit()] == ["1. ", "2. ", "3. "]
    assert lines[-1] == "Answer in the file and run this again."
    assert max(map(len, lines)) <= 100
    assert "\x1b[" in run("coach", "design.md", "--color", "always").stdout


def test_the_json_follows_its_schema(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old.md").write_text(BATCH, encoding="utf-8")
    Path("design.md").write_text(BATCH + "\n## Baseline\n\nThe model must beat the sales of last week, whose error is 23 %.\n", encoding="utf-8")
    schema = json.loads(schemas.shipped("coach"))
    for more in ([], ["--since", "old.md"], ["--questions", "80"]):
        payload = json.loads(run("coach", "design.md", "--format", "json", *more).stdout)
        jsonschema.validate(payload, schema)
        assert ("since" in payload) is ("--since" in more)
    for path in FIXTURES.glob("*.md"):
        jsonschema.validate(json.loads(run("coach", path, "--format", "json", "--questions", "99").stdout), schema)


def test_since_tells_what_moved(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old.md").write_text(BATCH, encoding="utf-8")
    Path("design.md").write_text(BATCH + "\n## Baseline\n\nThe model must beat the sales of last week, whose error is 23 %.\n", encoding="utf-8")
    text = run("coach", "design.md", "--since", "old.md").stdout
    assert "It was: F " in text and " points since." in text
    assert "Better answered: " in text and "Baseline" in text
    assert "It was" not in run("coach", "design.md").stdout
    back = run("coach", "old.md", "--since", "design.md").stdout
    assert "Worse answered: " in back


def test_a_text_that_is_no_design_is_asked_nothing(run: Run) -> None:
    result = run("coach", FIXTURES / "glossary-stuffed.md")
    assert result.exit_code == 0
    assert "There is nothing to ask. It reads as teaching or reference text" in result.stdout


def test_standard_input_is_read(run: Run) -> None:
    assert run("coach", "-", input=BATCH.encode()).stdout.startswith("<stdin>: F ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("missing.md",), "missing.md: no such file or folder; check the name"),
        ((".",), ".: is a folder; name one document"),
        (("design.md", "--since", "nothing"), "--since"),
    ],
)
def test_what_cannot_be_asked_about_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("design.md").write_text(BATCH, encoding="utf-8")
    result = run("coach", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
