"""Which rules are asked and how much they weigh in a repository, applied to what has been judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mlsd_lint.errors import ConfigError, ConfigProblem, nearest
from mlsd_lint.judge import LEVEL_BELOW, in_order
from mlsd_lint.model import DocumentReport, Finding, Kind, Status
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.score import score
from mlsd_lint.settings import Setting, Step
from mlsd_lint.suppress import NOTICES, names_of

_OFF = "off"


@dataclass(frozen=True)
class Selection:
    """The outcome of all steps for one rule set.

    Attributes:
        rules: the rules that are asked; stages without any are dropped.
        dropped: ids of which no finding is reported.
        levels: level by rule where a step sets one.
    """

    rules: RuleSet
    dropped: frozenset[str]
    levels: dict[str, Setting[str]]


def choose(ruleset: RuleSet, steps: Iterable[Step]) -> Selection:
    """Take the steps one after the other: a ``select`` starts anew, ``ignore`` takes away, a level turns a rule off or on.

    Raises:
        ConfigError: with every name that no rule or stage bears, or where no rule is left.
    """
    names = _Names(ruleset)
    kept = names.all
    levels: dict[str, Setting[str]] = {}
    narrowing: list[Setting[str]] = []
    for step in steps:
        if step.select is not None:
            chosen = names.of(step.select)
            kept = chosen | names.always
            levels = {rule: level for rule, level in levels.items() if level.value != _OFF or rule not in chosen}
        kept -= names.of(step.ignore)
        narrowing += [*(step.select or ()), *step.ignore]
        # a rule's own level wins over that of its stage
        for name, level in sorted(step.levels, key=lambda pair: not pair[0].startswith("stage:")):
            levels |= dict.fromkeys(names.of((Setting(name, level.origin),)), level)
            narrowing += [level] if level.value == _OFF else []
    if names.problems:
        raise ConfigError(*dict.fromkeys(names.problems))
    kept -= {rule for rule, level in levels.items() if level.value == _OFF}
    if not kept & ruleset.rules.keys():
        origins = ", ".join(dict.fromkeys(str(setting.origin) for setting in narrowing))
        message = "no rule is left; select more or ignore less"
        last = narrowing[-1].problem(message) if narrowing else message
        raise ConfigError(last if isinstance(last, ConfigProblem) else f"{origins}: {message}")
    files = (file.model_copy(update={"rules": tuple(rule for rule in file.rules if rule.id in kept)}) for file in ruleset.files)
    smells = tuple(smell for smell in ruleset.smells if smell.id in kept)
    whole = ruleset.rules.keys() <= kept and len(smells) == len(ruleset.smells)
    rules = ruleset if whole else replace(ruleset, files=tuple(file for file in files if file.rules), smells=smells)
    return Selection(rules, names.all - kept, levels)


class _Names:
    """The names that may be chosen, and the unknown ones that have been."""

    def __init__(self, ruleset: RuleSet) -> None:
        self._known = names_of(ruleset) | {notice: frozenset((notice,)) for notice in NOTICES}
        self.all = frozenset[str]().union(*self._known.values())
        self.always = self.all - ruleset.rules.keys() - self._known["smells"] - self._known["profiles"]
        self.problems: list[str | ConfigProblem] = []

    def of(self, settings: Iterable[Setting[str]]) -> frozenset[str]:
        """The rules that names stand for; an unknown name becomes a problem."""
        found: frozenset[str] = frozenset()
        for setting in settings:
            name = f"stage:{setting.value}" if setting.value.isdecimal() else setting.value
            if name not in self._known:
                mend = nearest(name, self._known) or "mlsd-lint rules lists what there is"
                self.problems.append(setting.problem(f"unknown rule or stage '{name}'; {mend}"))
            found |= self._known.get(name, frozenset())
        return found


def narrow(report: DocumentReport, ruleset: RuleSet, selection: Selection) -> DocumentReport:
    """A report reduced to the chosen rules, with their levels.

    Judging comes first, with all rules, because the kind of a document shows in everything it says.
    """
    if not selection.dropped and not selection.levels:
        return report
    mentioned = {topic.rule for topic in report.topics if topic.status is Status.MENTIONED}
    topics = tuple(topic for topic in report.topics if topic.rule not in selection.dropped)

    def levelled(finding: Finding) -> Finding:
        setting = selection.levels.get(finding.rule)
        if setting is None:
            return finding
        return replace(finding, level=LEVEL_BELOW[setting.value] if finding.rule in mentioned else setting.value)

    findings = in_order(levelled(finding) for finding in report.findings if finding.rule not in selection.dropped)
    asked = {smell.id for smell in selection.rules.smells}
    smells = tuple(finding for finding in findings if finding.rule in asked)
    rescored = report.kind is Kind.DESIGN and selection.rules is not ruleset
    return replace(
        report,
        topics=topics,
        findings=findings,
        requirements=tuple(result for result in report.requirements if result.rule not in selection.dropped),
        suppressed=tuple(replace(entry, finding=levelled(entry.finding)) for entry in report.suppressed if entry.finding.rule not in selection.dropped),
        scorecard=score(selection.rules, topics, smells) if rescored else report.scorecard,
    )
