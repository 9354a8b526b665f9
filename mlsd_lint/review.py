"""The run over files: each document linted by its own settings, and what came of it all."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlsd_lint import baseline, ruleset
from mlsd_lint.baseline import Baseline
from mlsd_lint.compare import DocumentChange, compare
from mlsd_lint.config import Finder, shown
from mlsd_lint.errors import ConfigError, DocumentError, RuleFileError, nearest
from mlsd_lint.files import SUFFIXES, Source
from mlsd_lint.git import Changes, Repository
from mlsd_lint.model import DocumentFailure, DocumentReport, Judging, Report
from mlsd_lint.rule import Rule, Smell
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.selection import Selection, choose, narrow
from mlsd_lint.settings import CommandLine, Setting, Settings, Step

if TYPE_CHECKING:
    from mlsd_lint.linter import Linter

LEVELS = ("note", "warning", "error", "never")
_STALE_SHOWN = 5

Progress = Callable[[list["Planned"]], AbstractContextManager[Iterable["Planned"]]]


@dataclass(frozen=True)
class Planned:
    """A document with all that it will be linted by; ``asked`` are the rules of its rubric."""

    source: Source
    settings: Settings
    rules: RuleSet
    asked: RuleSet
    selection: Selection

    @property
    def judging(self) -> Judging:
        """What the settings say on how the document is judged."""
        profiles = None if self.settings.profiles is None else tuple(name.value for name in self.settings.profiles)
        traits = tuple(name.value for name in self.settings.traits)
        return Judging(self.settings.require_reason.value, self.settings.rubric.value, traits, profiles)


@dataclass
class Outcome:
    """What came of a run.

    Attributes:
        planned: by path of the report; only documents that could be linted.
        judged: the reports before a baseline took findings out of them, by path.
        failed: whether a document has a finding at or above its ``fail-on``, or scores below its ``min-score``.
        notes: what a user should know though it is no finding.
    """

    report: Report
    planned: dict[str, Planned] = field(default_factory=dict)
    judged: dict[str, DocumentReport] = field(default_factory=dict)
    failed: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def rules(self) -> dict[str, Rule]:
        """The rules that were asked of any document, by id."""
        return {rule.id: rule for planned in self.planned.values() for rule in planned.selection.rules.rules.values()}

    @property
    def smells(self) -> dict[str, Smell]:
        """The smells that were looked for in any document, by id."""
        return {smell.id: smell for planned in self.planned.values() for smell in planned.selection.rules.smells}

    @property
    def digest(self) -> str:
        """Identifies the rules of all documents, 12 hex digits."""
        digests = dict.fromkeys(planned.rules.digest for planned in self.planned.values()) or {ruleset.load().digest: None}
        return next(iter(digests)) if len(digests) == 1 else hashlib.sha256("\0".join(digests).encode()).hexdigest()[:12]


class Reviewer:
    """Lints documents, each by the configuration nearest to it and what the command line puts over that."""

    def __init__(self, finder: Finder, command_line: CommandLine, make_linter: Callable[[RuleSet], Linter]) -> None:
        """Raises ConfigError where the command line names rules that there are not."""
        self._finder, self._command_line, self._make_linter = finder, command_line, make_linter
        packaged = ruleset.load()
        self._rules: dict[tuple[Path, ...], RuleSet | RuleFileError] = {(): packaged}
        self._selections: dict[tuple[str, str, tuple[Step, ...]], Selection] = {}
        self._linters: dict[str, Linter] = {}
        self._baselines: dict[Path, Baseline] = {}
        choose(packaged, command_line.over(Settings()).steps)

    def settings(self, file: Path | None) -> Settings:
        """The settings of a document; None is standard input. Raises ConfigError."""
        return self._command_line.over(self._finder.of(file).settings(file))

    def plan(self, source: Source) -> Planned:
        """Everything that a document is linted by. Raises ConfigError and RuleFileError."""
        settings = self.settings(source.file)
        rules = self.rules(settings)
        _check_names(settings, rules)
        rubric = settings.rubric.value
        key = (rules.digest, rubric, settings.steps)
        if key not in self._selections:
            chosen = choose(rules, settings.steps)
            self._selections[key] = replace(chosen, rules=chosen.rules.for_rubric(rubric))
            if not self._selections[key].rules.files:
                raise ConfigError(f"the rubric {rubric} asks none of the selected rules; choose --rubric launch, or select others")
        return Planned(source, settings, rules, rules.for_rubric(rubric), self._selections[key])

    def rules(self, settings: Settings) -> RuleSet:
        """The rules of the package with the settings' packs over them. Raises ConfigError and RuleFileError."""
        for pack in settings.packs:
            if not pack.value.is_dir():
                raise ConfigError(pack.problem(f"rules: there is no folder '{shown(pack.value)}'; mend the path, which starts at this file's folder"))
        folders = tuple(Path(shown(pack.value)) for pack in settings.packs)
        if folders not in self._rules:
            try:
                self._rules[folders] = ruleset.load_packs(folders)
            except RuleFileError as error:
                self._rules[folders] = error
        rules = self._rules[folders]
        if isinstance(rules, RuleFileError):
            raise rules
        return rules

    def linter(self, rules: RuleSet) -> Linter:
        """The linter of a rule set, made once."""
        if rules.digest not in self._linters:
            self._linters[rules.digest] = self._make_linter(rules)
        return self._linters[rules.digest]

    def examine(self, planned: Planned, data: bytes) -> DocumentReport:
        """A document's report by its settings, before the baseline. Raises DocumentError."""
        linter = self.linter(planned.rules)
        return linter.lint(data, planned.source.path, planned.judging)

    def run(self, sources: list[Source], failures: list[DocumentFailure], progress: Progress, *, use_baseline: bool = True) -> Outcome:
        """Lint documents one after the other; what cannot be read, or has no sound configuration, becomes an error of the report."""
        plans, broken, notes = self._plans(sources, use_baseline)
        outcome = Outcome(Report((), ()), notes=notes)
        documents = []
        failures = [*failures, *broken]
        seen: dict[Path, list[str]] = {}
        with progress(plans) as shown_plans:
            for planned in shown_plans:
                try:
                    whole = self.examine(planned, planned.source.read())
                except DocumentError as error:
                    failures.append(DocumentFailure(error.path, error.message))
                    continue
                report = outcome.judged[whole.path] = narrow(whole, planned.asked, planned.selection)
                if use_baseline:
                    report = self._less_known(planned, whole, report, seen, outcome)
                documents.append(report)
                outcome.planned[report.path] = planned
                outcome.failed |= _fails(report, planned.settings)
        outcome.notes += [note for file, names in seen.items() for note in _stale(file, self._baselines[file].orphaned(names), "is gone")]
        outcome.report = Report(tuple(documents), tuple(failures))
        return outcome

    def _plans(self, sources: list[Source], use_baseline: bool) -> tuple[list[Planned], list[DocumentFailure], list[str]]:
        """What to lint, what stands in the way, and a note where exclusion leaves nothing."""
        plans: list[Planned] = []
        failures: dict[DocumentFailure, None] = {}
        excluded: dict[str, None] = {}
        for source in sources:
            try:
                planned = self.plan(source)
                if planned.settings.excluded_by is not None:
                    excluded[str(planned.settings.excluded_by.origin)] = None
                    continue
                if use_baseline:
                    self._baseline(planned.settings.baseline)
                plans.append(planned)
            except ConfigError as error:
                if not error.problems:
                    raise
                failures |= dict.fromkeys(DocumentFailure(problem.path, problem.message, problem.line) for problem in error.problems)
            except RuleFileError as error:
                failures |= dict.fromkeys(map(_failure, error.problems))
        notes = [f"nothing to lint: every document is excluded ({', '.join(excluded)})"] if excluded and not plans and not failures else []
        return plans, list(failures), notes

    def _baseline(self, setting: Setting[Path | None]) -> Baseline | None:
        file = setting.value
        if file is None:
            return None
        if file not in self._baselines:
            try:
                self._baselines[file] = baseline.load(file, shown(file))
            except ConfigError as error:
                if file.exists() or isinstance(setting.origin, str):
                    raise
                raise ConfigError(setting.problem(f"baseline: there is no file '{shown(file)}'; write it with --write-baseline")) from error
        return self._baselines[file]

    def _less_known(self, planned: Planned, whole: DocumentReport, report: DocumentReport, seen: dict[Path, list[str]], outcome: Outcome) -> DocumentReport:
        """A report without the findings that its baseline knows."""
        known = self._baseline(planned.settings.baseline)
        if known is None:
            return report
        name = known.name(planned.source.file)
        seen.setdefault(known.file, []).append(name)
        found = [*whole.findings, *(entry.finding for entry in whole.suppressed)]
        outcome.notes += _stale(known.file, known.stale(name, found), "has no such finding any more")
        return known.apply(report, name)

    # ---- change

    def compare(self, outcome: Outcome, against: str, paths: Iterable[str], option: str = "--compare") -> list[DocumentChange]:
        """What became of each document since a revision, or in comparison with a second file.

        Args:
            against: a file that exists, for one document only, or else a revision; ``REV...`` is where the present commit left REV.
            paths: what was linted, where documents that were removed are looked for.
            option: what asked for it, for messages.

        Raises:
            ConfigError: there is no such file or revision, or no repository.
            DocumentError: the second file cannot be read.
        """
        if os.path.isfile(against):
            return [self._compared_with_file(outcome, Path(against), option)]
        changes = []
        histories: dict[Path, tuple[Repository, str, Changes]] = {}
        for path, report in outcome.judged.items():
            planned = outcome.planned[path]
            if planned.source.file is None:
                raise ConfigError(f"{option}: standard input has no revisions; name a file, here or to compare with")
            file = Path(os.path.realpath(planned.source.file))
            repository, commit, changed = _history(histories, file.parent, against, option)
            former = changed.present.get(file, file)
            data = repository.read(commit, former) if former else None
            before = None if data is None else self._as_it_was(planned, data)
            renamed = shown(former) if former and former != file and data is not None else None
            changes.append(compare(before, report, outcome.rules, renamed))
        return [*changes, *self._removed(histories, outcome, against, list(paths), option)]

    def _compared_with_file(self, outcome: Outcome, file: Path, option: str) -> DocumentChange:
        if len(outcome.judged) != 1:
            raise ConfigError(f"{option}: the file {file.as_posix()} can be compared with one document; name just one, or a revision")
        report = next(iter(outcome.judged.values()))
        data = Source(file.as_posix(), file).read()
        planned = outcome.planned[report.path]
        before = narrow(self.examine(replace(planned, source=Source(file.as_posix(), file)), data), planned.rules, planned.selection)
        return compare(before, report, outcome.rules)

    def _as_it_was(self, planned: Planned, data: bytes) -> DocumentReport | None:
        """A former version by the present settings; None where it cannot be read, so that there is nothing to lose."""
        try:
            return narrow(self.examine(planned, data), planned.rules, planned.selection)
        except DocumentError:
            return None

    def _removed(
        self, histories: dict[Path, tuple[Repository, str, Changes]], outcome: Outcome, against: str, paths: list[str], option: str
    ) -> list[DocumentChange]:
        """Documents below the folders that were linted which are there no more."""
        folders = [Path(os.path.realpath(path)) for path in paths if os.path.isdir(path)]
        for folder in folders:
            _history(histories, folder, against, option)
        changes = []
        for repository, commit, changed in {entry[0].root: entry for entry in histories.values()}.values():
            for file in sorted(changed.removed):
                if file.suffix.lower() not in SUFFIXES or not any(file.is_relative_to(folder) for folder in folders):
                    continue
                planned = self.plan(Source(shown(file), file))
                data = repository.read(commit, file)
                before = None if data is None or planned.settings.excluded_by else self._as_it_was(planned, data)
                if before is not None:
                    changes.append(compare(before, None, planned.asked.rules))
        return changes


