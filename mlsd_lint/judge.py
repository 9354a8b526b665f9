"""Evidence and traits to results: the status of every topic, the kind of document, and the findings."""

from __future__ import annotations

from mlsd_lint.matcher import Matched, Matcher
from mlsd_lint.model import BlockKind, Document, Evidence, Finding, Kind, Stance, Status, TopicResult, TraitFound
from mlsd_lint.rule import Rule
from mlsd_lint.ruleset import RuleSet

_TEXT_OF_STANCE = {
    Stance.QUESTION: "only asked",
    Stance.NEGATED: "said not to be there, with no reason",
    Stance.DEFERRED: "put off",
    Stance.PLACEHOLDER: "a placeholder, heading or prompt",
    Stance.GENERAL: "a remark about the field in general",
}
_SHOWN_EVIDENCE = 6


def judge_topics(ruleset: RuleSet, evidence: dict[str, list[Evidence]], traits: tuple[TraitFound, ...]) -> tuple[TopicResult, ...]:
    """The status of every topic; a topic that a trait rules out and the text does not touch is not applicable."""
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
            reason = _TEXT_OF_STANCE[best.stance] + (f" (“{best.cue}”)" if best.cue and len(best.cue) < 40 else "")
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
    """Traits in the order of traits.yaml, each with the first places that show it."""
    places: dict[str, list[tuple[int, int, int]]] = {}
    for unit in matched.units:
        if unit.stance not in (Stance.ASSERTED, Stance.GENERAL):
            continue
        for hit in unit.hits:
            for rule, role in matcher.roles_of[hit.term]:
                if role == "strong" and rule.startswith("trait:"):
                    places.setdefault(rule[6:], []).append((unit.block, hit.start, hit.end))
    found: dict[str, TraitFound] = {}
    for trait in matcher.ruleset.traits:
        spots = places.get(trait.id, [])
        if len(spots) < trait.least or any(other in found for other in trait.without):
            continue
        regions = []
        for block, start, end in spots[:3]:
            words = matched.blocks[block]
            source = matched.document.blocks[block].source_range(words.starts[start], words.ends[end - 1])
            regions.append(matched.document.region(*source))
        found[trait.id] = TraitFound(trait.id, trait.title, tuple(regions))
    return tuple(found.values())


def judge_kind(matched: Matched, topics: tuple[TopicResult, ...]) -> tuple[Kind, str]:
    """What sort of document it is, and the reason in one sentence."""
    return Kind.DESIGN, ""


def findings(ruleset: RuleSet, topics: tuple[TopicResult, ...], document: Document, traits: tuple[TraitFound, ...]) -> tuple[Finding, ...]:
    """A finding for every topic that is missing or only mentioned, most important first."""
    found = []
    present = {t.id for t in traits}
    for topic in topics:
        if topic.status not in (Status.MISSING, Status.MENTIONED):
            continue
        rule = ruleset.rules[topic.rule]
        level = next((lvl for trait, lvl in rule.applies.level.items() if trait in present), rule.level)
        if topic.status is Status.MENTIONED:
            level = {"error": "warning", "warning": "note", "note": "note"}[level]
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
