"""Smells: weaknesses of a design that show where two of its places are held together."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from mlsd_lint import quantities
from mlsd_lint.fingerprint import fingerprint
from mlsd_lint.matcher import Matched, Matcher
from mlsd_lint.model import Block, BlockKind, Evidence, Finding, Hit, Place, Region, Stance, TopicResult, TraitFound
from mlsd_lint.quantities import Quantity
from mlsd_lint.rule import Condition, Conflict, Exceeds, Measure, Smell
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.tokens import normal_form

_NO_CONTENT = re.compile(r"<!--.*?-->|^[ \t>]*(?:[-*_=][ \t]*){3,}$|</?(?:br|hr|a|p|div|center|details|summary)\b[^<>]*>", re.DOTALL | re.MULTILINE)
_MARKED_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]|.*\n[ ]{0,3}(?:=+|-+)[ \t]*$", re.MULTILINE)
_LONGEST_HEADING = 7
_LONGEST_FIRST = 3  # a longer one right below the title is a subtitle
_LONGEST_GAP = 4000
_SOMETHING = re.compile(r"\w|!\[|<img")
_SHOWN_PLACES = 6
PARTS = ("when", "unless", "also", "without")  # in the order in which they are judged
_DENIAL_REACH = 3
_DENIALS = frozenset(
    "no not never without nor neither nothing non instead rather isn't aren't don't doesn't won't can't cannot avoid reject rejected".split()
)
_BOUNDING = frozenset("more less fewer later longer earlier worse below above exceed only".split())
_PERCENTILE = frozenset("p50 p90 p95 p99 p99.9 median mean average peak worst maximum minimum".split())
_SUBJECT_REACH = 8
_ASIDE_REACH = 2
_DETERMINERS = frozenset("the a an our this that its of any".split())
# after "a second" or "a minute": what shows that a time is meant and not the next of a row ("a second model")
_AFTER_TIME = frozenset(
    "a about across after ago all an and are as at average before but by during each even every for from if in into is it later long more of old on or"
    " over peak per that the then this though through to under until was we when where which while with within without".split()
)
# words that tell that a limit was of another time
_ONCE = frozenset("today currently present old previous former was were had used".split())
# words that tell another time or another system, so that two values need not agree
_OTHER_CASE = frozenset(
    "today currently present now old previous former was were had used from instead than target goal aim later then after before if".split()
)


class Spot(NamedTuple):
    """A statement that meets a condition: number of the unit, and the half-open range of its tokens that does."""

    unit: int
    start: int
    end: int


# None where a condition does not hold; a condition that rests on no place in particular holds with no spots
Spots = tuple[Spot, ...] | None


@dataclass(frozen=True)
class Judged:
    """What the smells of a document are judged by: its words and phrases, and what has been found out before."""

    matched: Matched
    evidence: dict[str, list[Evidence]]
    topics: tuple[TopicResult, ...]
    traits: tuple[TraitFound, ...]


@dataclass(frozen=True)
class Step:
    """A condition of a smell as it was judged in a document.

    Attributes:
        part: the key it stands under: when, also, without or unless, or all, any or none within them.
        holds: whether it is met; ``without`` is where it is met around every place of ``when``, in the scope of the smell.
        places: the first places that meet it; none where it rests on no place in particular.
        steps: the conditions that it is made of.
    """

    part: str
    condition: Condition
    holds: bool
    places: tuple[Place, ...]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Trace:
    """How a smell was judged: the trait that spares the document, every part of the rule, and the finding, where there is one."""

    smell: Smell
    spared: TraitFound | None
    steps: tuple[Step, ...]
    finding: Finding | None


@dataclass
class Reading:
    """What the conditions of one document are judged by; ``known`` are the numbers of the word lists that conditions name."""

    matched: Matched
    evidence: dict[str, list[Evidence]]
    topics: dict[str, TopicResult]
    traits: dict[str, TraitFound]
    known: frozenset[int]
    units_with: dict[int, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, unit in enumerate(self.matched.units):
            if unit.given:
                continue
            for listed in unit.lists & self.known:
                self.units_with.setdefault(listed, set()).add(number)

    def unit_at(self, block: int, token: int) -> int | None:
        """Number of the unit that holds a token, None where there is none."""
        units = self.matched.units
        number = bisect_right(units, (block, token), key=lambda unit: (unit.block, unit.start)) - 1
        return number if number >= 0 and units[number].block == block and token < units[number].end else None

    def with_all(self, groups: list[frozenset[int]], among: frozenset[int] | None) -> list[int]:
        """The units, of some or of all, in which each group occurs."""
        units: set[int] | None = None if among is None else set(among)
        for group in groups:
            having = set().union(*(self.units_with.get(listed, ()) for listed in group))
            units = having if units is None else units & having
            if not units:
                return []
        return sorted(units or ())


class SmellFinder:
    """Judges the smells of a rule set."""

    def __init__(self, matcher: Matcher, ruleset: RuleSet) -> None:
        self.ruleset = ruleset
        self._groups = matcher.tables.groups
        self._known = frozenset[int]().union(*self._groups.values())
        self._hits_in = matcher.hits_in
        self._number = matcher.tables.list_number
        self._denials = frozenset(map(normal_form, _DENIALS))
        self._rejected = self._number("section-rejected")
        self._bounding = frozenset(map(normal_form, _BOUNDING))

    def reading(self, judged: Judged) -> Reading:
        """A document made ready for judging conditions."""
        topics, traits = {t.rule: t for t in judged.topics}, {t.id: t for t in judged.traits}
        return Reading(judged.matched, judged.evidence, topics, traits, self._known)

    def holds(self, condition: Condition, text: Reading) -> Spots:
        """The spots that meet a condition, in reading order; None where it does not hold, none where it rests on no place in particular."""
        return self._holds(condition, text, None)

    def place(self, text: Reading, spot: Spot) -> Place:
        """The statement in which a spot lies."""
        return _place(text, spot, "")

    def find(self, judged: Judged) -> tuple[Finding, ...]:
        """A finding for every smell, in the order of the rule files; the places that show it are its region and related places."""
        return self.find_in(self.reading(judged))

    def find_in(self, text: Reading) -> tuple[Finding, ...]:
        """The same, of a document made ready before."""
        return tuple(finding for smell in self.ruleset.smells if (finding := self._judge(smell, text)) is not None)

    def trace(self, smell: Smell, judged: Judged) -> Trace:
        """How a smell of the rule set was judged, with the parts that could no longer change the outcome."""
        text = self.reading(judged)
        spared = next((text.traits[trait] for trait in smell.applies.unless if trait in text.traits), None)
        steps = []
        for part in PARTS:
            condition = getattr(smell, part)
            if condition is not None:
                steps.append(self._without_step(smell, condition, text) if part == "without" else self._step(part, condition, text, None))
        return Trace(smell, spared, tuple(steps), self._judge(smell, text))

    def _step(self, part: str, condition: Condition, text: Reading, among: frozenset[int] | None) -> Step:
        spots = self._holds(condition, text, among)
        inner = tuple(self._step(key, child, text, among) for key in ("all", "any", "none") for child in getattr(condition, key))
        return Step(part, condition, spots is not None, _places(text, spots or (), ""), inner)

    def _without_step(self, smell: Smell, wanted: Condition, text: Reading) -> Step:
        """What is wanted, looked for where the smell looks for it: around the places of ``when``."""
        spots = self._holds(smell.when, text, None) or ()
        near = None if smell.scope == "document" or not spots else frozenset().union(*(_around(text.matched, spot, smell.scope) for spot in spots))
        step = self._step("without", wanted, text, near)
        return replace(step, holds=self._lacking(smell, wanted, spots, text) is None)

    def _judge(self, smell: Smell, text: Reading) -> Finding | None:
        if any(trait in text.traits for trait in smell.applies.unless):
            return None
        spots: Spots = self._holds(smell.when, text, None)
        if spots is None or (smell.unless is not None and self._holds(smell.unless, text, None) is not None):
            return None
        others: Spots = ()
        if smell.also is not None:
            others = self._holds(smell.also, text, None)
            if others is None:
                return None
        if smell.without is not None:
            spots = self._lacking(smell, smell.without, spots, text)
            if spots is None:
                return None
        return _finding(smell, text, spots or (), others or ())

    def _lacking(self, smell: Smell, wanted: Condition, spots: tuple[Spot, ...], text: Reading) -> Spots:
        """The spots around which what is wanted is not found, None where there is none."""
        if smell.scope == "document" or not spots:
            return spots if self._holds(wanted, text, None) is None else None
        lacking = tuple(spot for spot in spots if self._holds(wanted, text, _around(text.matched, spot, smell.scope)) is None)
        return lacking or None

    # ---- conditions

    def _holds(self, condition: Condition, text: Reading, among: frozenset[int] | None) -> Spots:
        """The spots that meet a condition, in reading order; ``among`` limits them to some units."""
        if condition.all:
            return self._all(condition.all, text, among)
        if condition.any:
            found = [spots for part in condition.any if (spots := self._holds(part, text, among)) is not None]
            return tuple(sorted({spot for spots in found for spot in spots})) if found else None
        if condition.none:
            return None if any(self._holds(part, text, among) is not None for part in condition.none) else ()
        if condition.trait:
            return () if condition.trait in text.traits else None
        if condition.topic:
            return self._topic(condition, text, among)
        if condition.fact:
            return _FACTS[condition.fact](text, among)
        if condition.conflict is not None:
            return self._conflict(condition.conflict, condition, text)
        if condition.exceeds is not None:
            return self._exceeds(condition.exceeds, condition, text)
        return self._says(condition, condition.says, text, among)

    def _all(self, parts: tuple[Condition, ...], text: Reading, among: frozenset[int] | None) -> Spots:
        together: list[Spot] = []
        for part in parts:
            spots = self._holds(part, text, among)
            if spots is None:
                return None
            together += spots
        return tuple(dict.fromkeys(together))

    def _topic(self, condition: Condition, text: Reading, among: frozenset[int] | None) -> Spots:
        """Whether a topic has one of the statuses, or a statement that speaks to it holds one of the words asked for."""
        result = text.topics.get(condition.topic)
        if result is None or (not condition.holding and result.status.value not in condition.status):
            return None
        asserted = [e for e in text.evidence.get(condition.topic, ()) if e.stance is Stance.ASSERTED]
        spots = [spot for e in asserted or result.evidence if (spot := _spot_of(text, e)) is not None and (among is None or spot.unit in among)]
        if condition.holding:
            group = self._groups[condition.holding]
            besides = self._groups[condition.besides] if condition.besides else frozenset[int]()
            listed = [(spot, text.matched.units[spot.unit].lists) for spot in spots]
            spots = [spot for spot, lists in listed if not group.isdisjoint(lists) and besides.isdisjoint(lists) and self._within(condition, text, spot.unit)]
            return tuple(spots) or None
        return tuple(spots) if among is None or spots else None

    def _says(self, condition: Condition, says: tuple[str, ...], text: Reading, among: frozenset[int] | None) -> Spots:
        groups = [self._groups[group] for group in says]
        found = []
        for number in text.with_all(groups, among):
            if not self._fits(condition, text, number):
                continue
            chosen = self._chosen(condition, groups, text, number)
            if chosen:
                found.append(Spot(number, min(h.start for h in chosen), max(h.end for h in chosen)))
        if condition.distinct > 1 and self._terms_in(found, groups[0], text) < condition.distinct:
            return None
        return tuple(found) if len(found) >= condition.least else None

    def _terms_in(self, spots: list[Spot], group: frozenset[int], text: Reading) -> int:
        """How many different words of a group stand in some statements."""
        units = [text.matched.units[spot.unit] for spot in spots]
        blocks = text.matched.blocks
        found: set[str] = set()
        for unit in units:
            hits = self._hits_in(unit, group)
            longest = [h for h in hits if not any(o.start <= h.start and h.end <= o.end and (o.end - o.start) > (h.end - h.start) for o in hits)]
            found.update(" ".join(blocks[unit.block].forms[h.start : h.end]) for h in longest)
        return len(found)

    def _fits(self, condition: Condition, text: Reading, number: int) -> bool:
        """Whether a statement is of the sort that a condition asks for, whatever its words."""
        unit = text.matched.units[number]
        block = text.matched.document.blocks[unit.block]
        if unit.stance.value not in condition.stance or block.kind is BlockKind.HEADER:
            return False
        if block.kind is BlockKind.HEADING and "placeholder" not in condition.stance:
            return False
        if condition.besides and not self._groups[condition.besides].isdisjoint(unit.lists):
            return False
        if condition.reasoned is not None and unit.reasoned is not condition.reasoned:
            return False
        if condition.most_words is not None and unit.content > condition.most_words:
            return False
        if condition.bound is not None and not self._within(condition, text, number):
            return False
        if not condition.denied and any(
            text.matched.document.blocks[index].kind is BlockKind.HEADING and self._rejected in text.matched.lists[index] for index in block.context
        ):
            return False
        framed = self._framed(text, block) if condition.under or condition.not_under or condition.about else set()
        if condition.about and self._groups[condition.about].isdisjoint(unit.lists) and self._groups[condition.about].isdisjoint(framed):
            return False
        if condition.under and self._groups[condition.under].isdisjoint(framed):
            return False
        return not condition.not_under or self._groups[condition.not_under].isdisjoint(framed)

    @staticmethod
    def _framed(text: Reading, block: Block) -> set[int]:
        """Numbers of the word lists in what frames a block."""
        return set().union(*(text.matched.lists[index] for index in block.context))

    def _within(self, condition: Condition, text: Reading, number: int) -> bool:
        bound = condition.bound
        if bound is None:
            return True
        values = [q.value for q in self._quantities(bound.kind, text, number)]
        return any((bound.above is None or value > bound.above) and (bound.below is None or value < bound.below) for value in values)

    def _chosen(self, condition: Condition, groups: list[frozenset[int]], text: Reading, number: int) -> list[Hit]:
        """One hit for every group, none overlapping another and none denied, near enough to each other; empty where there is none."""
        unit = text.matched.units[number]
        forms = text.matched.blocks[unit.block].forms
        lower = text.matched.blocks[unit.block].lower
        found = [[h for h in self._hits_in(unit, group) if not _is_ordinal(lower, h.start, h.end)] for group in groups]
        hits = [self._undenied(condition, each, unit.start, forms) for each in found]
        if condition.ordered:
            return self._in_order(condition, hits, None)
        hits.sort(key=len)
        return next((chosen for hit in sorted(hits[0], key=lambda h: h.start) if (chosen := self._gathered(condition, hit, hits[1:]))), [])

    def _gathered(self, condition: Condition, first: Hit, others: list[list[Hit]]) -> list[Hit]:
        """A hit and the nearest one of every other group; empty where there is none near enough."""
        chosen = [first]
        for hits in others:
            free = [h for h in hits if not any(h.start < c.end and c.start < h.end for c in chosen)]
            near = [h for h in free if min(max(h.start - c.end, c.start - h.end) for c in chosen) <= condition.reach]
            if not near:
                return []
            chosen.append(min(near, key=lambda h: min(abs(h.start - c.start) for c in chosen)))
        return chosen

    def _undenied(self, condition: Condition, hits: list[Hit], start: int, forms: list[str]) -> list[Hit]:
        return hits if condition.denied else [h for h in hits if not self._denied(forms, max(start, h.start - _DENIAL_REACH), h.start)]

    def _in_order(self, condition: Condition, hits: list[list[Hit]], last: Hit | None) -> list[Hit]:
        """One hit for every group, each after the one before; empty where there is none."""
        for hit in sorted(hits[0], key=lambda h: h.start):
            if last is not None and not last.end <= hit.start <= last.end + condition.reach:
                continue
            rest = self._in_order(condition, hits[1:], hit) if hits[1:] else []
            if rest or not hits[1:]:
                return [hit, *rest]
        return []

    def _denied(self, forms: list[str], start: int, end: int) -> bool:
        """Whether a word of negation stands in a range; "no more than", "not below" and the like are bounds, no negation."""
        return any(forms[i] in self._denials and (i + 1 >= len(forms) or forms[i + 1] not in self._bounding) for i in range(start, end))

    # ---- quantities

    def _quantities(self, kind: str, text: Reading, number: int) -> list[Quantity]:
        """The quantities of a kind in a statement, the longest reading of each place."""
        unit = text.matched.units[number]
        words = text.matched.blocks[unit.block].words
        hits = sorted(self._hits_in(unit, frozenset((self._number(kind),))), key=lambda h: (h.start - h.end, h.start))
        read: list[Quantity] = []
        for hit in hits:
            if any(hit.start < q.end and q.start < hit.end for q in read) or _is_ordinal(words, hit.start, hit.end):
                continue
            quantity = quantities.read(kind, words, hit.start, hit.end)
            if quantity is not None:
                read.append(quantity)
        return read

    def _measured(self, measure: Measure, condition: Condition, text: Reading) -> Iterator[tuple[Spot, float]]:
        for spot in self._says(condition, measure.says, text, None) or ():
            read = self._quantities(measure.kind, text, spot.unit)
            near = min((_apart(q, spot) for q in read), default=0)
            for quantity in (q for q in read if _apart(q, spot) == near):
                yield Spot(spot.unit, min(spot.start, quantity.start), max(spot.end, quantity.end)), quantity.value

    def _exceeds(self, exceeds: Exceeds, condition: Condition, text: Reading) -> Spots:
        more = max(self._measured(exceeds.more, condition, text), key=lambda pair: pair[1], default=None)
        less = min(self._measured(exceeds.less, condition, text), key=lambda pair: pair[1], default=None)
        return (more[0], less[0]) if more is not None and less is not None and more[1] > less[1] else None

    def _conflict(self, conflict: Conflict, condition: Condition, text: Reading) -> Spots:
        """The first two statements that give different values to the same thing, in the same terms."""
        if conflict.limit:
            return self._limits_differ(conflict, condition, text)
        seen: dict[tuple[str, ...], tuple[Spot, float]] = {}
        for spot in self._says(condition, (conflict.of,), text, None) or ():
            unit = text.matched.units[spot.unit]
            words = text.matched.blocks[unit.block].lower[unit.start : unit.end]
            values = self._quantities(conflict.kind, text, spot.unit)
            near = [q for q in values if max(q.start - spot.end, spot.start - q.end) <= _SUBJECT_REACH]
            if len(near) != 1 or len(values) != 1 or not _OTHER_CASE.isdisjoint(words):
                continue
            key = (*_name_with_modifier(text, spot), *_percentiles(words))
            place = Spot(spot.unit, min(spot.start, near[0].start), max(spot.end, near[0].end))
            first = seen.setdefault(key, (place, near[0].value))
            if first[1] != near[0].value:
                return first[0], place
        return None

    def _limits_differ(self, conflict: Conflict, condition: Condition, text: Reading) -> Spots:
        """The first two statements that set limits to the same thing and share no value."""
        seen: dict[tuple[str, ...], list[tuple[Spot, set[float]]]] = {}
        for spot in self._says(condition, (conflict.of, conflict.limit), text, None) or ():
            unit = text.matched.units[spot.unit]
            words = text.matched.blocks[unit.block].lower[unit.start : unit.end]
            aside = self._hits_in(unit, self._groups[conflict.aside]) if conflict.aside else []
            values = {
                q.value
                for q in self._quantities(conflict.kind, text, spot.unit)
                if not any(0 <= q.start - h.end <= _ASIDE_REACH for h in aside)
            }
            if not values or not _ONCE.isdisjoint(words):
                continue
            key = _percentiles(words) if conflict.kind == "time" else ()
            if not conflict.alike:
                named = min(self._hits_in(unit, self._groups[conflict.of]), key=lambda h: (h.start, h.start - h.end))
                key = (*_name_with_modifier(text, Spot(spot.unit, named.start, named.end)), *key)
            for place, others in seen.setdefault(key, []):
                if others.isdisjoint(values):
                    return place, spot
            seen[key].append((spot, values))
        return None


def _name_with_modifier(text: Reading, spot: Spot) -> tuple[str, str]:
    """What a value is given to: its name, and the word before it that is no determiner."""
    unit = text.matched.units[spot.unit]
    words = text.matched.blocks[unit.block]
    before = words.lower[spot.start - 1] if spot.start > unit.start else ""
    modifier = before if before.isalpha() and before not in _DETERMINERS else ""
    return " ".join(words.forms[spot.start : spot.end]), modifier


def _is_ordinal(words: list[str], start: int, end: int) -> bool:
    """Whether words that read as a time name the next of a row: "a second model"."""
    if end - start != 2 or words[start].lower() not in ("a", "an") or words[end - 1].lower() != "second":
        return False
    after = words[end] if end < len(words) else ""
    return after.isalpha() and after.lower() not in _AFTER_TIME


def _percentiles(words: list[str]) -> tuple[str, ...]:
    """The percentiles, means and maxima that words name; "99th percentile" is p99."""
    named = _PERCENTILE.intersection(words)
    for at, word in enumerate(words):
        if word in ("percentile", "percentiles"):
            number = next((w for w in reversed(words[max(at - 2, 0) : at]) if w[0].isdigit()), "")
            named |= {f"p{number.removesuffix('th')}"} if number else set()
    return tuple(sorted(named))


def _apart(quantity: Quantity, spot: Spot) -> int:
    """Tokens between a quantity and the words that it belongs to."""
    return max(quantity.start - spot.end, spot.start - quantity.end, 0)


def _around(matched: Matched, spot: Spot, scope: str) -> frozenset[int]:
    """Numbers of the units in the same statement, block or section as a spot."""
    if scope == "statement":
        return frozenset((spot.unit,))
    home = matched.units[spot.unit].block
    if scope == "block":
        return frozenset(n for n, unit in enumerate(matched.units) if unit.block == home)
    heading = _heading_of(matched, home)
    return frozenset(n for n, unit in enumerate(matched.units) if _heading_of(matched, unit.block) == heading)


def _heading_of(matched: Matched, block: int) -> int:
    blocks = matched.document.blocks
    return next((index for index in blocks[block].context if blocks[index].kind is BlockKind.HEADING), -1)


def _spot_of(text: Reading, evidence: Evidence) -> Spot | None:
    """The statement that a piece of evidence stands in."""
    document, words = text.matched.document, text.matched.blocks[evidence.block]
    block = document.blocks[evidence.block]
    for token, (start, end) in enumerate(zip(words.starts, words.ends, strict=True)):
        if block.source_range(start, end)[1] > evidence.region.start:
            number = text.unit_at(evidence.block, token)
            return None if number is None else Spot(number, text.matched.units[number].start, text.matched.units[number].end)
    return None


# ---- facts that no word shows


def _placeholders(text: Reading, among: frozenset[int] | None) -> Spots:
    """Statements that wait to be filled in, headings excepted."""
    blocks = text.matched.document.blocks
    found = [
        Spot(n, unit.start, unit.end)
        for n, unit in enumerate(text.matched.units)
        if blocks[unit.block].kind is not BlockKind.HEADING
        and not unit.given
        and (unit.stance is Stance.PLACEHOLDER or any(c.stance is Stance.PLACEHOLDER for c in unit.open_cells))
    ]
    return tuple(spot for spot in found if among is None or spot.unit in among) or None


def _empty_sections(text: Reading, among: frozenset[int] | None) -> Spots:
    """Headings with nothing below them before the next heading of their level or above."""
    blocks = text.matched.document.blocks
    found = []
    for block, after in zip(blocks, (*blocks[1:], None), strict=True):
        last = after is None or (after.kind is BlockKind.HEADING and after.level <= block.level)
        if block.level > 1 and last and _heads_section(text, block) and not _unparsed(text, block, after):
            number = text.unit_at(block.index, 0)
            if number is not None and (among is None or number in among):
                found.append(Spot(number, text.matched.units[number].start, text.matched.units[number].end))
    return tuple(found) or None


def _heads_section(text: Reading, block: Block) -> bool:
    """Whether a block is a heading of a section: not a line in bold, not a subtitle, not a sentence."""
    words = len(block.text.split())
    if block.kind is not BlockKind.HEADING or words > (_LONGEST_HEADING if block.index > 1 else _LONGEST_FIRST):
        return False
    source, start = text.matched.document.source, block.source_range(0, 1)[0]
    return bool(_MARKED_HEADING.match(source, source.rfind("\n", 0, start) + 1))


def _unparsed(text: Reading, block: Block, after: Block | None) -> bool:
    """Whether something that is no text (code, a picture, HTML) stands between two blocks; comments, rules and markup do not count."""
    document = text.matched.document
    end = len(document.source) if after is None else after.source_range(0, 1)[0]
    start = block.source_range(0, len(block.text))[1]
    between = document.source[start : min(end, start + _LONGEST_GAP)]
    return bool(_SOMETHING.search(_NO_CONTENT.sub("", between)))


_FACTS: dict[str, Callable[[Reading, frozenset[int] | None], Spots]] = {"placeholder": _placeholders, "empty-section": _empty_sections}


# ---- findings


def _finding(smell: Smell, text: Reading, spots: tuple[Spot, ...], others: tuple[Spot, ...]) -> Finding:
    places = (*_places(text, spots, "here too"), *_places(text, others, "and this"))
    region = places[0].region if places else text.matched.document.region(0, 0)
    level = next((level for trait, level in smell.applies.level.items() if trait in text.traits), smell.level)
    sought = f" Looked for in vain: {smell.sought}." if smell.sought else ""
    marked: tuple[Region, ...] = tuple(place.region for place in places[:1])
    key = fingerprint(text.matched.document, smell.id, marked)
    return Finding(smell.id, smell.title, level, f"{smell.told}{sought} {smell.mend}", region, smell.why, related=places[1:], fingerprint=key)


def _places(text: Reading, spots: tuple[Spot, ...], note: str) -> tuple[Place, ...]:
    """One place for each statement, in reading order, as many as are shown."""
    first = {spot.unit: spot for spot in reversed(spots)}
    return tuple(_place(text, first[unit], note) for unit in sorted(first)[:_SHOWN_PLACES])


def _place(text: Reading, spot: Spot, note: str) -> Place:
    """The whole statement: a word or two of it would tell a reader little."""
    document, unit = text.matched.document, text.matched.units[spot.unit]
    words, block = text.matched.blocks[unit.block], document.blocks[unit.block]
    source = block.source_range(words.starts[unit.start], words.ends[unit.end - 1])
    return Place(document.region(*source), document.source[slice(*source)], note)