def _history(known: dict[Path, tuple[Repository, str, Changes]], folder: Path, revision: str, option: str) -> tuple[Repository, str, Changes]:
    """The repository of a folder, the commit that a revision means in it, and what changed since."""
    if folder not in known:
        repository = Repository(folder)
        same = next((entry for entry in known.values() if entry[0].root == repository.root), None)
        commit = repository.commit(option, revision) if same is None else same[1]
        known[folder] = same or (repository, commit, repository.changes(commit))
    return known[folder]


def _check_names(settings: Settings, rules: RuleSet) -> None:
    """Raises ConfigError for traits and profiles that there are not."""
    traits = [("trait", setting, setting.value.removeprefix("-"), rules.trait_names) for setting in settings.traits]
    profiles = [("profile", setting, setting.value, rules.profile_names) for setting in settings.profiles or ()]
    for what, setting, name, known in (*traits, *profiles):
        if name not in known:
            raise ConfigError(setting.problem(f"unknown {what} '{name}'; {nearest(name, known) or 'known are ' + ', '.join(sorted(known))}"))


def changed_since(sources: list[Source], revision: str) -> list[Source]:
    """The documents that are new, changed or renamed since the present commit left a revision.

    Raises:
        ConfigError: a document lies in no repository, or the repository knows no such revision.
    """
    roots: dict[Path, Path] = {}
    changed: dict[Path, set[Path]] = {}
    kept = []
    for source in sources:
        if source.file is None:
            kept.append(source)
            continue
        file = Path(os.path.realpath(source.file))
        if file.parent not in roots:
            repository = Repository(file.parent)
            roots[file.parent] = repository.root
            if repository.root not in changed:
                fork = repository.fork(repository.commit("--changed-since", revision))
                changed[repository.root] = set(repository.changes(fork).present)
        if file in changed[roots[file.parent]]:
            kept.append(source)
    return kept


