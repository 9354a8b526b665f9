"""A document held against a published standard, item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from mlsd_lint.model import DocumentReport, Finding, Kind, Region, Status, TopicResult
from mlsd_lint.rule import Standard, StandardItem


class Verdict(StrEnum):
    """What a document shows of an item."""

    MET = "met"
    PARTLY = "partly"
    GAP = "gap"
    NOT_JUDGED = "not-judged"


@dataclass(frozen=True, slots=True)
class Shown:
    """A place that a verdict rests on.

    Attributes:
        rule: id of the topic or smell.
        status: "covered" or "mentioned" for a topic, "smell" for a smell.
        text: the words that show it, "" where it is not a place but a reason that speaks.
        statement: the whole statement that they stand in.
        note: for a topic without a place, why it has its status; for a smell, what is wrong.
        region: None where no place shows it.
    """

    rule: str
    status: str
    text: str
    statement: str
    note: str
    region: Region | None


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The verdict on one item.

    Attributes:
        reason: why it is not judged; "" where it is.
        shown: places, smells first, then topics in the order of the item.
        lacks: ids of the topics that are not covered.
    """

    item: StandardItem
    verdict: Verdict
    reason: str = ""
    shown: tuple[Shown, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StandardResult:
    """One document's table: the items in the order of the standard."""

    path: str
    kind: Kind
    kind_reason: str
    items: tuple[ItemResult, ...]

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many items have each verdict, zeros included."""
        found = Counter(result.verdict for result in self.items)
        return {verdict: found[verdict] for verdict in Verdict}


def judge(standard: Standard, report: DocumentReport) -> StandardResult:
    """Hold a report against a standard.

    An item is met where all of its topics are covered and nothing is left to check, partly met where some are covered or
    mentioned, and else a gap; a finding of one of its smells makes it a gap, whatever its topics say. Topics that are not asked of
    the document do not count.
    """
    topics = {topic.rule: topic for topic in report.topics if topic.status is not Status.NOT_APPLICABLE}
    traits = {trait.id for trait in report.traits}
    items = tuple(_result(item, report, topics, traits) for item in standard.items)
    return StandardResult(report.path, report.kind, report.kind_reason, items)


def _result(item: StandardItem, report: DocumentReport, topics: dict[str, TopicResult], traits: set[str]) -> ItemResult:
    asked = [topics[name] for name in item.topics if name in topics]
    reason = _why_not_judged(item, report.kind, asked, traits)
    if reason:
        return ItemResult(item, Verdict.NOT_JUDGED, reason)
    smells = [finding for finding in report.findings if finding.rule in item.smells]
    lacks = tuple(topic.rule for topic in asked if topic.status is not Status.COVERED)
    shown = (*(_smell(finding, report.source) for finding in smells), *_topics(asked))
    return ItemResult(item, _verdict(bool(smells), asked, bool(lacks or item.check)), "", shown, lacks)


def _why_not_judged(item: StandardItem, kind: Kind, asked: list[TopicResult], traits: set[str]) -> str:
    if kind is not Kind.DESIGN:
        return f"the document is reported as {kind.value}"
    if item.only and not traits & set(item.only):
        return f"asked only of systems that show the trait {' or '.join(item.only)}"
    if item.beyond:
        return item.beyond
    return "" if asked else f"not asked of this document: {', '.join(item.topics)}"


def _verdict(smelled: bool, asked: list[TopicResult], short: bool) -> Verdict:
    if smelled or all(topic.status is Status.MISSING for topic in asked):
        return Verdict.GAP
    return Verdict.PARTLY if short else Verdict.MET


def _smell(finding: Finding, source: str) -> Shown:
    text = source[finding.region.start : finding.region.end]
    return Shown(finding.rule, "smell", text, text, finding.message, finding.region)


def _topics(asked: Iterable[TopicResult]) -> Iterator[Shown]:
    for topic in asked:
        if topic.status is Status.MISSING:
            continue
        if not topic.evidence:
            yield Shown(topic.rule, topic.status.value, "", "", topic.reason, None)
            continue
        best = topic.evidence[0]
        yield Shown(topic.rule, topic.status.value, best.text, best.statement, "", best.region)
