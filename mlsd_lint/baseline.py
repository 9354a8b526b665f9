"""A baseline: the findings that a repository has already, kept in a file so that only new ones are reported."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from mlsd_lint.errors import ConfigError, ConfigProblem
from mlsd_lint.model import DocumentReport, Finding, Suppressed

BY = "baseline"
_VERSION = 1
_MEND = "name another file, or write it with --write-baseline"


class Entry(NamedTuple):
    """A finding that is known: the document from the baseline's folder, its rule, and its fingerprint."""

    path: str
    rule: str
    fingerprint: str


@dataclass(frozen=True)
class Baseline:
    """The entries of a file; one that stands there twice stands for two findings."""

    file: Path
    entries: Counter[Entry]

    def name(self, document: Path | None) -> str:
        """A document as the file names it, whatever folder we are in; standard input keeps its name."""
        return "<stdin>" if document is None else _from_folder(document, self.file)

    def apply(self, report: DocumentReport, name: str) -> DocumentReport:
        """The report of a document of that name, with the findings that are known counted as suppressed."""
        left = Counter(self.entries)
        kept: list[Finding] = []
        known: list[Finding] = []
        for finding in report.findings:
            entry = _entry(name, finding)
            (known if left[entry] > 0 else kept).append(finding)
            left[entry] -= 1
        return replace(report, findings=tuple(kept), suppressed=(*report.suppressed, *(Suppressed(finding, BY, "") for finding in known)))

    def stale(self, name: str, found: Iterable[Finding]) -> tuple[Entry, ...]:
        """The entries of a document that none of its findings, suppressed or not, answers to any more."""
        left = Counter({entry: count for entry, count in self.entries.items() if entry.path == name})
        left.subtract(entry for finding in found if (entry := _entry(name, finding)) in left)
        return tuple(sorted(left.elements()))

    def orphaned(self, linted: Iterable[str]) -> tuple[Entry, ...]:
        """The entries of documents that exist no more."""
        linted = set(linted)
        gone = (entry for entry in self.entries if entry.path not in linted and not (self.file.parent / entry.path).exists())
        return tuple(sorted(gone))


def load(file: Path, shown: str) -> Baseline:
    """Read a baseline.

    Args:
        shown: the file's name for messages.

    Raises:
        ConfigError: it is not there, or is no baseline.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
        return Baseline(file, Counter(_entries(json.loads(text))))
    except OSError as error:
        raise ConfigError(ConfigProblem(shown, None, f"the baseline cannot be read: {(error.strerror or str(error)).lower()}; {_MEND}")) from error
    except json.JSONDecodeError as error:
        raise ConfigError(ConfigProblem(shown, error.lineno, f"the baseline is not valid JSON: {error.msg.lower()}; {_MEND}")) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(ConfigProblem(shown, None, f"this is no baseline of mlsd-lint; {_MEND}")) from error


def _entries(data: Any) -> Iterator[Entry]:
    if not isinstance(data, dict) or data.get("version") != _VERSION or not isinstance(data.get("findings"), list):
        raise ValueError("not a baseline")
    for entry in data["findings"]:
        if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in Entry._fields):
            raise ValueError("not an entry")
        yield Entry(*(entry[key] for key in Entry._fields))


def write(file: Path, shown: str, found: Iterable[tuple[Path | None, DocumentReport]]) -> int:
    """Write the findings of documents to a file; entries of other documents that still exist stay as they are.

    Returns:
        How many findings of these documents it holds.

    Raises:
        ConfigError: a file of that name is no baseline, or it cannot be written.
    """
    reports = {_from_folder(path, file) if path else "<stdin>": report for path, report in found}
    old = load(file, shown) if file.exists() else Baseline(file, Counter())
    gone = set(old.orphaned(reports))
    others = [entry for entry in old.entries.elements() if entry.path not in reports and entry not in gone]
    own = [_entry(name, finding) for name, report in reports.items() for finding in report.findings]
    try:
        file.write_bytes(_text(sorted([*others, *own])).encode())
    except OSError as error:
        raise ConfigError(ConfigProblem(shown, None, f"cannot be written: {(error.strerror or str(error)).lower()}; name another file")) from error
    return len(own)


def _text(entries: list[Entry]) -> str:
    """One line for each finding, so that a change shows as the lines it touches."""
    lines = ",".join("\n    " + json.dumps(entry._asdict(), ensure_ascii=False) for entry in entries)
    return f'{{\n  "version": {_VERSION},\n  "findings": [{lines}\n  ]\n}}\n'


def _entry(name: str, finding: Finding) -> Entry:
    return Entry(name, finding.rule, finding.fingerprint)


def _from_folder(document: Path, file: Path) -> str:
    try:
        return Path(os.path.relpath(os.path.realpath(document), os.path.realpath(file.parent))).as_posix()
    except ValueError:  # another drive
        return document.absolute().as_posix()
