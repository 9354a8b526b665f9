"""mlsd-lint new: every document it can write asks and answers nothing; a filled one is a design."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result

from mlsd_lint import new, ruleset
from mlsd_lint.errors import RuleFileError
from mlsd_lint.fix import heading_for
from mlsd_lint.judge import judge_topics
from mlsd_lint.linter import Linter
from mlsd_lint.model import Kind, Status
from mlsd_lint.rule import Rule, Scenario
from mlsd_lint.ruleset import RuleSet

Run = Callable[..., Result]
KINDS = {kind.profile: kind for kind in ruleset.load().profiles}
PROFILES = list(KINDS)
PLAIN = Scenario(
    title="Stopping stolen cards at a travel seller",
    situation=(
        "A seller of tickets loses 0.6 % of its turnover to stolen cards. We score every booking in real time with XGBoost on features from Kafka, "
        "retrain it weekly, watch PSI for drift, and encrypt personal data with AES-256 because of GDPR."
    ),
    numbers=("90 requests a second at the peak, p99 latency at most 150 ms", "chargebacks arrive 45 days later; they are the labels"),
    twist="A market opens for which there is no label. What changes?",
)
PROFILE = new.Profile("fraud-detection", "Fraud detection", ("How late is the truth known --> and what then?", "How many cases can be reviewed?"))
ANSWER = "Backups are encrypted with AES-256; keys are kept in a vault."
SCENARIOS = """\
- title: A title
  situation: A situation.
  numbers: [one, two]
  twist: A twist?
"""


def filled(text: str, rules: RuleSet, example: int = 0) -> str:
    """The document with every question answered by an example of its rule."""
    for rule in rules.rules.values():
        text = with_answer(text, rule, rule.examples.covered[example])
    return text


def with_answer(text: str, rule: Rule, answer: str) -> str:
    before, found, after = text.partition(f"\n### {heading_for(rule)}\n")
    assert found
    return f"{before}{found}\n{answer}\n{after}"


def documents(name: str, rules: RuleSet) -> list[str]:
    """A fresh document for each scenario of a profile; "own" is one that says everything that a design would."""
    if name == "own":
        return [new.design(rules, PROFILE, PLAIN, 3)]
    title, asks = KINDS[name].title, [asked.ask for asked in KINDS[name].requirements]
    scenarios = ruleset.scenarios(name)
    return [new.design(rules, new.Profile(name, title, tuple(asks)), new.choose(scenarios, seed), seed) for seed in range(len(scenarios))]


each_profile = pytest.mark.parametrize("name", ["own", *PROFILES])


@each_profile
def test_a_fresh_document_is_a_template_and_answers_nothing(rules: RuleSet, linter: Linter, name: str) -> None:
    for text in documents(name, rules):
        report, judged = linter.examine(text.encode(), "new.md")
        assert report.kind is Kind.TEMPLATE
        assert [topic.rule for topic in judge_topics(rules, judged.evidence, ()) if topic.status is Status.COVERED] == []


@each_profile
def test_one_answer_makes_it_a_design_that_covers_that_topic_only(rules: RuleSet, linter: Linter, name: str) -> None:
    for text in documents(name, rules):
        report = linter.lint(with_answer(text, rules.rules["encryption"], ANSWER).encode(), "new.md")
        assert report.kind is Kind.DESIGN
        assert {topic.rule for topic in report.topics if topic.status is Status.COVERED} == {"encryption"}


@each_profile
def test_a_filled_document_is_a_good_design(rules: RuleSet, linter: Linter, name: str) -> None:
    for number, text in enumerate(documents(name, rules)):
        report = linter.lint(filled(text, rules, number % 3).encode(), "new.md")
        assert (report.kind, report.scorecard.grade) == (Kind.DESIGN, "A")


@each_profile
def test_it_asks_everything_that_the_rules_and_the_profile_ask(rules: RuleSet, name: str) -> None:
    asks = PROFILE.asks if name == "own" else [asked.ask for asked in KINDS[name].requirements]
    for text in documents(name, rules):
        asked = {" ".join(comment.split()) for comment in re.findall(r"<!--(.*?)-->", text, re.DOTALL)}
        assert {" ".join(rule.ask.split()) for rule in rules.rules.values()} <= asked
        assert len(asked) == len(rules.rules) + len(asks) + 1
        assert [int(number) for number in re.findall(r"^## (\d+)\. ", text, re.MULTILINE)] == [*rules.stage_titles, 1 + max(rules.stage_titles)]
        assert max(len(line) for line in text.splitlines() if not line.startswith("#")) <= 120


def test_the_scenario_tells_what_kind_of_system_it_is(rules: RuleSet, linter: Linter) -> None:
    text = with_answer(new.design(rules, PROFILE, PLAIN, 3), rules.rules["encryption"], ANSWER)
    assert {"fraud-abuse", "online-serving"} <= {trait.id for trait in linter.lint(text.encode(), "new.md").traits}


def test_only_what_is_quoted_as_the_question_is_no_answer(linter: Linter) -> None:
    """The same words below another heading, or not quoted, are the author's own."""
    said = "We score every booking with XGBoost and retrain it every Monday on the last 90 days.\n"

    def covered(text: str) -> set[str]:
        return {topic.rule for topic in linter.lint(text.encode(), "x.md").topics if topic.status is Status.COVERED}

    answers = covered(f"# Bookings\n\n## Approach\n\n{said}")
    assert {"model-choice", "retraining"} <= answers
    assert covered(f"# Bookings\n\n## Approach\n\n> {said}") == answers
    assert covered(f"# Bookings\n\n## The question\n\n{said}") >= {"model-choice", "retraining"}
    for heading in ("The question", "Mock question", "2. Interview question", "Scenario"):
        assert covered(f"# Bookings\n\n## {heading}\n\n> {said}>\n> - {said}") == set()


