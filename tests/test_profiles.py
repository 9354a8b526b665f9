"""Profiles: what each kind of system must say, on its examples, its design and the designs of other kinds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from conftest import FIXTURES

from mlsd_lint import profiles as kinds
from mlsd_lint import ruleset as rule_files
from mlsd_lint.linter import Linter
from mlsd_lint.model import DocumentReport, Judging
from mlsd_lint.rule import LAUNCH_TOPICS, Profile, Requirement

Run = Callable[..., Result]
PACKAGED = rule_files.load()
PROFILES = {profile.profile: profile for profile in PACKAGED.profiles}
DESIGNS = {name: name for name in PROFILES} | {"forecasting": "nightly-forecast", "llm-assistant": "rag-assistant"}
EXAMPLES = [
    pytest.param(profile, asked, met, text, id=f"{profile.full_id(asked)}-{'met' if met else 'missing'}-{number}")
    for profile, asked in PACKAGED.requirements.values()
    for met, texts in ((True, asked.examples.met), (False, asked.examples.missing))
    for number, text in enumerate(texts, 1)
]
MOST_FINDINGS = 3
MOST_UNMET = 1


def reviewed(linter: Linter, design: str, *profiles: str) -> DocumentReport:
    text = (FIXTURES / f"{design}.md").read_bytes()
    return linter.lint(text, f"{design}.md", Judging(profiles=profiles or None))


def unmet(report: DocumentReport, profile: str) -> set[str]:
    return {result.rule for result in report.requirements if result.profile == profile and not result.met}


@pytest.mark.parametrize(("profile", "asked", "met", "text"), EXAMPLES)
def test_every_example_says_what_it_stands_under(linter: Linter, profile: Profile, asked: Requirement, met: bool, text: str) -> None:
    judged = linter.examine(text.encode(), "example.md").judged
    results = {result.rule: result.met for result in kinds.judge([profile], linter.smells, linter.smells.reading(judged))}
    assert results.get(profile.full_id(asked), met) is met


def test_the_kinds_of_the_framework_and_the_others_have_a_profile() -> None:
    wanted = "fraud-detection recommendation search-ranking nlp-pipeline ads forecasting computer-vision llm-assistant agents"
    wanted += " healthcare credit-hiring moderation edge"
    assert set(PROFILES) == set(wanted.split())
    for profile in PROFILES.values():
        assert 6 <= len(profile.requirements) <= 10
        assert all(asked.ask.endswith("?") and asked.references for asked in profile.requirements)


@pytest.mark.parametrize("name", PROFILES)
def test_a_good_design_of_the_kind_is_chosen_by_trait_and_passes(linter: Linter, name: str) -> None:
    report = reviewed(linter, DESIGNS[name])
    assert name in {result.profile for result in report.requirements}
    assert report.scorecard.grade in ("A", "B")
    assert len(unmet(report, name)) <= MOST_UNMET
    weighty = [finding.rule for finding in report.findings if finding.level != "note" and not finding.rule.partition("/")[2]]
    assert len(weighty) <= MOST_FINDINGS, weighty


@pytest.mark.parametrize("name", PROFILES)
def test_a_wrong_profile_shows_the_difference(linter: Linter, name: str) -> None:
    wrong = "edge" if name == "recommendation" else "recommendation"
    assert len(unmet(reviewed(linter, DESIGNS[name], wrong), wrong)) > len(unmet(reviewed(linter, DESIGNS[name], name), name)) + 1


def test_a_profile_is_named_on_the_command_line_in_a_file_or_in_front_matter(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (FIXTURES / "fraud-detection.md").read_text(encoding="utf-8")
    Path("design.md").write_text(text, encoding="utf-8")
    Path("own.md").write_text(f"---\nmlsd-lint: {{profile: edge}}\n---\n{text}", encoding="utf-8")

    def asked(*args: str) -> set[str]:
        documents = json.loads(run(*args, "--format", "json").stdout)["documents"]
        return {result["profile"] for result in documents[0]["requirements"]}

    assert asked("design.md") == {"fraud-detection"}
    assert asked("design.md", "--profile", "ads,moderation") == {"ads", "moderation"}
    assert asked("design.md", "--profile", "none") == set()
    assert asked("own.md") == {"edge"}
    Path("mlsd-lint.toml").write_text('profile = "recommendation"\n', encoding="utf-8")
    assert asked("design.md") == {"recommendation"}
    Path("mlsd-lint.toml").write_text('profile = "recomendation"\n', encoding="utf-8")
    result = run("design.md")
    assert (result.exit_code, result.stderr) == (2, "mlsd-lint.toml:1: unknown profile 'recomendation'; did you mean 'recommendation'?\n")


def test_traits_are_set_by_hand(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (FIXTURES / "fraud-detection.md").read_text(encoding="utf-8")
    Path("design.md").write_text(f"---\nmlsd-lint: {{traits: [health, -fraud-abuse, -nosuch]}}\n---\n{text}", encoding="utf-8")
    document = json.loads(run("design.md", "--format", "json").stdout)["documents"][0]
    assert "health" in document["traits"] and "fraud-abuse" not in document["traits"]
    assert {result["profile"] for result in document["requirements"]} == {"healthcare"}
    assert [finding["line"] for finding in document["findings"] if finding["rule"] == "unknown-suppression"] == [2]


def test_the_rubric_changes_what_is_asked_and_the_report_says_which(run: Run) -> None:
    path = str(FIXTURES / "fraud-detection.md")
    documents = {rubric: json.loads(run(path, "--rubric", rubric, "--format", "json").stdout)["documents"][0] for rubric in ("interview", "launch")}
    topics = {rubric: {topic["id"] for topic in document["topics"]} for rubric, document in documents.items()}
    assert topics["launch"] - topics["interview"] == {topic for added in LAUNCH_TOPICS.values() for topic in added}
    assert [document["rubric"] for document in documents.values()] == ["interview", "launch"]
    assert documents["launch"]["score"] != documents["interview"]["score"]
    assert "rubric: launch" in run(path, "--rubric", "launch").stdout


def test_why_judges_by_the_settings_and_shows_topics_of_another_rubric(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (FIXTURES / "draft-todos.md").read_text(encoding="utf-8")
    Path("design.md").write_text(text, encoding="utf-8")
    assert run("why", "ownership", "design.md").stdout.startswith("ownership in design.md: ")
    assert "not asked" not in run("why", "load-handling", "design.md").stdout
    Path("mlsd-lint.toml").write_text('traits = ["batch-only", "llm"]\n', encoding="utf-8")
    assert "not asked: batch only (as set)" in run("why", "load-handling", "design.md").stdout
    assert "load-handling" not in run("fix", "--diff", "design.md").stderr


def test_a_trait_set_by_hand_spares_a_smell(linter: Linter, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    smell = next(smell for smell in linter.ruleset.smells if smell.applies.unless)
    trait = smell.applies.unless[0]
    Path("design.md").write_text(f"---\nmlsd-lint: {{traits: [{trait}]}}\n---\n{smell.examples.bad[0]}\n", encoding="utf-8")
    assert "(as set)" in run("why", smell.id, "design.md").stdout
