"""What kind of system a design is about: the traits that its text shows."""

from __future__ import annotations

from dataclasses import dataclass

from mlsd_lint.matcher import Matched, Matcher
from mlsd_lint.model import BlockKind, Hit, Region, Stance, TraitFound, Unit
from mlsd_lint.phrases import TRAIT_PREFIX
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.tokens import normal_form

_SHOWN_SIGNS = 3
_IN_TITLE, _IN_HEADING, _COMBINED = 4, 2, 2
_COUNTED = 3
_LEAST_POINTS, _SHORTEST_SHARE, _FULL_LENGTH = 2, 0.4, 700
_LONG_HEADING = 9
_DENIAL_REACH = 4
_DENIALS = frozenset(map(normal_form, "no not never without nor neither nothing non instead rather isn't aren't don't doesn't won't can't cannot".split()))


@dataclass(slots=True)
class _Sign:
    """A phrase or combination that shows a trait: where it stands first, and its points so far.

    Attributes:
        each: points for once in the text.
        counted: how often it has counted outside the title, a heading being worth two.
    """

    block: int
    start: int
    end: int
    each: int = 1
    points: int = 0
    counted: int = 0

    def add(self, worth: int) -> None:
        """Count it once more; outside the title only until it has been repeated often enough."""
        if worth < _IN_TITLE and self.counted >= _COUNTED:
            return
        self.points += self.each * worth
        self.counted += worth if worth < _IN_TITLE else 0


def find_traits(ruleset: RuleSet, matcher: Matcher, matched: Matched, named: tuple[str, ...] = ()) -> tuple[TraitFound, ...]:
    """Traits in the order of traits.yaml, each with the first place of the signs that show it best.

    Args:
        named: traits that hold whatever the text shows, or that do not hold where a "-" stands before them.

    The method is our own: points for every phrase, more in the title and in headings, fewer for repetition, so that what
    a design is about outweighs what it mentions in passing. A short document needs fewer.
    """
    signs = _trait_signs(matcher, matched)
    share = min(1.0, max(_SHORTEST_SHARE, sum(len(words.words) for words in matched.blocks) / _FULL_LENGTH))
    found: dict[str, TraitFound] = {}
    for trait in ruleset.traits:
        if f"-{trait.id}" in named:
            continue
        if trait.id in named:
            found[trait.id] = TraitFound(trait.id, trait.title, ())
            continue
        shown = sorted(signs.get(trait.id, {}).values(), key=lambda sign: -sign.points)
        if sum(sign.points for sign in shown) < max(_LEAST_POINTS, trait.least * share) or any(other in found for other in trait.without):
            continue
        found[trait.id] = TraitFound(trait.id, trait.title, tuple(_sign_region(matched, sign) for sign in shown[:_SHOWN_SIGNS]))
    return tuple(found.values())


def _trait_signs(matcher: Matcher, matched: Matched) -> dict[str, dict[str, _Sign]]:
    """Trait -> phrase or combination -> where it stands and what it is worth."""
    blocks = matched.document.blocks
    title = next((block.index for block in blocks if block.kind is BlockKind.HEADING), -1)
    combinations = [(f"combination {n}", c) for n, c in enumerate(matcher.tables.combinations) if c.rule.startswith(TRAIT_PREFIX)]
    signs: dict[str, dict[str, _Sign]] = {}
    for unit in matched.units:
        if unit.stance not in (Stance.ASSERTED, Stance.GENERAL) and not unit.given:
            continue
        worth = 1
        if unit.block == title:
            worth = _IN_TITLE
        elif blocks[unit.block].kind is BlockKind.HEADING and unit.end - unit.start <= _LONG_HEADING:
            worth = _IN_HEADING
        forms = matched.blocks[unit.block].forms
        for trait, hits in _trait_hits(matcher, matched, unit).items():
            for hit in hits:
                sign = signs.setdefault(trait, {}).setdefault(" ".join(forms[hit.start : hit.end]), _Sign(unit.block, hit.start, hit.end))
                sign.add(worth)
        for name, combination in combinations:
            if any(group.isdisjoint(unit.lists) for group in combination.groups):
                continue
            hits = [matcher.hits_in(unit, group)[0] for group in combination.groups]
            place = _Sign(unit.block, min(h.start for h in hits), max(h.end for h in hits), each=_COMBINED)
            signs.setdefault(combination.rule.removeprefix(TRAIT_PREFIX), {}).setdefault(name, place).add(worth)
    return signs


def _trait_hits(matcher: Matcher, matched: Matched, unit: Unit) -> dict[str, list[Hit]]:
    """The phrases of each trait in a statement, the longest of those that overlap, without the denied and the excepted."""
    forms = matched.blocks[unit.block].forms
    found: dict[str, list[Hit]] = {}
    taken: dict[str, list[Hit]] = {}
    roles = ((hit, rule, role) for hit in unit.topical for rule, role in matcher.tables.roles_of(hit.term))
    candidates = [(hit, rule.removeprefix(TRAIT_PREFIX), role) for hit, rule, role in roles if rule.startswith(TRAIT_PREFIX)]
    for hit, trait, role in sorted(candidates, key=lambda c: (c[2] != "except", c[0].start - c[0].end)):
        if any(other.start < hit.end and hit.start < other.end for other in taken.get(trait, ())):
            continue
        taken.setdefault(trait, []).append(hit)
        if role != "except" and _DENIALS.isdisjoint(forms[max(unit.start, hit.start - _DENIAL_REACH) : hit.start]):
            found.setdefault(trait, []).append(hit)
    return found


def _sign_region(matched: Matched, sign: _Sign) -> Region:
    words = matched.blocks[sign.block]
    source = matched.document.blocks[sign.block].source_range(words.starts[sign.start], words.ends[sign.end - 1])
    return matched.document.region(*source)
