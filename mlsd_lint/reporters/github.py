"""Workflow commands that GitHub Actions turns into annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mlsd_lint.model import DocumentReport, Finding, Report
from mlsd_lint.reporters.findings import LEVELS, related_places
from mlsd_lint.reporters.layout import clean
from mlsd_lint.reporters.options import Options
from mlsd_lint.reporters.paths import from_root

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
# GitHub shows so many annotations of each kind for a step and drops the others without a word
_SHOWN = 10


class _Annotation(NamedTuple):
    command: str
    properties: dict[str, str]
    message: str

    def __str__(self) -> str:
        told = ",".join(f"{name}={_property(value)}" for name, value in self.properties.items())
        return f"::{self.command} {told}::{_data(self.message)}"


def render(report: Report, options: Options) -> str:
    """Render at most ten errors, ten warnings and ten notices, most severe first; where more were found, the last notice says how many."""
    annotations = [*_unreadable(report, options), *_findings(report, options)]
    shown = {command: [a for a in annotations if a.command == command][:_SHOWN] for command in _COMMANDS.values()}
    if sum(map(len, shown.values())) < len(annotations):
        del shown["notice"][_SHOWN - 1 :]
        shown["notice"].append(_left_out(len(annotations) - sum(map(len, shown.values()))))
    return "".join(f"{annotation}\n" for kind in shown.values() for annotation in kind)


def _unreadable(report: Report, options: Options) -> Iterator[_Annotation]:
    for error in report.errors:
        yield _Annotation("error", {"file": _file(error.path, options), "title": "mlsd-lint: could not be read"}, clean(error.message))


def _findings(report: Report, options: Options) -> Iterator[_Annotation]:
    found = ((finding, document) for document in report.documents for finding in document.findings)
    for finding, document in sorted(found, key=lambda pair: (LEVELS.index(pair[0].level), -pair[0].weight)):
        yield _annotation(finding, document, options)


def _annotation(finding: Finding, document: DocumentReport, options: Options) -> _Annotation:
    region = finding.region
    properties = {"file": _file(document.path, options), "line": str(region.line), "endLine": str(region.end_line)}
    if region.line == region.end_line:  # GitHub takes columns on a single line only
        properties |= {"col": str(region.column), "endColumn": str(region.end_column)}
    properties["title"] = clean(f"mlsd-lint: {finding.title} ({finding.rule})")
    lines = (finding.message, *related_places(finding), finding.help)
    return _Annotation(_COMMANDS[finding.level], properties, "\n".join(clean(line) for line in lines if line))


def _left_out(count: int) -> _Annotation:
    message = f"{count} more found than GitHub shows for a step; mlsd-lint reports all of them in its other formats, as in --format text."
    return _Annotation("notice", {"title": f"mlsd-lint: {count} more"}, message)


def _file(path: str, options: Options) -> str:
    return clean(from_root(path, options))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
