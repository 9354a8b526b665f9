"""Matched units to Evidence: how strongly each statement speaks to each topic, and how deep it goes."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mlsd_lint.matcher import BlockWords, Matched, Matcher
from mlsd_lint.model import BlockKind, Evidence, Hit, Stance, Unit
from mlsd_lint.phrases import TRAIT_PREFIX, Combination
from mlsd_lint.rule import EnumerationLimits, EvidenceWeights
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.stance import StanceReader

_ROLE_RANK = {"named": 3, "strong": 2, "weak": 1}
_SEEDS = 8
_LEAST_MET = 2
_RUN_IN_WORDS = 10
_ASKING_ROLES = frozenset(("heading", "strong", "named"))
# places under a heading or key of the topic are shown before stronger ones elsewhere
_HOME = 0.7
_HOME_SIGNS = ("value after", "filled cell", "answer to", "under a heading", "within a section of the topic")

# tokens between words that together say something; two words that far apart in a long sentence are mostly chance
_REACH = 18
_REACH_OF_PAIR = 12
_CONTEXT_REACH = 4
_SECTION_WORDS = 4
_FULL_WORDS = 6
_BARE_WORDS = 2
_TABLE_CELL_WORDS = 1
_SEPARATORS = frozenset((",", ";", "/", "|", "·", "•", "and", "or"))
_TYING_WORDS = frozenset(
    "we our us is are was were will be because since until per every each daily weekly nightly monthly with from into to by if than".split()
)


@dataclass(slots=True)
class _Frame:
    """What frames a block: lists and roles that occur in its headings, lead-in, parent items and table header.

    ``candidates`` are the combinations whose rarest group it meets.
    """

    lists: set[int]
    headings: set[str]
    contexts: set[str]
    section: set[str]
    candidates: frozenset[int] = frozenset()


class _Sighting(NamedTuple):
    """One topic in one statement: a half-open token range, the stance, and the signs with their weights."""

    rule: str
    unit: Unit
    start: int
    end: int
    stance: Stance
    cue: str
    signs: list[tuple[str, float]]

    @property
    def strength(self) -> float:
        return round(sum(weight for _, weight in self.signs), 3)

    def order(self) -> tuple[bool, float, int, int]:
        """What a reader wants first: asserted, under the topic's own heading or key, strong, early."""
        home = any(name.startswith(_HOME_SIGNS) for name, _ in self.signs)
        return self.stance is not Stance.ASSERTED, -self.strength - _HOME * home, self.unit.block, self.start


@dataclass(slots=True)
class _Named:
    """The hits of one statement by rule: with their class, as keys, and what stands against them."""

    hits: dict[str, list[tuple[str, Hit]]]
    keys: dict[str, Hit]
    excepts: dict[str, list[Hit]]
    vetoed: set[str]


