"""Taking away, or spoiling, what covers a topic takes the topic out of "covered" and leaves the others alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pytest
from conftest import FIXTURES

from mlsd_lint.linter import Linter
from mlsd_lint.markdown import parse
from mlsd_lint.model import Block, BlockKind, Document, Evidence, Stance, Status
from mlsd_lint.rule import Rule

FULL_DESIGNS = (
    "fraud-outline", "fraud-detection", "recommendation", "search-ranking", "nlp-pipeline", "rag-assistant", "nightly-forecast", "rejects-bad-practice",
)  # fmt: skip
# Taking a statement away may give the next one another role (first after its question, first after its key), so a topic is looked at again.
MOST_ROUNDS = 3
SPOILED_PER_DESIGN = 15
_MARKS = "*_`~"

# (design, topic, kind of mutation) -> why the engine still gets it wrong; a case that comes right must leave this list.
KNOWN_FAULTS: dict[tuple[str, str, str], str] = {}

SPOILS: dict[str, tuple[Stance, tuple[Callable[[Rule], str], ...]]] = {
    "todo": (
        Stance.PLACEHOLDER,
        (lambda rule: f"TODO: {lowered(rule)}", lambda rule: f"TBD ({lowered(rule)})", lambda rule: f"{rule.title} to be decided."),
    ),
    "question": (
        Stance.QUESTION,
        (lambda rule: rule.ask, lambda rule: f"What about {lowered(rule)}?", lambda rule: f"Do we need to say anything on {lowered(rule)}?"),
    ),
    "negation": (
        Stance.NEGATED,
        (
            lambda rule: f"We have not thought about {lowered(rule)} yet.",
            lambda rule: f"Nothing is decided on {lowered(rule)}.",
            lambda rule: f"There is currently no plan for {lowered(rule)}.",
        ),
    ),
    "prompt": (
        Stance.PLACEHOLDER,
        (
            lambda rule: f"*Describe the {lowered(rule)} of your system here.*",
            lambda rule: f"[Explain how you handle {lowered(rule)}.]",
            lambda rule: f"&lt;{lowered(rule)}&gt;",
        ),
    ),
}


@dataclass(frozen=True, order=True)
class Place:
    """A statement in the source: half-open range of characters, and the block it stands in."""

    start: int
    end: int
    block: int


@dataclass
class Outcome:
    """What became of a document in which one topic was mutated: statuses, and the topics that may have changed with it."""

    statuses: dict[str, Status]
    shared: set[str] = field(default_factory=set)
    source: str = ""


def lowered(rule: Rule) -> str:
    """The title of a rule as it stands within a sentence."""
    return rule.title if rule.title[:2].isupper() else rule.title[0].lower() + rule.title[1:]


def statement_place(document: Document, evidence: Evidence) -> Place:
    """Where the whole statement of the evidence stands."""
    region, length = evidence.region, len(evidence.statement)
    start = document.source.find(evidence.statement, max(0, region.end - length), region.start + length)
    assert 0 <= start <= region.start, evidence
    return Place(start, start + length, evidence.block)


def covering(linter: Linter, topic: str, evidence: dict[str, list[Evidence]]) -> list[Evidence]:
    """All evidence that covers a topic, of its own or of the topics that imply it."""
    rule = linter.ruleset.rules[topic]
    least = linter.ruleset.grading.evidence.covered
    return [e for name in (topic, *rule.implied_by) for e in evidence.get(name, ()) if e.stance is Stance.ASSERTED and e.strength >= least]


def cut(document: Document, places: Iterable[Place], instead: str) -> str:
    """The source with each statement replaced, the Markdown around it kept.

    A row keeps its first cell and an item its bold key, so that what is left is an unanswered row or key; with nothing to put in their place
    these go as well.
    """
    source = document.source
    for place in sorted(places, reverse=True):
        block = document.blocks[place.block]
        if block.kind is BlockKind.ROW:
            source = _cut_row(source, block, instead)
            continue
        start = _after_key(block, place) if instead else place.start
        start, end = _with_marks(source, start, place.end)
        source = source[:start] + _fitted(source[start:end], instead) + source[end:]
    return source


def _cut_row(source: str, block: Block, instead: str) -> str:
    ranges = [block.source_range(*cell) for cell in block.cells if cell[0] < cell[1]]
    keep = 1 if instead and len(ranges) > 1 else 0
    for number, (start, end) in reversed(list(enumerate(ranges))):
        if number < keep:
            continue
        start, end = _with_marks(source, start, end)
        source = source[:start] + (instead.replace("|", "/") if number == keep else "") + source[end:]
    return source


def _after_key(block: Block, place: Place) -> int:
    """The start of the value where the statement begins with a bold key, else the start of the statement."""
    if not 0 < block.bold_end < len(block.text):
        return place.start
    first, last = block.source_range(0, block.bold_end)
    after = block.source_range(block.bold_end, block.bold_end + 1)[0]
    return max(after, last) if first <= place.start < last and after < place.end else place.start


def _with_marks(source: str, start: int, end: int) -> tuple[int, int]:
    while start and source[start - 1] in _MARKS:
        start -= 1
    while end < len(source) and source[end] in _MARKS:
        end += 1
    return start, end


def _fitted(removed: str, instead: str) -> str:
    """The replacement, with the full stop and the single mark of a pair of bold marks that the removed text had."""
    ended = instead.rstrip(_MARKS)[-1:] in "?.])" if instead else True
    stop = "." if not ended and removed.rstrip(_MARKS).endswith(".") else ""
    return instead + stop + ("**" if removed.count("**") % 2 else "")


def statuses(linter: Linter, source: str) -> tuple[dict[str, Status], dict[str, list[Evidence]]]:
    report, evidence = linter.examine(source.encode(), "design.md")
    return {topic.rule: topic.status for topic in report.topics}, evidence


def sharing(document: Document, places: set[Place], evidence: dict[str, list[Evidence]]) -> Iterator[str]:
    """Topics with evidence in the statements, or in what these frame as a lead-in or parent item."""
    blocks = {place.block for place in places}
    framed = {block.index for block in document.blocks if blocks.intersection(block.context)}
    for topic, found in evidence.items():
        for e in found:
            if e.block in framed or any(p.block == e.block and p.start < e.region.end and e.region.start < p.end for p in places):
                yield topic
                break


def mutated(linter: Linter, source: str, evidence: dict[str, list[Evidence]], topic: str, instead: str) -> Outcome:
    """Mutate the statements that cover a topic until none is left, or the rounds are used up."""
    outcome = Outcome({}, {topic}, source)
    for _ in range(MOST_ROUNDS):
        document = parse(outcome.source.encode(), "design.md")
        places = {statement_place(document, e) for e in covering(linter, topic, evidence)}
        outcome.shared |= set(sharing(document, places, evidence))
        outcome.source = cut(document, places, instead)
        outcome.statuses, evidence = statuses(linter, outcome.source)
        if outcome.statuses[topic] is not Status.COVERED:
            break
    return outcome
