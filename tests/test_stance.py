"""How a statement is meant decides whether it can cover a topic."""

from __future__ import annotations

import pytest

from mlsd_lint.linter import Linter
from mlsd_lint.markdown import parse
from mlsd_lint.model import Kind, Stance, Status

CARRIER = "# Parcel sorting\n\nThese notes were taken in the planning week.\n\n## Notes\n\n{text}\n\nThe team meets again on Thursday.\n"


def stance_of(linter: Linter, text: str) -> Stance:
    """Stance of the last statement of a text."""
    matched = linter.matcher.match(parse(text.encode(), "a.md"))
    linter.finder.stances.read(matched)
    return matched.units[-1].stance


def status_of(linter: Linter, topic: str, text: str) -> Status:
    report = linter.lint(CARRIER.format(text=text).encode(), "a.md")
    assert report.kind is Kind.DESIGN
    return next(t.status for t in report.topics if t.rule == topic)


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("We watch the population stability index every night.", Stance.ASSERTED),
        ("How will we notice drift?", Stance.QUESTION),
        ("Latency: 200 ms?", Stance.ASSERTED),
        ("Nobody has looked at drift so far.", Stance.NEGATED),
        ("We have not decided on a split.", Stance.NEGATED),
        ("We haven't chosen a store; Postgres is at hand.", Stance.NEGATED),
        ("No significance test is planned, since all stores switch at once.", Stance.ASSERTED),
        ("Nobody looks at the scores by hand.", Stance.ASSERTED),
        ("Images never leave the line.", Stance.ASSERTED),
        ("False alarms cost ten times as often.", Stance.ASSERTED),
        ("Models often fail in production.", Stance.GENERAL),
        ("Drift detection will follow in a later version.", Stance.DEFERRED),
        ("We'll sort out the encoding later.", Stance.DEFERRED),
        ("The alarm sounds no later than 5 s after the fall.", Stance.ASSERTED),
        ("- [ ] canary release", Stance.DEFERRED),
        ("- [x] canary release at 5 %", Stance.ASSERTED),
        ("Drift: TODO", Stance.PLACEHOLDER),
        ("Drift: ???", Stance.PLACEHOLDER),
        ("Retraining: <cadence and owner>", Stance.PLACEHOLDER),
        ("- metric 1: …", Stance.PLACEHOLDER),
        ("Roll back by repointing the router (link to the runbook: TODO).", Stance.ASSERTED),
        ("> Describe how drift is detected.", Stance.PLACEHOLDER),
        ("*Explain where your labels come from.*", Stance.PLACEHOLDER),
        ("List the alternatives you considered.", Stance.PLACEHOLDER),
        ("Data drift is usually the first thing to go wrong.", Stance.GENERAL),
        ("Since 2018 GDPR has changed how firms treat data.", Stance.GENERAL),
        ("Batch inference is cheaper, online inference is fresher.", Stance.GENERAL),
        ("Companies such as Netflix test on live traffic.", Stance.GENERAL),
        ("Seasons 2019 to 2022 are for fitting, 2023 is for tuning.", Stance.ASSERTED),
        ("Sentry collects stack traces from the inference workers.", Stance.ASSERTED),
    ],
)
def test_stance_of_one_statement(linter: Linter, text: str, stance: Stance) -> None:
    assert stance_of(linter, text) is stance


@pytest.mark.parametrize(
    ("heading", "stance"),
    [("Future work", Stance.DEFERRED), ("Out of scope", Stance.NEGATED), ("Glossary", Stance.GENERAL), ("Serving", Stance.ASSERTED)],
)
def test_a_section_lends_its_stance(linter: Linter, heading: str, stance: Stance) -> None:
    assert stance_of(linter, f"# T\n\n## {heading}\n\nA canary takes 5 % of the traffic first.\n") is stance


def test_an_answered_question_covers(linter: Linter) -> None:
    assert status_of(linter, "scale-requirement", "- How many users? 100 million a day.") is Status.COVERED


def test_an_unanswered_question_does_not(linter: Linter) -> None:
    assert status_of(linter, "scale-requirement", "- How many users will there be?") is not Status.COVERED


def test_an_empty_heading_only_mentions(linter: Linter) -> None:
    assert status_of(linter, "drift", "### Data drift") is Status.MENTIONED


def test_a_filled_section_covers_without_the_keyword(linter: Linter) -> None:
    text = "### Labels\n\nA parcel counts as damaged when the customer files a claim within 30 days. The claims desk confirms each one."
    assert status_of(linter, "labels", text) is Status.COVERED


def test_a_prompt_of_a_public_template_is_known_by_its_hash(linter: Linter) -> None:
    prompt = "Start by providing a big-picture view."
    assert stance_of(linter, prompt) is Stance.PLACEHOLDER


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("bias-mitigation", "The Wayfair catalogue lists 40,000 chairs and the Mayfair office tests them."),
        ("explainability", "The shape of each parcel is stored as a mesh of 200 points."),
        ("data-split", "The team is split between two towns, and a water leak closed the lab."),
        ("ab-test", "The intake form holds the result of the rapid influenza A/B test."),
    ],
)
def test_words_inside_words_and_other_senses_do_not_count(linter: Linter, topic: str, text: str) -> None:
    assert status_of(linter, topic, text) is not Status.COVERED


def test_a_reasoned_exclusion_covers_and_a_bare_one_does_not(linter: Linter) -> None:
    assert status_of(linter, "bandits", "We use no bandit: at 200 requests a day it would never learn.") is Status.COVERED
    assert status_of(linter, "bandits", "No bandit.") is not Status.COVERED