class EvidenceFinder:
    """Adds up the signs of evidence for every topic in every statement.

    The method is our own: a sum of weights (rules/grading.yaml) in place of a yes or no, so that a weak phrase counts
    only in company and ``mlsd-lint why`` can show the sum.
    """

    def __init__(self, matcher: Matcher, ruleset: RuleSet) -> None:
        self.matcher = matcher
        self.weights: EvidenceWeights = ruleset.grading.evidence
        self.enumerations = ruleset.grading.enumerations
        self.stances = StanceReader(matcher)
        number = matcher.tables.list_number
        self._quantity = {number(n) for n in ("time", "rate", "money", "percent", "size", "count")}
        self._cadence = number("cadence")
        self._product = number("product")
        self._plan = {number("plan"), number("stance-ours")}
        self._hedge = number("stance-hedge")
        self._reason = {number("reason"), number("stance-reason")}
        self._compare = number("compare")
        self._negation = number("stance-negation")
        self._threshold = number("threshold")
        self._people = number("people")
        combinations = matcher.tables.combinations
        self._second_groups = [combination.groups[1] for combination in combinations]
        self._candidates_of: dict[int, frozenset[int]] = {}
        self._accepts = {rule.id: frozenset(rule.accepts) for rule in ruleset.rules.values()}

    def find(self, matched: Matched, most: int | None = None) -> dict[str, list[Evidence]]:
        """Evidence by rule, the best ``most`` or all of it: asserted before the rest, at home before elsewhere, then by strength."""
        self.stances.read(matched)
        seen: dict[tuple[int, ...], _Frame] = {}
        frames = []
        for block in matched.document.blocks:
            frame = seen.get(block.context)
            if frame is None:
                frame = seen[block.context] = self._frame(matched, block.context)
            frames.append(frame)
        found: dict[str, list[_Sighting]] = defaultdict(list)
        covered_by: dict[tuple[int, int], int] = defaultdict(int)
        previous: Unit | None = None
        for unit in matched.units:
            if unit.given:
                continue
            if previous is None or previous.block != unit.block:
                lead, asked = set(), set()
            elif previous.stance is Stance.QUESTION:
                asked = self._asked(previous)
            elif previous.start == 0:
                lead = self._run_in(matched, previous)
            for sighting in self._of_unit(matched, unit, frames[unit.block], lead, asked):
                found[sighting.rule].append(sighting)
                covered_by[unit.block, unit.start] += sighting.stance is Stance.ASSERTED and sighting.strength >= self.weights.covered
            previous = unit
        limits = self.enumerations
        crowded = [u for u in matched.units if covered_by.get((u.block, u.start), 0) >= limits.topics]
        bare = {(u.block, u.start) for u in crowded if is_enumeration(matched.blocks[u.block].lower[u.key_end or u.start : u.end], limits)}
        return {rule: [self._evidence(matched, s, bare) for s in sorted(rows, key=_Sighting.order)[:most]] for rule, rows in found.items()}

    # ---- what frames a block

    def _frame(self, matched: Matched, context: tuple[int, ...]) -> _Frame:
        frame = _Frame(set(), set(), set(), set())
        headings_seen = 0
        for other in context[: _CONTEXT_REACH + 2]:
            framing = matched.document.blocks[other]
            words = matched.blocks[other]
            is_heading = framing.kind is BlockKind.HEADING
            headings_seen += is_heading
            if headings_seen > _CONTEXT_REACH:
                break
            frame.lists |= matched.lists[other]
            for hit in words.hits:
                for rule, role in self.matcher.tables.roles_of(hit.term):
                    if role == "heading" and not self._excluded(rule, words, hit):
                        frame.headings.add(rule)
                        if (is_heading and headings_seen == 1) or framing.leads or framing.kind in (BlockKind.ITEM, BlockKind.HEADER):
                            frame.section.add(rule)
                    elif role in ("context", "strong", "named", "weak"):
                        frame.contexts.add(rule)
        by_list = self.matcher.tables.by_list
        frame.candidates = frozenset(index for number in frame.lists for index in by_list.get(number, ()))
        return frame

    def _excluded(self, rule: str, words: BlockWords, hit: Hit) -> bool:
        return any(
            other.start < hit.end and hit.start < other.end and (rule, "except") in self.matcher.tables.roles_of(other.term)
            for other in words.hits
        )

    # ---- one unit

    def _of_unit(self, matched: Matched, unit: Unit, frame: _Frame, lead: set[str], asked: set[str]) -> Iterator[_Sighting]:
        block, words = matched.document.blocks[unit.block], matched.blocks[unit.block]
        if block.kind is BlockKind.HEADER:
            return
        named = self._named(unit, block.kind)
        combined = self._combinations(unit, block.kind, frame, named)
        facts = self._facts(unit, block.kind)
        filled = dict.fromkeys(asked, "answer to a question on the topic") | dict.fromkeys(self._columns(matched, unit), "filled cell of a column of the topic")
        sections = frame.section | lead | filled.keys()
        told = {rule for rule in sections if unit.stance is Stance.ASSERTED or unit.stance.value in self._accepts[rule]}
        for rule in named.hits.keys() | combined.keys() | named.keys.keys() | told:
            found = self._weigh(matched, unit, words, rule, named, combined.get(rule, []), frame, sections, filled, facts)
            if found is not None:
                yield found

    def _named(self, unit: Unit, kind: BlockKind) -> _Named:
        """Sort the hits of a statement by rule and class, without what a rule excepts."""
        named = _Named(defaultdict(list), {}, defaultdict(list), set())
        for hit in unit.topical:
            for rule, role in self.matcher.tables.roles_of(hit.term):
                if rule.startswith(TRAIT_PREFIX):
                    continue
                if role in _ROLE_RANK:
                    named.hits[rule].append((role, hit))
                elif role == "heading" and hit.end <= unit.key_end:
                    named.keys.setdefault(rule, hit)
                elif role == "heading" and kind is BlockKind.HEADING:
                    named.hits[rule].append(("weak", hit))
                elif role in ("except", "unless"):
                    named.excepts[rule].append(hit)
                    if role == "unless":
                        named.vetoed.add(rule)
        for rule in named.excepts:
            self._drop_excepted(named, rule)
        return named

    @staticmethod
    def _drop_excepted(named: _Named, rule: str) -> None:
        excepts = named.excepts[rule]
        kept = [(role, hit) for role, hit in named.hits.pop(rule, ()) if not _overlaps(hit, excepts) and (role == "named" or rule not in named.vetoed)]
        if kept:
            named.hits[rule] = kept
        if rule in named.keys and _overlaps(named.keys[rule], excepts):
            del named.keys[rule]

    def _asked(self, question: Unit) -> set[str]:
        """Topics that a question asks for; what follows it in the same block is its answer."""
        roles = (pair for hit in question.topical for pair in self.matcher.tables.roles_of(hit.term))
        return {rule for rule, role in roles if role in _ASKING_ROLES and rule in self._accepts}

    def _run_in(self, matched: Matched, first: Unit) -> set[str]:
        """Topics named by the bold words or key that open a block ("**Labels.** …"); they head its other sentences too."""
        block, words = matched.document.blocks[first.block], matched.blocks[first.block]
        end = max(first.key_end, bisect_left(words.starts, block.bold_end) if block.bold_end < len(block.text) else 0)
        if end > _RUN_IN_WORDS:
            return set()
        opening = (hit for hit in first.topical if hit.end <= end)
        return {rule for hit in opening for rule, role in self.matcher.tables.roles_of(hit.term) if role == "heading"}

    def _columns(self, matched: Matched, unit: Unit) -> set[str]:
        """Topics named by a column header whose cell in this row is filled."""
        block = matched.document.blocks[unit.block]
        if block.kind is not BlockKind.ROW or block.header is None:
            return set()
        header, words = matched.document.blocks[block.header], matched.blocks[block.header]
        found: set[str] = set()
        for (start, end), (cell_start, cell_end) in zip(header.cells, block.cells, strict=False):
            open_here = any(cell_start <= matched.blocks[unit.block].starts[cell.start] < cell_end for cell in unit.open_cells)
            if open_here or not any(c.isalnum() for c in block.text[cell_start:cell_end]):
                continue
            for hit in words.hits:
                if start <= words.starts[hit.start] < end:
                    found |= {rule for rule, role in self.matcher.tables.roles_of(hit.term) if role == "heading"}
        return found

    def _combinations(self, unit: Unit, kind: BlockKind, frame: _Frame, named: _Named) -> dict[str, list[Hit]]:
        """For each rule that no named phrase settles, the hits that meet one of its combinations."""
        found: dict[str, list[Hit]] = {}
        passed = {rule for rule, hits in named.hits.items() if any(role == "named" for role, _ in hits)} | named.vetoed
        combinations, present, framed, second = self.matcher.tables.combinations, unit.lists, frame.lists, self._second_groups
        anchored = frame.candidates.union(*map(self._candidates, unit.by_term))
        # the cells of a row stand in an order of their own, so that distance says nothing
        whole_row = kind is BlockKind.ROW
        # Groups stand in order of rarity: where the second is missing too, there is no need to look at the rest.
        likely = [i for i in anchored if not second[i].isdisjoint(present) or not second[i].isdisjoint(framed)]
        for index in sorted(likely):
            combination = combinations[index]
            rule = combination.rule
            if rule in found or rule in passed or rule.startswith(TRAIT_PREFIX):
                continue
            hits = self._met(combination, unit, frame, whole_row)
            if hits and not any(_overlaps(h, named.excepts.get(rule, ())) for h in hits):
                found[rule] = hits
        return found

    def _candidates(self, term: int) -> frozenset[int]:
        """Numbers of the combinations whose rarest group a term meets."""
        found = self._candidates_of.get(term)
        if found is None:
            by_list = self.matcher.tables.by_list
            found = frozenset(index for number in self.matcher.tables.lists_of(term) for index in by_list.get(number, ()))
            self._candidates_of[term] = found
        return found

    def _met(self, combination: Combination, unit: Unit, frame: _Frame, whole_row: bool) -> list[Hit]:
        """Hits that meet every group, each at a place of its own; at most one group may be met by the frame."""
        present, framed = unit.lists, 0
        met = []
        for group in combination.groups:
            if not group.isdisjoint(present):
                met.append(group)
            elif framed or group.isdisjoint(frame.lists):
                return []
            else:
                framed = 1
        if len(met) < _LEAST_MET:
            return []
        reach = unit.end if whole_row else _REACH if len(met) > _LEAST_MET else _REACH_OF_PAIR
        return _distinct([self.matcher.hits_in(unit, group) for group in met], reach)

    # ---- weighing

    def _facts(self, unit: Unit, kind: BlockKind) -> list[tuple[str, float]]:
        present, w = unit.lists, self.weights
        signs = []
        if not self._quantity.isdisjoint(present):
            signs.append(("quantity", w.quantity))
        if self._product in present:
            signs.append(("product or method", w.product))
        if not self._plan.isdisjoint(present):
            signs.append(("plan", w.plan))
        if unit.content >= _FULL_WORDS:
            signs.append((f"{_FULL_WORDS} words or more", w.words))
        if self._hedge in present:
            signs.append(("hedge", w.hedge))
        if kind is BlockKind.CODE:
            signs.append(("diagram or configuration", w.diagram))
        return signs

    def _weigh(
        self, matched: Matched, unit: Unit, words: BlockWords, rule: str, named: _Named, combined: list[Hit],
        frame: _Frame, sections: set[str], answers: dict[str, str], facts: list[tuple[str, float]],
    ) -> _Sighting | None:  # fmt: skip
        block, w = matched.document.blocks[unit.block], self.weights
        hits, key = named.hits.get(rule, []), named.keys.get(rule)
        signs: list[tuple[str, float]] = []
        role, best = max(((r, h) for r, h in hits), key=lambda p: (_ROLE_RANK[p[0]], p[1].end - p[1].start), default=("", None))
        if best is not None:
            signs.append((f"{role} phrase “{self._term(best)}”", getattr(w, role)))
        if combined:
            signs = [("words that together say it: " + ", ".join(f"“{self._term(h)}”" for h in combined), w.together)]
        value_words = unit.content - sum(1 for i in range(unit.start, unit.key_end) if len(words.words[i]) > 2)
        filled = value_words >= 1 and block.kind is not BlockKind.HEADING
        if key is not None and filled:
            signs.append((f"value after “{self._term(key)}”", w.key))
        elif rule in answers and filled:
            signs.append((answers[rule], w.key))
        elif rule in sections and filled and unit.content >= (_TABLE_CELL_WORDS if block.kind is BlockKind.ROW else _SECTION_WORDS):
            signs.append(("under a heading of the topic", w.under_heading if signs else w.section))
        elif signs and (rule in frame.headings):
            signs.append(("within a section of the topic", w.under_heading))
        elif signs and rule in frame.contexts:
            signs.append(("within a section that touches the topic", w.under_context))
        if not signs:
            return None
        if signs[0][0] == "under a heading of the topic" and not self._is_definite(unit):
            signs = [("under a heading of the topic, which it hardly fills", w.under_heading)]
        if len(_separate([h for _, h in hits])) > 1:
            signs.append(("a second phrase", w.second_phrase))
        signs += facts
        alone = best is not None and role != "named" and unit.content - (best.end - best.start) < _BARE_WORDS
        if alone and not combined and block.kind is not BlockKind.HEADING and self._quantity.isdisjoint(unit.lists):
            signs.append(("hardly another word", w.bare))
        used = [*(h for _, h in hits), *combined, *([key] if key else [])]
        stance, cue = self._stance(rule, unit, words, best, bool(combined), block.kind)
        opened = next((cell for cell in unit.open_cells if used and all(cell.start <= h.start and h.end <= cell.end for h in used)), None)
        if opened is not None:
            stance, cue = opened.stance, opened.cue
        start, end = (min(h.start for h in used), max(h.end for h in used)) if used else (unit.start, unit.end)
        if not used or key is not None:
            end = unit.end
        return _Sighting(rule, unit, start, end, stance, cue, signs)

    def _is_definite(self, unit: Unit) -> bool:
        """Whether a statement holds a term of the trade, a quantity, a product, a plan, a reason or a refusal, so that it may fill a section of a topic."""
        wanted = self._quantity | self._plan | self._reason | {self._product, self._negation}
        return not wanted.isdisjoint(unit.lists) or any(self.stances.is_trade_term(hit.term) for hit in unit.topical)

    def _stance(self, rule: str, unit: Unit, words: BlockWords, best: Hit | None, combined: bool, kind: BlockKind) -> tuple[Stance, str]:
        stance, cue = unit.stance, unit.cue
        if kind is BlockKind.HEADING and stance is Stance.ASSERTED:
            return Stance.PLACEHOLDER, "a heading says nothing by itself"
        if stance is Stance.ASSERTED and best is not None and not combined and "negated" not in self._accepts[rule]:
            negation = self.stances.locally_negated(unit, words, best)
            if negation:
                stance, cue = Stance.NEGATED, negation
        if stance.value in self._accepts[rule]:
            return Stance.ASSERTED, cue
        return stance, cue

    def _evidence(self, matched: Matched, seen: _Sighting, bare: set[tuple[int, int]]) -> Evidence:
        document, unit = matched.document, seen.unit
        words, block = matched.blocks[unit.block], document.blocks[unit.block]
        first, last = block.source_range(words.starts[seen.start], words.ends[seen.end - 1])
        whole = block.source_range(words.starts[unit.start], words.ends[unit.end - 1])
        return Evidence(
            seen.rule, document.region(first, last), document.source[first:last], seen.stance, seen.strength, tuple(seen.signs),
            self._depth(unit), unit.block, seen.cue, document.source[whole[0] : whole[1]], (unit.block, unit.start) in bare,
        )  # fmt: skip

    def _depth(self, unit: Unit) -> int:
        """Depth 1-5 of a statement: stated, specific, twice specific, reasoned, operational add one each."""
        present = unit.lists
        quantity = not self._quantity.isdisjoint(present)
        product = self._product in present
        reasoned = not self._reason.isdisjoint(present) or self._compare in present
        bounded = self._threshold in present
        operational = self._cadence in present or (bounded and quantity) or (self._people in present and (quantity or bounded))
        return 1 + quantity + product + reasoned + operational

    def _term(self, hit: Hit) -> str:
        return self.matcher.tables.terms[hit.term].lstrip("=")