def test_what_is_asked_in_the_question_is_no_gap(linter: Linter) -> None:
    text = "# Bookings\n\n## The question\n\n> Latency: TBD by you. Which model?\n\n## Model\n\nWe score every booking with XGBoost.\n"
    assert [finding.rule for finding in linter.lint(text.encode(), "x.md").findings if finding.rule in ("unfilled-placeholder", "choice-as-question")] == []


def test_seeds_go_through_all_scenarios() -> None:
    several = tuple(PLAIN.model_copy(update={"title": title}) for title in "abc")
    assert [new.choose(several, seed).title for seed in (0, 1, 2, 3, 10)] == ["a", "b", "c", "a", "b"]


# ---- the command


@pytest.fixture
def folder(run: Run, rules: RuleSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One profile of our own in place of the packaged ones, its scenarios, and an empty current folder."""
    home = tmp_path / "rules"
    (home / "scenarios").mkdir(parents=True)
    fraud = KINDS["fraud-detection"].model_copy(update={"profile": "fraud", "title": "Fraud"})
    monkeypatch.setattr(ruleset, "load", lambda: replace(rules, profiles=(fraud,)))
    (home / "scenarios" / "fraud.yaml").write_text(SCENARIOS + SCENARIOS.replace("A title", "Another"), encoding="utf-8")
    monkeypatch.setattr(ruleset, "packaged_rules", lambda: home)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return home


def test_a_seed_gives_the_same_document_and_is_told(run: Run, folder: Path) -> None:
    first, again, other = (run("new", "fraud", "--seed", seed).stdout for seed in ("7", "7", "8"))
    assert first == again
    assert (first.splitlines()[0], other.splitlines()[0]) == ("# Fraud: Another", "# Fraud: A title")
    assert "mlsd-lint new fraud --seed 7" in first


def test_without_a_seed_the_document_tells_how_to_have_it_again(run: Run, folder: Path) -> None:
    text = run("new", "fraud").stdout
    seed = re.search(r"--seed (\d+)", text)
    assert seed and run("new", "fraud", "--seed", seed[1]).stdout == text


def test_a_file_is_written_once(run: Run, folder: Path) -> None:
    result = run("new", "fraud", "--seed", "1", "--output", "design.md")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "design.md: written\n")
    Path("design.md").write_text("my answers", encoding="utf-8")
    result = run("new", "fraud", "--seed", "1", "--output", "design.md")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "--output: design.md: is there already and was kept; name another file, or overwrite it with --force\n"
    assert Path("design.md").read_text(encoding="utf-8") == "my answers"
    assert run("new", "fraud", "--seed", "1", "--output", "design.md", "--force").exit_code == 0
    assert Path("design.md").read_text(encoding="utf-8") == run("new", "fraud", "--seed", "1").stdout


@pytest.mark.parametrize("name", ["frod", "../profiles/fraud", "", "fraud.yaml"])
def test_an_unknown_profile_is_named(run: Run, folder: Path, name: str) -> None:
    result = run("new", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"unknown profile '{name}'; ") and result.stderr.endswith("there are: fraud\n")


# ---- the files


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (SCENARIOS.replace("twist", "twits"), 4, "unknown key 'twits'"),
        (SCENARIOS.replace("  twist: A twist?\n", ""), 1, "missing key 'twist'"),
        (SCENARIOS + "- title: x\n  numbers: 3\n", 6, "numbers"),
        ("", 1, "valid list"),
        ("[]", 1, "at least 1 item"),
        ("title: a: b", 1, "not valid YAML"),
        (SCENARIOS + "  twist: again\n", 5, "second time"),
    ],
)
def test_a_broken_file_of_scenarios_is_told_at_its_line(folder: Path, text: str, line: int, told: str) -> None:
    (folder / "scenarios" / "fraud.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RuleFileError) as caught:
        ruleset.scenarios("fraud")
    first = [problem for problem in caught.value.problems if problem.startswith(f"rules/scenarios/fraud.yaml:{line}: ")]
    assert first and told in " ".join(first)


def test_a_profile_without_scenarios_is_told(run: Run, folder: Path) -> None:
    (folder / "scenarios" / "fraud.yaml").unlink()
    result = run("new", "fraud")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "rules/scenarios/fraud.yaml: no such file; write it or name another profile\n"


def test_every_profile_that_ships_has_scenarios() -> None:
    """At least three, so that practising twice is not the same."""
    assert {name: len(ruleset.scenarios(name)) >= 3 for name in KINDS} == dict.fromkeys(KINDS, True)