def _failure(problem: str) -> DocumentFailure:
    """A problem of a rule file, ``file:line: message``, of which the line may be missing."""
    placed = re.fullmatch(r"(.+?):(\d+): (.+)", problem, re.DOTALL)
    if placed:
        return DocumentFailure(placed[1], placed[3], int(placed[2]))
    file, _, message = problem.partition(": ")
    return DocumentFailure(file, message)


def _fails(report: DocumentReport, settings: Settings) -> bool:
    worst = max((LEVELS.index(finding.level) for finding in report.findings), default=-1)
    least = settings.min_score.value
    return worst >= LEVELS.index(settings.fail_on.value) or (least is not None and report.scorecard.score < least)


def _stale(file: Path, entries: tuple[baseline.Entry, ...], why: str) -> list[str]:
    """One line for each document with entries of a baseline that answer to nothing."""
    by_path: dict[str, list[str]] = {}
    for entry in entries:
        by_path.setdefault(entry.path, []).append(entry.rule)
    notes = []
    for path, rules in by_path.items():
        more = f" and {len(rules) - _STALE_SHOWN} more" if len(rules) > _STALE_SHOWN else ""
        count = f"{len(rules)} stale {'entry' if len(rules) == 1 else 'entries'}"
        notes.append(f"{shown(file)}: {count}: {path} {why}: {', '.join(rules[:_STALE_SHOWN])}{more}; write the baseline anew")
    return notes