def is_enumeration(words: list[str], limits: EnumerationLimits) -> bool:
    """Whether a statement only strings terms together: many short segments, and hardly a word that would tie them to a decision.

    Args:
        words: the words of the statement in lower case, without its key.
    """
    segments: list[int] = [0]
    for word in words:
        if word in _SEPARATORS:
            segments.append(0)
        elif word[0].isalnum():
            segments[-1] += 1
    lengths = sorted(filter(None, segments))
    if len(lengths) < limits.segments or lengths[len(lengths) // 2] > limits.words:
        return False
    return sum(word in _TYING_WORDS for word in words) <= limits.ties * len(lengths)


def _overlaps(hit: Hit, others: Iterable[Hit]) -> bool:
    return any(o.start < hit.end and hit.start < o.end for o in others)


def _separate(hits: list[Hit]) -> list[Hit]:
    """Hits of different terms that do not overlap, longest first."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: h.start - h.end):
        if not _overlaps(hit, kept) and all(hit.term != k.term for k in kept):
            kept.append(hit)
    return kept


def _distinct(candidates: list[list[Hit]], reach: int) -> list[Hit]:
    """One hit per list of candidates, of different phrases, none overlapping another and no gap wider than ``reach`` tokens; empty where there is none."""
    candidates = sorted(candidates, key=len)
    best: list[Hit] = []
    width = 0
    for seed in candidates[0][:_SEEDS]:
        chosen = [seed]
        for hits in candidates[1:]:
            free = [h for h in hits if not _overlaps(h, chosen) and all(h.term != c.term for c in chosen)]
            if not free:
                break
            chosen.append(min(free, key=lambda h: min(max(h.start - c.end, c.start - h.end) for c in chosen)))
        else:
            ordered = sorted(chosen, key=lambda h: h.start)
            if any(b.start - a.end > reach for a, b in zip(ordered, ordered[1:], strict=False)):
                continue
            spread = ordered[-1].end - ordered[0].start
            if not best or spread < width:
                best, width = ordered, spread
    return best
