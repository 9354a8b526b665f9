"""Pages that show a rule or smell, the table of all, and how one status or weak spot came about."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mlsd_lint.model import DocumentReport, Evidence, Kind, Stance
from mlsd_lint.reporters.layout import WIDTH, Pen, clean, pad, quote, wrap
from mlsd_lint.rule import Condition, EvidenceWeights, Rule, Smell
from mlsd_lint.ruleset import RuleSet

if TYPE_CHECKING:
    from mlsd_lint.smells import Step, Trace  # imports spaCy, which pages about rules do without

_HEADINGS = 8
_LABEL = 11
_SHOWN_GROUP = 48
_WEAK_SPOTS = "Weak spots"
_FACT_TEXTS = {"placeholder": "a statement waits to be filled in", "empty-section": "a section is empty"}
_LIST_TEXTS = {"all": "all of these", "any": "one of these", "none": "none of these"}


def page(rules: RuleSet, asked: Rule | Smell, pen: Pen) -> str:
    """All that is to be told of a rule or a smell."""
    return _smell_page(rules, asked, pen) if isinstance(asked, Smell) else _rule_page(rules, asked, pen)


def _smell_page(rules: RuleSet, smell: Smell, pen: Pen) -> str:
    """What a smell finds, why it matters, what mends it, its level, its examples and its references."""
    lines = [f"{pen(smell.title, bold=True)} ({smell.id})", ""]
    lines += _labelled(pen, "Weak spot", smell.told)
    if smell.sought:
        lines += _labelled(pen, "Looks for", smell.sought)
    lines += _labelled(pen, "Why", smell.why)
    lines += _labelled(pen, "Mend", smell.mend)
    lines += _labelled(pen, "Level", _smell_level(rules, smell))
    for name, examples in (("Found in", smell.examples.bad), ("Not found in", smell.examples.good)):
        lines += ["", pen(name, bold=True), *_indented("\n\n".join(examples))]
    lines += ["", pen("References", bold=True)]
    for reference in smell.references:
        lines += wrap(reference, 2)
    return "\n".join(lines) + "\n"


def _smell_level(rules: RuleSet, smell: Smell) -> str:
    points = rules.grading.smell_points
    others = [level for level in dict.fromkeys(smell.applies.level.values()) if level != smell.level]
    costs = "".join(f", {points[level]:g} as {level}" for level in others)
    return f"{smell.level}{_exceptions(rules, smell)}; takes {points[smell.level]:g} points off the score{costs}"


def _rule_page(rules: RuleSet, rule: Rule, pen: Pen) -> str:
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


def _exceptions(rules: RuleSet, rule: Rule | Smell) -> str:
    titles = {trait.id: trait.title.lower() for trait in rules.traits}
    raised = [f"{level} for {titles[trait]}" for trait, level in rule.applies.level.items()]
    sought = "looked for in" if isinstance(rule, Smell) else "asked for"
    spared = [f"not {sought} {titles[trait]}" for trait in rule.applies.unless]
    return "".join(f"; {exception}" for exception in (*raised, *spared))


def _indented(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from wrap(line, 2) or [""]


def rule_table(rules: RuleSet, pen: Pen) -> str:
    """All rules by stage: name, level, weight and title; then all smells: name, level and title."""
    width = max(map(len, rules.named), default=0)
    lines: list[str] = []
    for file in rules.files:
        lines += ["", pen(f"{file.stage}  {file.title}", bold=True)]
        lines += [f"   {pad(rule.id, width)}  {pad(rule.level, 7)}  {rule.weight:g}  {rule.title}" for rule in file.rules]
    if rules.smells:
        lines += ["", pen(_WEAK_SPOTS, bold=True)]
        lines += [f"   {pad(smell.id, width)}  {pad(smell.level, 7)}  {smell.title}" for smell in rules.smells]
    smells = f", and {len(rules.smells)} weak spots, each with its level and title" if rules.smells else ""
    lines += ["", *wrap(f"{len(rules.rules)} rules, each with its level where missing, weight and title{smells}. mlsd-lint explain RULE shows one.")]
    return "\n".join(lines[1:]) + "\n"


def rules_json(rules: RuleSet) -> str:
    """All rules and smells for a program: what is asked or found and why, without the phrases."""
    plain = [
        {
            "id": rule.id, "stage": rules.stage_of[rule.id], "title": rule.title, "level": rule.level, "weight": rule.weight,
            "ask": rule.ask, "why": rule.why, "applies": rule.applies.model_dump(mode="json"), "references": list(rule.references),
        }
        for rule in rules.rules.values()
    ]  # fmt: skip
    stages = [{"stage": stage, "title": title} for stage, title in rules.stage_titles.items()]
    smells = [
        {
            "id": smell.id, "title": smell.title, "level": smell.level, "told": smell.told, "sought": smell.sought, "why": smell.why,
            "mend": smell.mend, "applies": smell.applies.model_dump(mode="json"), "references": list(smell.references),
        }
        for smell in rules.smells
    ]  # fmt: skip
    return json.dumps({"version": 1, "rules": plain, "stages": stages, "smells": smells}, ensure_ascii=False, indent=2) + "\n"


def rules_markdown(rules: RuleSet) -> str:
    """The reference of all rules and smells: what is asked or found, why, level, weight, the traits that change it, examples and references."""
    smells = f", and the {len(rules.smells)} weak spots that it looks for" if rules.smells else ""
    lines = [
        "# Rules", "",
        f"What mlsd-lint asks: {len(rules.rules)} rules in {len(rules.files)} stages{smells}."
        " Generated by `mlsd-lint rules --format markdown`; do not edit it.", "",
    ]  # fmt: skip
    for file in rules.files:
        lines += [f"## {file.stage}. {_escaped(file.title)}", "", "| rule | level | weight | question |", "|---|---|---|---|"]
        lines += [f"| [{rule.id}](#{rule.id}) | {rule.level} | {rule.weight:g} | {_escaped(rule.ask)} |" for rule in file.rules]
        lines.append("")
        for rule in file.rules:
            lines += _markdown_page(rules, rule)
    if rules.smells:
        lines += [f"## {_WEAK_SPOTS}", "", "| smell | level | weak spot |", "|---|---|---|"]
        lines += [f"| [{smell.id}](#{smell.id}) | {smell.level} | {_escaped(smell.told)} |" for smell in rules.smells]
        lines.append("")
        for smell in rules.smells:
            lines += _smell_markdown(rules, smell)
    return "\n".join(lines).rstrip() + "\n"


def _smell_markdown(rules: RuleSet, smell: Smell) -> Iterator[str]:
    yield from (f"### {smell.id}", "", f"**{_escaped(smell.title)}.** {_escaped(smell.told)}", "", _escaped(smell.why), "")
    if smell.sought:
        yield f"- Looks for: {_escaped(smell.sought)}"
    yield from (f"- Mend: {_escaped(smell.mend)}", f"- Level: {_smell_level(rules, smell)}", "")
    yield from _fenced((("Found in", smell.examples.bad), ("Not found in", smell.examples.good)))
    yield from ("References:", "", *(f"- {_escaped(reference)}" for reference in smell.references), "")


def _markdown_page(rules: RuleSet, rule: Rule) -> Iterator[str]:
    yield from (f"### {rule.id}", "", f"**{_escaped(rule.title)}.** {_escaped(rule.ask)}", "", _escaped(rule.why), "")
    yield f"- Level: {rule.level} where missing{_exceptions(rules, rule)}"
    yield f"- Weight: {rule.weight:g} of {sum(other.weight for other in _neighbours(rules, rule)):g} in its stage"
    if rule.implied_by:
        yield "- Also answered by: " + ", ".join(f"[{other}](#{other})" for other in rule.implied_by)
    yield ""
    shown = rule.examples
    yield from _fenced((("Covered by", shown.covered), ("Only mentioned by", shown.mentioned), ("Absent from", shown.absent)))
    yield from ("References:", "", *(f"- {_escaped(reference)}" for reference in rule.references), "")


def _fenced(examples: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Examples as blocks of code, under the name of each kind."""
    for name, texts in examples:
        yield from (f"{name}:", "")
        for text in texts:
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
            yield from (f"{fence}markdown", text.rstrip("\n"), fence, "")


