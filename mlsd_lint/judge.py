"""Evidence and traits to results: the status of every topic, and the findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mlsd_lint.fingerprint import fingerprint
from mlsd_lint.model import BlockKind, Document, Evidence, Finding, Kind, Region, Stance, Status, TopicResult, TraitFound
from mlsd_lint.rule import Rule
from mlsd_lint.ruleset import RuleSet

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
_ORDER = {"error": 0, "warning": 1, "note": 2}
LEVEL_BELOW = {"error": "warning", "warning": "note", "note": "note"}
_SHOWN_EVIDENCE = 6
_NEAR_LINES = 3
# strength left to a bare enumeration: mentions, does not cover
_LISTED = 0.5


def judge_topics(ruleset: RuleSet, evidence: dict[str, list[Evidence]], traits: tuple[TraitFound, ...]) -> tuple[TopicResult, ...]:
    """The status of every topic; a topic that a trait rules out and the text does not cover is not applicable."""
    present = {t.id: t for t in traits}
    found = {rule.id: _with_implied(rule, evidence) for rule in ruleset.rules.values()}
    if _rests_on_enumerations(ruleset, found):
        found = {rule: [replace(e, strength=min(e.strength, _LISTED)) if e.enumerated else e for e in rows] for rule, rows in found.items()}
    return tuple(_judge_topic(rule, ruleset, found[rule.id], present) for rule in ruleset.rules.values())


def _rests_on_enumerations(ruleset: RuleSet, found: dict[str, list[Evidence]]) -> bool:
    """Whether so many topics are covered by bare enumerations only that these show what words the author knows, not what is decided."""
    least, limits = ruleset.grading.evidence.covered, ruleset.grading.enumerations
    covering = [[e for e in rows if e.stance is Stance.ASSERTED and e.strength >= least] for rows in found.values()]
    covered = [rows for rows in covering if rows]
    listed = sum(all(e.enumerated for e in rows) for rows in covered)
    return listed >= limits.least and listed >= limits.share * len(covered)


def _with_implied(rule: Rule, evidence: dict[str, list[Evidence]]) -> list[Evidence]:
    """The evidence of a rule and, behind it, that of the topics that imply it."""
    own = evidence.get(rule.id, [])
    return [*own, *(e for other in rule.implied_by for e in evidence.get(other, ()) if e.stance is Stance.ASSERTED)]


def _judge_topic(rule: Rule, ruleset: RuleSet, evidence: list[Evidence], traits: dict[str, TraitFound]) -> TopicResult:
    stage, limits = ruleset.stage_of[rule.id], ruleset.grading.evidence
    asserted = [e for e in evidence if e.stance is Stance.ASSERTED]
    covering = [e for e in asserted if e.strength >= limits.covered]
    if covering:
        best = covering[0]
        depth = max(e.depth for e in covering if e.rule == best.rule)
        reason = " + ".join(f"{name} {weight:+.2f}" for name, weight in best.signs)
        if best.rule != rule.id:
            reason = f"follows from {best.rule}: {reason}"
        return TopicResult(rule.id, stage, Status.COVERED, depth, reason, tuple(_spread(covering)))
    excluded = next((traits[t] for t in rule.applies.unless if t in traits), None)
    if excluded is not None:
        return TopicResult(rule.id, stage, Status.NOT_APPLICABLE, 0, f"not asked: {excluded.title.lower()} ({excluded.where})", ())
    touching = [e for e in evidence if e.strength >= limits.mentioned]
    if touching:
        best = touching[0]
        if best.stance is Stance.ASSERTED:
            reason = "listed among other terms, with nothing decided" if best.enumerated else "named, but nothing definite is said"
        else:
            quoted = best.cue and best.cue.lower() in best.statement.lower()
            reason = _TEXT_OF_STANCE[best.stance] + (f" (“{best.cue}”)" if quoted else "")
        return TopicResult(rule.id, stage, Status.MENTIONED, 0, reason, tuple(_spread(touching)))
    return TopicResult(rule.id, stage, Status.MISSING, 0, "nothing in the document speaks to it", ())


def _spread(evidence: list[Evidence]) -> list[Evidence]:
    """The best evidence, in the same order; of places within a few lines of each other only the first."""
    kept: list[Evidence] = []
    for item in evidence:
        if len(kept) == _SHOWN_EVIDENCE:
            break
        if all(abs(item.region.line - other.region.line) > _NEAR_LINES for other in kept):
            kept.append(item)
    return kept


def not_judged(topics: tuple[TopicResult, ...], kind: Kind) -> tuple[TopicResult, ...]:
    """The topics of a document that is no design: none is judged."""
    reason = f"not judged: {kind.value}"
    return tuple(TopicResult(t.rule, t.stage, Status.NOT_APPLICABLE, 0, reason, ()) for t in topics)


def kind_finding(document: Document, kind: Kind, reason: str) -> Finding:
    """The one finding of a document that is no design."""
    help_text = "Topics are judged in designs of machine-learning systems only."
    told = _TEXT_OF_KIND[kind]
    return Finding(kind.value, told, "warning", f"{told} {reason}", document.region(0, 0), help_text, fingerprint=fingerprint(document, kind.value))


def findings(ruleset: RuleSet, topics: tuple[TopicResult, ...], document: Document, traits: tuple[TraitFound, ...]) -> tuple[Finding, ...]:
    """A finding for every topic that is missing or only mentioned, in the order of the rules."""
    found = []
    present = {t.id for t in traits}
    for topic in topics:
        if topic.status not in (Status.MISSING, Status.MENTIONED):
            continue
        rule = ruleset.rules[topic.rule]
        level: str = next((lvl for trait, lvl in rule.applies.level.items() if trait in present), rule.level)
        if topic.status is Status.MENTIONED:
            level = LEVEL_BELOW[level]
            where = topic.evidence[0].region
            message = f"{rule.title} is only mentioned: {topic.reason}."
        else:
            where = _home(ruleset, document, topic.stage)
            message = f"{rule.title} is missing."
        found.append(Finding(rule.id, rule.title, level, f"{message} {rule.ask}", where, rule.why, rule.weight, fingerprint=fingerprint(document, rule.id)))
    return tuple(found)


def in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings, the most important first."""
    return tuple(sorted(found, key=lambda f: (_ORDER[f.level], -f.weight, f.line, f.rule)))


def _home(ruleset: RuleSet, document: Document, stage: int) -> Region:
    """The heading under which a missing topic of the stage would be looked for, else the start of the document."""
    words = {w for w in ruleset.stage_titles.get(stage, "").lower().replace(",", " ").split() if len(w) > 4}
    for block in document.blocks:
        if block.kind is BlockKind.HEADING and words & set(block.text.lower().split()):
            return document.region(*block.source_range(0, len(block.text)))
    return document.region(0, 0)
