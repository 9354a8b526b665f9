"""Pages that show a rule, the table of rules, and how one status came about."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mlsd_lint.model import DocumentReport, Evidence, Kind, Stance
from mlsd_lint.reporters.layout import WIDTH, Pen, clean, pad, quote, wrap
from mlsd_lint.rule import EvidenceWeights, Rule
from mlsd_lint.ruleset import RuleSet

_HEADINGS = 8
_LABEL = 11


def rule_page(rules: RuleSet, rule: Rule, pen: Pen) -> str:
    """What a rule asks, why, how it is graded, its examples and its references."""
    stage = rules.stage_of[rule.id]
    lines = [f"{pen(rule.title, bold=True)} ({rule.id})", ""]
    lines += _labelled(pen, "Question", rule.ask)
    lines += _labelled(pen, "Why", rule.why)
    lines += _labelled(pen, "Stage", f"{stage}, {rules.stage_titles[stage]}")
    lines += _labelled(pen, "Level", f"{rule.level} where missing{_exceptions(rules, rule)}")
    lines += _labelled(pen, "Weight", f"{rule.weight:g} in its stage")
    if rule.headings:
        more = f", and {len(rule.headings) - _HEADINGS} more" if len(rule.headings) > _HEADINGS else ""
        lines += _labelled(pen, "Headings", ", ".join(rule.headings[:_HEADINGS]) + more)
    for name, examples in (("Covered by", rule.examples.covered), ("Only mentioned by", rule.examples.mentioned), ("Absent from", rule.examples.absent)):
        lines += ["", pen(name, bold=True), *_indented("\n\n".join(examples))]
    lines += ["", pen("References", bold=True)]
    for reference in rule.references:
        lines += wrap(reference, 2)
    return "\n".join(lines) + "\n"


def _labelled(pen: Pen, label: str, text: str) -> list[str]:
    first, *rest = wrap(text, _LABEL)
    return [pen(pad(label, _LABEL), dim=True) + first.strip(), *rest]


def _exceptions(rules: RuleSet, rule: Rule) -> str:
    titles = {trait.id: trait.title.lower() for trait in rules.traits}
    raised = [f"{level} for {titles[trait]}" for trait, level in rule.applies.level.items()]
    spared = [f"not asked for {titles[trait]}" for trait in rule.applies.unless]
    return "".join(f"; {exception}" for exception in (*raised, *spared))


def _indented(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from wrap(line, 2) or [""]


def rule_table(rules: RuleSet, pen: Pen) -> str:
    """All rules by stage: name, level, weight and title."""
    width = max(map(len, rules.rules), default=0)
    lines: list[str] = []
    for file in rules.files:
        lines += ["", pen(f"{file.stage}  {file.title}", bold=True)]
        lines += [f"   {pad(rule.id, width)}  {pad(rule.level, 7)}  {rule.weight:g}  {rule.title}" for rule in file.rules]
    lines += ["", *wrap(f"{len(rules.rules)} rules, each with its level where missing, weight and title. mlsd-lint explain RULE shows one.")]
    return "\n".join(lines[1:]) + "\n"


def rules_json(rules: RuleSet) -> str:
    """All rules for a program: what is asked and why, without the phrases."""
    plain = [
        {
            "id": rule.id, "stage": rules.stage_of[rule.id], "title": rule.title, "level": rule.level, "weight": rule.weight,
            "ask": rule.ask, "why": rule.why, "applies": rule.applies.model_dump(mode="json"), "references": list(rule.references),
        }
        for rule in rules.rules.values()
    ]  # fmt: skip
    stages = [{"stage": stage, "title": title} for stage, title in rules.stage_titles.items()]
    return json.dumps({"version": 1, "rules": plain, "stages": stages}, ensure_ascii=False, indent=2) + "\n"


def why_page(rules: RuleSet, rule: Rule, report: DocumentReport, evidence: list[Evidence], pen: Pen) -> str:
    """The status of one topic in one document and every match that led to it, deciding ones first."""
    topic = next(t for t in report.topics if t.rule == rule.id)
    limits = rules.grading.evidence
    lines = [f"{pen(rule.id, bold=True)} in {clean(report.path)}: {pen(topic.status.value, bold=True)}"]
    lines += wrap(f"because: {clean(topic.reason)}", 2)
    if report.kind is not Kind.DESIGN:
        lines += wrap(f"The document as a whole is reported as {report.kind.value}, so this status is not graded.", 2)
    if not evidence:
        lines += ["", *wrap(f"The rule saw no match. mlsd-lint explain {rule.id} shows what it takes.")]
        return "\n".join(lines) + "\n"
    limit = f"A match of strength {limits.mentioned:.2f} mentions the topic; one of {limits.covered:.2f} that is asserted covers it."
    lines += ["", *wrap(limit)]
    for item in evidence:
        lines += ["", *_match(item, limits, pen)]
    return "\n".join(lines) + "\n"


def _match(item: Evidence, limits: EvidenceWeights, pen: Pen) -> Iterator[str]:
    cue = f" (because of {quote(item.cue, 28)})" if item.cue else ""
    yield f"{pen(f'line {item.region.line}', bold=True)}, {item.stance.value}{cue}: {_verdict(item, limits)}"
    yield "  " + quote(item.text, WIDTH - 2)
    for name, weight in item.signs:
        first, *rest = wrap(name, 10)
        yield from (f"  {weight:+6.2f}  {first.strip()}", *rest)
    yield f"  {item.strength:6.2f}  strength; depth {item.depth} of 5"


def _verdict(item: Evidence, limits: EvidenceWeights) -> str:
    if item.strength < limits.mentioned:
        return "too weak to count"
    if item.strength < limits.covered or item.stance is not Stance.ASSERTED:
        return "mentions the topic"
    return "covers the topic"
