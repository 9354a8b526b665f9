"""A report to the questions that an interviewer would ask next: by weight, what rests on what, and what is said already."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from mlsd_lint.compare import Direction, DocumentChange, State, TopicChange
from mlsd_lint.fix import home_headings
from mlsd_lint.judge import judge_topics
from mlsd_lint.markdown import parse
from mlsd_lint.model import BlockKind, DocumentReport, Evidence, Finding, Kind, Place, Region, Stance, Status, TopicResult
from mlsd_lint.rule import Coaching
from mlsd_lint.ruleset import RuleSet

_THIN, _BRIEF = 1, 2


class Cause(StrEnum):
    """Why something is asked."""

    MISSING = "missing"
    MENTIONED = "mentioned"
    THIN = "thin"
    WEAK_SPOT = "weak-spot"


# an interviewer follows up once, then moves on to what is still open
_ONE_AT_MOST = (Cause.THIN, Cause.WEAK_SPOT)


@dataclass(frozen=True, slots=True)
class Question:
    """One question, and the place of the document where its answer would stand.

    Attributes:
        rule: id of the topic or smell; ``stage`` is None for a smell.
        ask: the question of the rule; for a smell what is objectionable.
        because: what is wrong with what the document says, as a clause; "" for a smell.
        depth: of a thin answer, 1 or 2; else 0.
        region: what is quoted, else the heading where it would be said, else the start of the document.
        heading: the heading of that place, "" where there is none.
        quote: what the document says there, "" where it says nothing.
        related: the other places of a smell.
        value: by which it was chosen.
    """

    rule: str
    title: str
    stage: int | None
    cause: Cause
    ask: str
    because: str
    depth: int
    region: Region
    heading: str
    quote: str
    related: tuple[Place, ...]
    value: float


def judged_anyway(report: DocumentReport, evidence: dict[str, list[Evidence]], rules: RuleSet) -> DocumentReport:
    """The report of a template with its topics judged, so that a page with no answers yet can be asked about; any other report as it is."""
    return replace(report, topics=judge_topics(rules, evidence, report.traits)) if report.kind is Kind.TEMPLATE else report


def next_questions(report: DocumentReport, rules: RuleSet, count: int = 3, answered: Collection[str] = ()) -> tuple[Question, ...]:
    """What to ask next, the most important first; never a topic that is answered with depth 3 or more, suppressed or not applicable.

    A topic that rests on another is asked once that one is answered, or where nothing else is left.

    Args:
        report: of a design, or from ``judged_anyway``; other documents are asked nothing.
        rules: the rules of the review; a topic that they do not have is not asked.
        count: most questions, at least 1.
        answered: topics that have been answered lately; a thin answer of these is not followed up.
    """
    if report.kind not in (Kind.DESIGN, Kind.TEMPLATE):
        return ()
    asker = _Asker(report, rules)
    topics = [question for topic in report.topics if (question := asker.of_topic(topic)) is not None]
    topics = [question for question in topics if question.cause is not Cause.THIN or question.rule not in answered]
    spots = [question for finding in report.findings if (question := asker.of_smell(finding)) is not None]
    open_ones = {question.rule for question in topics if question.cause in (Cause.MISSING, Cause.MENTIONED)}
    before = {rule: open_ones.intersection(rules.coaching.after.get(rule, ())) for rule in open_ones}
    ready = [question for question in topics if not before.get(question.rule)]
    chosen: list[Question] = []
    _add_best(chosen, [*ready, *spots], count, rules.coaching, _ONE_AT_MOST)
    _add_best(chosen, ready, count, rules.coaching)
    while len(chosen) < count and not all(question in chosen for question in topics):
        asked = {question.rule for question in chosen}
        _add_best(chosen, [question for question in topics if before.get(question.rule, set()) <= asked], count, rules.coaching)
    _add_best(chosen, spots, count, rules.coaching)
    return tuple(chosen)


def gained(change: DocumentChange) -> list[TopicChange]:
    """The topics that are answered better; in a version that was not judged, such as a template, none was answered."""
    return [topic for topic in change.topics if topic.direction is Direction.GAINED or (_is_unjudged(topic.before) and _is_covered(topic.after))]


def lost(change: DocumentChange) -> list[TopicChange]:
    """The topics that are answered worse."""
    return [topic for topic in change.topics if topic.direction is Direction.LOST]


def _is_unjudged(state: State | None) -> bool:
    return state is None or state.status is Status.NOT_APPLICABLE


def _is_covered(state: State | None) -> bool:
    return state is not None and state.status is Status.COVERED


def _add_best(chosen: list[Question], questions: list[Question], count: int, coaching: Coaching, once: Collection[Cause] = ()) -> None:
    """Add the questions of most value up to a count, each further one of a stage worth less; the order given decides between equals.

    Args:
        once: causes for which no second question is added.
    """
    left = [question for question in questions if question not in chosen]

    def worth(question: Question) -> float:
        same = sum(other.stage == question.stage for other in chosen if question.stage is not None)
        return question.value * coaching.again**same

    while left and len(chosen) < count:
        best = max(left, key=worth)
        chosen.append(best)
        left = [question for question in left if question is not best and not (question.cause is best.cause and best.cause in once)]


class _Asker:
    """Makes the questions of one document."""

    def __init__(self, report: DocumentReport, rules: RuleSet) -> None:
        self._rules, self._coaching = rules, rules.coaching
        self._document = parse(report.source.encode(), report.path)
        self._headings = [block for block in self._document.blocks if block.kind is BlockKind.HEADING]
        self._homes = home_headings(self._document, report, rules)
        self._suppressed = {entry.finding.rule for entry in report.suppressed}
        self._smells = {smell.id: smell for smell in rules.smells if smell.id not in rules.coaching.silent}

    def of_topic(self, topic: TopicResult) -> Question | None:
        """The question of a topic, None where there is nothing to ask."""
        rule = self._rules.rules.get(topic.rule)
        cause = _cause(topic)
        if rule is None or cause is None or topic.rule in self._suppressed:
            return None
        best = self._telling(topic)
        quote = best.statement if best and not self._level_of(best) else ""
        region = best.region if best else self._home(topic.stage)
        reason = "" if cause is Cause.THIN or (best is None and topic.evidence) else topic.reason
        weight = rule.weight * self._rules.stage_weights.get(topic.stage, 1.0)
        return Question(
            rule.id, rule.title, topic.stage, cause, rule.ask, reason, topic.depth,
            region, self._heading_of(region), quote, (), weight * self._factor(topic, best),
        )  # fmt: skip

    def of_smell(self, finding: Finding) -> Question | None:
        """The question of a weak spot, None for another finding. How to mend it, which the finding says, would be the answer."""
        smell = self._smells.get(finding.rule)
        if smell is None:
            return None
        region = finding.region
        return Question(
            smell.id, smell.title, None, Cause.WEAK_SPOT, smell.told, "", 0, region, self._heading_of(region),
            self._document.source[region.start : region.end], finding.related, self._coaching.smells[finding.level],
        )  # fmt: skip

    def _telling(self, topic: TopicResult) -> Evidence | None:
        """The evidence to ask about: the best statement, else the deepest heading, under which an answer would stand; the title says little.

        A statement with no more than a word of the topic in it is none that an interviewer would take up.
        """
        telling = [evidence for evidence in topic.evidence if evidence.stance is not Stance.ASSERTED or self._is_more_than_a_word(evidence)]
        statements = [evidence for evidence in telling if not self._level_of(evidence)]
        return next(iter(statements), None) or max(telling, key=self._level_of, default=None)

    def _is_more_than_a_word(self, evidence: Evidence) -> bool:
        weights = self._rules.grading.evidence
        return evidence.strength > weights.weak + weights.words or any(weight > weights.weak for _, weight in evidence.signs)

    def _level_of(self, evidence: Evidence) -> int:
        """The level of the heading that the evidence is, 0 for any other statement."""
        block = self._document.blocks[evidence.block]
        return block.level if block.kind is BlockKind.HEADING else 0

    def _factor(self, topic: TopicResult, best: Evidence | None) -> float:
        coaching = self._coaching
        if topic.status is Status.COVERED:
            return coaching.thin if topic.depth <= _THIN else coaching.brief
        # an empty heading or a form to be filled says no more than a gap does
        said = best is not None and best.stance is not Stance.PLACEHOLDER
        return coaching.mentioned if said else coaching.missing

    def _home(self, stage: int) -> Region:
        """The heading under which an answer would stand, else the start of the document."""
        home = self._homes.get(stage)
        return self._document.region(*home.source_range(0, len(home.text))) if home else self._document.region(0, 0)

    def _heading_of(self, region: Region) -> str:
        """The heading at a place or above it, as it is read, "" where there is none."""
        above = (block for block in reversed(self._headings) if block.source_range(0, 1)[0] <= region.start)
        return next((" ".join(block.text.split()) for block in above), "")


def _cause(topic: TopicResult) -> Cause | None:
    """Why a topic is asked, None where it is not."""
    if topic.status is Status.COVERED:
        return Cause.THIN if topic.depth <= _BRIEF else None
    return {Status.MISSING: Cause.MISSING, Status.MENTIONED: Cause.MENTIONED}.get(topic.status)