def _neighbours(rules: RuleSet, rule: Rule) -> list[Rule]:
    return [other for other in rules.rules.values() if rules.stage_of[other.id] == rules.stage_of[rule.id]]


def _escaped(text: str) -> str:
    """Plain text as Markdown that shows it unchanged, in a table cell too."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(text.split()))


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


# ---- how a smell was judged


def smell_why_page(report: DocumentReport, trace: Trace, pen: Pen) -> str:
    """Whether a smell was found in one document, and for every part of its rule whether it holds and where."""
    lines = [f"{pen(trace.smell.id, bold=True)} in {clean(report.path)}: {pen('found' if trace.finding else 'not found', bold=True)}"]
    lines += wrap(f"because: {_outcome(report, trace)}", 2)
    for step in trace.steps:
        lines += ["", f"{pen(step.part, bold=True)} ({_PART_TEXTS[step.part]}): {_held(step.holds)}", *_condition_lines(step, 2)]
    return "\n".join(lines) + "\n"


_PART_TEXTS = {"when": "must hold", "unless": "must hold nowhere", "also": "must hold, too", "without": "is looked for"}


def _held(holds: bool) -> str:
    return "holds" if holds else "does not hold"


def _outcome(report: DocumentReport, trace: Trace) -> str:
    """Why a smell was found or not, in one sentence."""
    smell, held = trace.smell, {step.part: step.holds for step in trace.steps}
    if trace.spared is not None:
        return f"it is not looked for in {trace.spared.title.lower()} ({trace.spared.where})."
    if not held["when"]:
        return "nothing in the document meets 'when'."
    if held.get("unless"):
        return "'unless' holds."
    if not held.get("also", True):
        return "'when' holds, but nothing in the document meets 'also'."
    if held.get("without"):
        return f"'without' holds: what is looked for is there ({clean(smell.sought)})."
    others = [f"'{part}' {'holds, too' if part == 'also' else 'does not'}" for part in ("also", "without", "unless") if part in held]
    return f"'when' holds{_around(smell)}{''.join(f', {other}' for other in others)}{_unreported(report, smell)}."


def _around(smell: Smell) -> str:
    return "" if smell.without is None or smell.scope == "document" else f" in a {smell.scope} in which"


def _unreported(report: DocumentReport, smell: Smell) -> str:
    """Why a weak spot that was found is not in the report, "" where it is."""
    if report.kind is not Kind.DESIGN:
        return f"; it is not reported, because the document as a whole is reported as {report.kind.value}"
    by = next((entry.by for entry in report.suppressed if entry.finding.rule == smell.id), "")
    return f"; it is suppressed by {clean(by)}" if by else ""


def _condition_lines(step: Step, indent: int) -> Iterator[str]:
    """What a condition asks for and the places that meet it; of alternatives one of which is met, only those that are."""
    yield from wrap(_asked(step.condition), indent)
    shown = [inner for inner in step.steps if inner.holds or not any(other.holds for other in step.steps) or inner.part == "all"]
    for inner in shown:
        yield f"{' ' * indent}- {_held(inner.holds)}"
        yield from _condition_lines(inner, indent + 2)
    if len(shown) < len(step.steps):
        rest = len(step.steps) - len(shown)
        yield f"{' ' * indent}- {rest} other{'s' if rest > 1 else ''} {'do' if rest > 1 else 'does'} not hold"
    for place in () if step.steps else step.places:
        lead = f"{' ' * indent}line {place.region.line}: "
        yield lead + quote(place.text, WIDTH - len(lead))


def _asked(condition: Condition) -> str:
    """What a condition asks for, in a line or two."""
    for key, told in _LIST_TEXTS.items():
        if getattr(condition, key):
            return told
    if condition.trait:
        return f"the system has the trait {condition.trait}"
    if condition.topic:
        return f"{condition.topic} is {' or '.join(condition.status)}" if not condition.holding else f"{condition.topic} says {_group(condition.holding)}"
    if condition.fact:
        return _FACT_TEXTS[condition.fact]
    if condition.conflict is not None:
        return f"two different values ({condition.conflict.kind}) of {_group(condition.conflict.of)}"
    if condition.exceeds is not None:
        more, less = condition.exceeds.more, condition.exceeds.less
        return f"{_groups(more.says)} ({more.kind}) exceeds {_groups(less.says)} ({less.kind})"
    return f"says {_groups(condition.says)}{_narrowed(condition)}"


def _narrowed(condition: Condition) -> str:
    bound = condition.bound
    limits = [] if bound is None else [f"{word} {value:g}" for word, value in (("above", bound.above), ("below", bound.below)) if value is not None]
    told = [f"{bound.kind} {' and '.join(limits)}"] if bound is not None else []
    groups = (("not with", condition.besides), ("under", condition.under), ("not under", condition.not_under))
    told += [f"{name} {_group(text)}" for name, text in groups if text]
    return f" ({'; '.join(told)})" if told else ""


def _groups(texts: tuple[str, ...]) -> str:
    return " with ".join(map(_group, texts))


def _group(text: str) -> str:
    return quote(text, _SHOWN_GROUP)
