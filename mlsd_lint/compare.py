"""Two reports of one document: what the change between them did to its grade and to every topic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mlsd_lint.model import DocumentReport, Finding, Status, TopicResult
from mlsd_lint.rule import Rule

_RANK = {Status.MISSING: 0, Status.MENTIONED: 1, Status.COVERED: 2}


class Direction(StrEnum):
    """What a change did to a topic."""

    LOST = "lost"
    GAINED = "gained"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class State:
    """A topic in one version of a document.

    Attributes:
        line: 1-based line of the best evidence, None where there is none.
        suppressed: whether its finding is suppressed.
    """

    status: Status
    depth: int
    line: int | None
    suppressed: bool


@dataclass(frozen=True, slots=True)
class TopicChange:
    """A topic that is not what it was; None is a version in which it was not judged."""

    rule: str
    title: str
    stage: int
    before: State | None
    after: State | None
    direction: Direction


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What a change did to a document.

    Attributes:
        path: of the present version; the former path of a document that was removed.
        renamed_from: the former path where it was another.
        before, after: None where there was no such document, or is none any more.
        topics: those that changed, lost ones first.
        appeared, resolved: findings that are no topics (such as an unused suppression) in one version only.
    """

    path: str
    renamed_from: str | None
    before: DocumentReport | None
    after: DocumentReport | None
    topics: tuple[TopicChange, ...]
    appeared: tuple[Finding, ...]
    resolved: tuple[Finding, ...]

    @property
    def gain(self) -> float | None:
        """How far the score rose, in points of 100; None where one version has no grade."""
        cards = [report.scorecard for report in (self.before, self.after) if report and report.scorecard.grade]
        return round(cards[1].score - cards[0].score, 1) if len(cards) == 2 else None


def compare(before: DocumentReport | None, after: DocumentReport | None, rules: Mapping[str, Rule], renamed_from: str | None = None) -> DocumentChange:
    """What changed from one report of a document to the other, of which at least one must be there."""
    report = after or before
    if report is None:
        raise ValueError("there is nothing to compare")
    was, now = _states(before), _states(after)
    changes = [_topic(rules[rule], stage, was.get((rule, stage)), now.get((rule, stage))) for rule, stage in dict.fromkeys((*now, *was))]
    order = list(Direction)
    changed = tuple(sorted((change for change in changes if change is not None), key=lambda change: order.index(change.direction)))
    old, new = _others(before), _others(after)
    return DocumentChange(report.path, renamed_from, before, after, changed if before and after else (), _only(new, old), _only(old, new))


def _states(report: DocumentReport | None) -> dict[tuple[str, int], State]:
    """The judged topics of a report, by rule and stage."""
    if report is None:
        return {}
    suppressed = {entry.finding.rule for entry in report.suppressed}
    return {(topic.rule, topic.stage): _state(topic, topic.rule in suppressed) for topic in report.topics}


def _state(topic: TopicResult, suppressed: bool) -> State:
    return State(topic.status, topic.depth, topic.evidence[0].region.line if topic.evidence else None, suppressed)


def _topic(rule: Rule, stage: int, before: State | None, after: State | None) -> TopicChange | None:
    """The change of a topic, None where nothing but its line changed."""
    if before and after and (before.status, before.depth, before.suppressed) == (after.status, after.depth, after.suppressed):
        return None
    return TopicChange(rule.id, rule.title, stage, before, after, _direction(before, after))


def _direction(before: State | None, after: State | None) -> Direction:
    if before is None or after is None or before.status not in _RANK or after.status not in _RANK:
        return Direction.OTHER
    was, now = ((_RANK[state.status], state.depth) for state in (before, after))
    if was == now:
        return Direction.OTHER
    return Direction.GAINED if now > was else Direction.LOST


def _others(report: DocumentReport | None) -> list[Finding]:
    topics = {topic.rule for topic in report.topics} if report else set()
    return [finding for finding in report.findings if finding.rule not in topics] if report else []


def _only(here: Iterable[Finding], there: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of one side that the other has not."""
    left = Counter(finding.fingerprint for finding in there)
    found = []
    for finding in here:
        if left[finding.fingerprint] > 0:
            left[finding.fingerprint] -= 1
        else:
            found.append(finding)
    return tuple(found)
