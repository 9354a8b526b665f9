"""Evidence and traits to results: the status of every topic, the kind of document, and the findings."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from mlsd_lint.matcher import Matched, Matcher
from mlsd_lint.model import BlockKind, Document, Evidence, Finding, Hit, Kind, Region, Stance, Status, TopicResult, TraitFound, Unit
from mlsd_lint.rule import Rule
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.tokens import normal_form

_TEXT_OF_STANCE = {
    Stance.QUESTION: "only asked",
    Stance.NEGATED: "said not to be there, with no reason",
    Stance.DEFERRED: "put off",
    Stance.PLACEHOLDER: "a heading or placeholder that nothing fills",
    Stance.GENERAL: "a remark about the field in general",
}
_TEXT_OF_KIND = {
    Kind.TEMPLATE: "This is an unfilled template.",
    Kind.NOT_ML: "This is not the design of a machine-learning system.",
    Kind.LANGUAGE: "This is not written in English.",
}
_LEVEL_BELOW = {"error": "warning", "warning": "note", "note": "note"}
_SHOWN_EVIDENCE = 6
_SHOWN_SIGNS = 3
_TRAIT = "trait:"
_IN_TITLE, _IN_HEADING, _COMBINED = 4, 2, 2
_COUNTED = 3
_LEAST_POINTS, _SHORTEST_SHARE, _FULL_LENGTH = 2, 0.4, 700
_LONG_HEADING = 9
_DENIAL_REACH = 4
_DENIALS = frozenset(map(normal_form, "no not never without nor neither nothing non instead rather isn't aren't don't doesn't won't can't cannot".split()))
_LANGUAGE_SAMPLE = 50_000
_LAST_LATIN = 0x24F
_LEAST_FUNCTION_WORDS = 10
_FUNCTION_WORDS = {
    "English": "the of and to is in for with that are on be".split(),
    "German": "der die das und ist nicht mit ein eine für auf wird werden".split(),
    "French": "le la les des est une dans pour que avec sur sont".split(),
    "Spanish": "el los las una para que con por del es son como".split(),
    "Portuguese": "os uma para que com não dos das é são como pelo".split(),
    "Italian": "il gli una per che con non della sono dei nel come".split(),
    "Dutch": "het een van zijn niet voor met wordt op dat aan ook".split(),
    "Polish": "nie jest się na do że przez dla jako oraz są lub".split(),
    "Turkish": "ve bir için bu ile olarak da de olan veya gibi daha".split(),
    "Vietnamese": "và của là các cho được một trong không với những".split(),
    "Indonesian": "yang dan di untuk dengan dari pada ini adalah atau".split(),
}


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


def judge_topics(ruleset: RuleSet, evidence: dict[str, list[Evidence]], traits: tuple[TraitFound, ...]) -> tuple[TopicResult, ...]:
    """The status of every topic; a topic that a trait rules out and the text does not cover is not applicable."""
    present = {t.id: t for t in traits}
    return tuple(
        _judge_topic(rule, ruleset, evidence.get(rule.id, []), present) for rule in ruleset.rules.values()
    )


def _judge_topic(rule: Rule, ruleset: RuleSet, evidence: list[Evidence], traits: dict[str, TraitFound]) -> TopicResult:
    stage, limits = ruleset.stage_of[rule.id], ruleset.grading.evidence
    asserted = [e for e in evidence if e.stance is Stance.ASSERTED]
    covering = [e for e in asserted if e.strength >= limits.covered]
    if covering:
        depth = max(e.depth for e in covering)
        reason = " + ".join(f"{name} {weight:+.2f}" for name, weight in covering[0].signs)
        return TopicResult(rule.id, stage, Status.COVERED, depth, reason, tuple(_spread(covering)))
    excluded = next((traits[t] for t in rule.applies.unless if t in traits), None)
    if excluded is not None:
        line = excluded.regions[0].line
        return TopicResult(rule.id, stage, Status.NOT_APPLICABLE, 0, f"not asked: {excluded.title.lower()} (line {line})", ())
    touching = [e for e in evidence if e.strength >= limits.mentioned]
    if touching:
        best = touching[0]
        if best.stance is Stance.ASSERTED:
            reason = "named, but nothing definite is said"
        else:
            quoted = best.cue and best.cue.lower() in best.statement.lower()
            reason = _TEXT_OF_STANCE[best.stance] + (f" (“{best.cue}”)" if quoted else "")
        return TopicResult(rule.id, stage, Status.MENTIONED, 0, reason, tuple(_spread(touching)))
    return TopicResult(rule.id, stage, Status.MISSING, 0, "nothing in the document speaks to it", ())


def _spread(evidence: list[Evidence]) -> list[Evidence]:
    """The strongest evidence, one per block, in order of strength."""
    seen: set[int] = set()
    kept = []
    for item in evidence:
        if item.block not in seen:
            seen.add(item.block)
            kept.append(item)
    return kept[:_SHOWN_EVIDENCE]


def find_traits(matcher: Matcher, matched: Matched) -> tuple[TraitFound, ...]:
    """Traits in the order of traits.yaml, each with the first place of the signs that show it best.

    The method is our own: points for every phrase, more in the title and in headings, fewer for repetition, so that what
    a design is about outweighs what it mentions in passing. A short document needs fewer.
    """
    signs = _trait_signs(matcher, matched)
    share = min(1.0, max(_SHORTEST_SHARE, sum(len(words.words) for words in matched.blocks) / _FULL_LENGTH))
    found: dict[str, TraitFound] = {}
    for trait in matcher.ruleset.traits:
        shown = sorted(signs.get(trait.id, {}).values(), key=lambda sign: -sign.points)
        if sum(sign.points for sign in shown) < max(_LEAST_POINTS, trait.least * share) or any(other in found for other in trait.without):
            continue
        found[trait.id] = TraitFound(trait.id, trait.title, tuple(_sign_region(matched, sign) for sign in shown[:_SHOWN_SIGNS]))
    return tuple(found.values())


def _trait_signs(matcher: Matcher, matched: Matched) -> dict[str, dict[str, _Sign]]:
    """Trait -> phrase or combination -> where it stands and what it is worth."""
    blocks = matched.document.blocks
    title = next((block.index for block in blocks if block.kind is BlockKind.HEADING), -1)
    combinations = [c for c in matcher.combinations if c.rule.startswith(_TRAIT)]
    signs: dict[str, dict[str, _Sign]] = {}
    for unit in matched.units:
        if unit.stance not in (Stance.ASSERTED, Stance.GENERAL):
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
        for combination in combinations:
            if any(group.isdisjoint(unit.lists) for group in combination.groups):
                continue
            hits = [matcher.hits_in(unit, group)[0] for group in combination.groups]
            place = _Sign(unit.block, min(h.start for h in hits), max(h.end for h in hits), each=_COMBINED)
            signs.setdefault(combination.rule.removeprefix(_TRAIT), {}).setdefault(combination.text, place).add(worth)
    return signs


def _trait_hits(matcher: Matcher, matched: Matched, unit: Unit) -> dict[str, list[Hit]]:
    """The phrases of each trait in a statement, the longest of those that overlap, without the denied and the excepted."""
    forms = matched.blocks[unit.block].forms
    found: dict[str, list[Hit]] = {}
    taken: dict[str, list[Hit]] = {}
    candidates = [(hit, rule.removeprefix(_TRAIT), role) for hit in unit.hits for rule, role in matcher.roles_of[hit.term] if rule.startswith(_TRAIT)]
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


def judge_kind(matcher: Matcher, matched: Matched, topics: tuple[TopicResult, ...]) -> tuple[Kind, str]:
    """What sort of document it is, and the reason in one sentence ("" for a design)."""
    limits = matcher.ruleset.grading.kinds
    document = matched.document
    words = sum(sum(form[0].isalnum() or form == "#" for form in block.forms) for block in matched.blocks)
    language = foreign_language(document.source, limits.foreign_letters, limits.foreign_words)
    if language:
        return Kind.LANGUAGE, f"The text is {language}; the rules read English only."
    body = [u for u in matched.units if u.content and document.blocks[u.block].kind is not BlockKind.HEADING]
    if not body:
        return Kind.TEMPLATE, "There are headings but no text; fill in the sections."
    unanswered = sum(u.stance in (Stance.QUESTION, Stance.PLACEHOLDER, Stance.DEFERRED) for u in body) / len(body)
    covered = sum(t.status is Status.COVERED for t in topics)
    called_form = _heading_with(matcher, matched, "kind-template")
    if unanswered >= limits.unanswered and covered <= limits.template_topics or (called_form and unanswered >= limits.unanswered_form):
        return Kind.TEMPLATE, f"{unanswered:.0%} of its statements are prompts, open boxes or placeholders; answer them and lint again."
    if words < limits.least_words:
        return Kind.DESIGN, ""
    trade = matcher.list_number("kind-ml")
    density = 1000 * sum(trade in matcher.lists_of[h.term] for u in matched.units for h in u.hits) / words
    if density < limits.trade_words:
        return Kind.NOT_ML, f"Only {density:.0f} of 1000 words speak of machine learning; lint the design of the ML system instead."
    reference = _reference_heading(matcher, matched, limits.reference_headings)
    if reference:
        return Kind.NOT_ML, f"It reads as teaching or reference text (heading “{reference}”), not as the design of one system."
    return Kind.DESIGN, ""


def _heading_with(matcher: Matcher, matched: Matched, name: str) -> str:
    number = matcher.list_number(name)
    for block in matched.document.blocks:
        if block.kind is BlockKind.HEADING and number in matched.lists[block.index]:
            return block.text.strip()
    return ""


def _reference_heading(matcher: Matcher, matched: Matched, least: int) -> str:
    """The title where it says glossary, lecture and the like, or the first of several headings of teaching material."""
    headings = [b for b in matched.document.blocks if b.kind is BlockKind.HEADING]
    if headings and matcher.list_number("kind-reference") in matched.lists[headings[0].index]:
        return headings[0].text.strip()
    lesson = matcher.list_number("kind-lesson")
    marked = [b for b in headings if lesson in matched.lists[b.index]]
    return marked[0].text.strip() if len(marked) >= least else ""


def foreign_language(source: str, letters: float, words: float) -> str:
    """Name the script or language of a text that is not English, "" for English.

    Args:
        letters: share of letters outside the Latin script from which a text counts as foreign, 0-1.
        words: factor by which the function words of another language must outnumber the English ones.
    """
    sample = source[:_LANGUAGE_SAMPLE]
    alphabetic = [c for c in sample if c.isalpha()]
    if not alphabetic:
        return ""
    foreign = sum(ord(c) > _LAST_LATIN for c in alphabetic)
    if foreign / len(alphabetic) >= letters:
        return "not in the Latin script"
    tokens = Counter(re.findall(r"[^\W\d_]+", sample.lower()))
    counts = {name: sum(tokens[w] for w in common) for name, common in _FUNCTION_WORDS.items()}
    best = max(counts, key=counts.__getitem__)
    if best != "English" and counts[best] >= _LEAST_FUNCTION_WORDS and counts[best] >= words * counts["English"]:
        return f"in {best}"
    return ""


def not_judged(topics: tuple[TopicResult, ...], kind: Kind) -> tuple[TopicResult, ...]:
    """The topics of a document that is no design: none is judged."""
    reason = f"not judged: {kind.value}"
    return tuple(TopicResult(t.rule, t.stage, Status.NOT_APPLICABLE, 0, reason, ()) for t in topics)


def kind_finding(kind: Kind, reason: str) -> Finding:
    """The one finding of a document that is no design."""
    return Finding(kind.value, "warning", f"{_TEXT_OF_KIND[kind]} {reason}", 1, 1, "Topics are judged in designs of machine-learning systems only.")


def findings(ruleset: RuleSet, topics: tuple[TopicResult, ...], document: Document, traits: tuple[TraitFound, ...]) -> tuple[Finding, ...]:
    """A finding for every topic that is missing or only mentioned, most important first."""
    found = []
    present = {t.id for t in traits}
    for topic in topics:
        if topic.status not in (Status.MISSING, Status.MENTIONED):
            continue
        rule = ruleset.rules[topic.rule]
        level: str = next((lvl for trait, lvl in rule.applies.level.items() if trait in present), rule.level)
        if topic.status is Status.MENTIONED:
            level = _LEVEL_BELOW[level]
            where = topic.evidence[0].region
            line, column = where.line, where.column
            message = f"{rule.title} is only mentioned: {topic.reason}."
        else:
            line, column = _home(ruleset, document, topic.stage), 1
            message = f"{rule.title} is missing."
        found.append(Finding(rule.id, level, f"{message} {rule.ask}", line, column, rule.why, rule.weight))
    order = {"error": 0, "warning": 1, "note": 2}
    return tuple(sorted(found, key=lambda f: (order[f.level], -f.weight, f.line, f.rule)))


def _home(ruleset: RuleSet, document: Document, stage: int) -> int:
    """The line of the heading under which a missing topic of the stage would be looked for, else line 1."""
    words = {w for w in ruleset.stage_titles.get(stage, "").lower().replace(",", " ").split() if len(w) > 4}
    for block in document.blocks:
        if block.kind is BlockKind.HEADING and words & set(block.text.lower().split()):
            return document.region(*block.source_range(0, 1)).line
    return 1
