"""Taking away, or spoiling, what covers a topic takes the topic out of "covered" and leaves the others alone."""

from __future__ import annotations

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
# Every ninth covered topic of a design is spoiled in each way, starting elsewhere in each design and way.
STRIDE = 9
_MARKS = "*_`~"
_CLOSERS = _MARKS + ")]"

Wording = Callable[[Rule], str]
SPOILS: dict[str, tuple[Stance, tuple[Wording, Wording, Wording]]] = {
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


@dataclass(frozen=True)
class Reading:
    """What the linter makes of a text."""

    source: str
    statuses: dict[str, Status]
    traits: frozenset[str]
    evidence: dict[str, list[Evidence]]


@dataclass(frozen=True, order=True)
class Place:
    """A statement in the source: half-open range of characters, and the block it stands in."""

    start: int
    end: int
    block: int


@dataclass
class Mutation:
    """A text in which one topic was mutated, and the topics whose statements were touched on the way."""

    reading: Reading
    touched: set[str] = field(default_factory=set)


def lowered(rule: Rule) -> str:
    """The title of a rule as it stands within a sentence."""
    return rule.title if rule.title[:2].isupper() else rule.title[0].lower() + rule.title[1:]


def read(linter: Linter, source: str) -> Reading:
    report, judged = linter.examine(source.encode(), "design.md")
    return Reading(source, {topic.rule: topic.status for topic in report.topics}, frozenset(trait.id for trait in report.traits), judged.evidence)


@pytest.fixture(scope="module")
def readings(linter: Linter) -> dict[str, Reading]:
    """The designs as they are."""
    return {name: read(linter, (FIXTURES / f"{name}.md").read_text(encoding="utf-8")) for name in FULL_DESIGNS}


# ---- where a topic is covered


def covering(linter: Linter, topic: str, evidence: dict[str, list[Evidence]]) -> list[Evidence]:
    """All evidence that covers a topic, of its own or of the topics that imply it."""
    rule = linter.ruleset.rules[topic]
    least = linter.ruleset.grading.evidence.covered
    return [e for name in (topic, *rule.implied_by) for e in evidence.get(name, ()) if e.stance is Stance.ASSERTED and e.strength >= least]


def statement_place(document: Document, evidence: Evidence) -> Place:
    """Where the whole statement of the evidence stands."""
    region, length = evidence.region, len(evidence.statement)
    start = document.source.find(evidence.statement, max(0, region.end - length), region.start + length)
    assert 0 <= start <= region.start, evidence
    return Place(start, start + length, evidence.block)


def touched_by(document: Document, places: set[Place], evidence: dict[str, list[Evidence]]) -> Iterator[str]:
    """Topics with evidence in the statements, or in what these frame as a lead-in or parent item."""
    blocks = {place.block for place in places}
    framed = {block.index for block in document.blocks if blocks.intersection(block.context)}
    for topic, found in evidence.items():
        for e in found:
            if e.block in framed or any(p.block == e.block and p.start < e.region.end and e.region.start < p.end for p in places):
                yield topic
                break


# ---- what is put in its place


def cut(document: Document, places: Iterable[Place], instead: str) -> str:
    """The source with each statement replaced and the Markdown around it kept.

    Where something is put in its place, a row keeps its first cell and an item its bold key: what is left is a row or key nobody has filled in.
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
    cells = [block.source_range(*cell) for cell in block.cells if cell[0] < cell[1]]
    kept = 1 if instead and len(cells) > 1 else 0
    for number in reversed(range(kept, len(cells))):
        start, end = _with_marks(source, *cells[number])
        source = source[:start] + (instead if number == kept else "") + source[end:]
    return source


def _after_key(block: Block, place: Place) -> int:
    """The start of the value where the statement begins with a bold key, else the start of the statement."""
    if not 0 < block.bold_end < len(block.text):
        return place.start
    first, last = block.source_range(0, block.bold_end)
    value = max(last, block.source_range(block.bold_end, block.bold_end + 1)[0])
    return value if first <= place.start < last and value < place.end else place.start


def _with_marks(source: str, start: int, end: int) -> tuple[int, int]:
    while start and source[start - 1] in _MARKS:
        start -= 1
    while end < len(source) and source[end] in _MARKS:
        end += 1
    return start, end


def _fitted(removed: str, instead: str) -> str:
    """The replacement, with the full stop and the single mark of a pair of bold marks that the removed text had."""
    missing_stop = instead and instead.rstrip(_CLOSERS)[-1:] not in "?." and removed.rstrip(_CLOSERS).endswith(".")
    return instead + ("." if missing_stop else "") + ("**" if removed.count("**") % 2 else "")


# ---- mutating


def mutated(linter: Linter, reading: Reading, topic: str, instead: str) -> Mutation:
    """Mutate the statements that cover a topic until none is left, or the rounds are used up."""
    mutation = Mutation(reading, {topic})
    for _ in range(MOST_ROUNDS):
        now = mutation.reading
        document = parse(now.source.encode(), "design.md")
        places = {statement_place(document, e) for e in covering(linter, topic, now.evidence)}
        mutation.touched |= set(touched_by(document, places, now.evidence))
        mutation.reading = read(linter, cut(document, places, instead))
        if mutation.reading.statuses[topic] is not Status.COVERED:
            break
    return mutation


def wrong_changes(linter: Linter, before: Reading, mutation: Mutation, topic: str) -> list[str]:
    """What should not have come of the mutation of a topic."""
    after = mutation.reading
    wrong = [f"{topic} is still covered"] if after.statuses[topic] is Status.COVERED else []
    turned = before.traits ^ after.traits
    for other, status in before.statuses.items():
        now = after.statuses[other]
        if now is status or other in mutation.touched:
            continue
        named_by_the_new_words = (status, now) == (Status.MISSING, Status.MENTIONED)
        follows_a_trait = Status.NOT_APPLICABLE in (status, now) and bool(turned.intersection(linter.ruleset.rules[other].applies.unless))
        if not named_by_the_new_words and not follows_a_trait:
            wrong.append(f"{other}: {status} -> {now}")
    return wrong


@pytest.mark.parametrize("design", FULL_DESIGNS)
def test_without_its_evidence_a_topic_is_not_covered(linter: Linter, readings: dict[str, Reading], design: str) -> None:
    before = readings[design]
    found = {}
    for topic, status in before.statuses.items():
        if status is Status.COVERED:
            wrong = wrong_changes(linter, before, mutated(linter, before, topic, ""), topic)
            if wrong:
                found[topic] = wrong
    assert not found


@pytest.mark.parametrize("way", SPOILS)
@pytest.mark.parametrize("design", FULL_DESIGNS)
def test_what_settles_nothing_does_not_cover(linter: Linter, readings: dict[str, Reading], design: str, way: str) -> None:
    before = readings[design]
    stance, wordings = SPOILS[way]
    # for some topics a refusal or an open question is an answer
    rules = [rule for rule in linter.ruleset.for_rubric("").rules.values() if before.statuses[rule.id] is Status.COVERED and stance.value not in rule.accepts]
    first = (FULL_DESIGNS.index(design) + 2 * list(SPOILS).index(way)) % STRIDE
    found = {}
    for number, rule in enumerate(rules[first::STRIDE]):
        instead = wordings[number % len(wordings)](rule)
        wrong = wrong_changes(linter, before, mutated(linter, before, rule.id, instead), rule.id)
        if wrong:
            found[rule.id] = wrong
    assert not found
