"""The Reviewdog Diagnostic Format, which reviewdog turns into review comments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mlsd_lint.model import DocumentReport, Finding, Region, Report
from mlsd_lint.reporters.escape import markdown
from mlsd_lint.reporters.options import Options

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(report: Report, options: Options) -> str:
    """Render findings, and documents that could not be read, as diagnostics; paths are as given, messages are Markdown."""
    diagnostics = [*(_diagnostic(finding, document) for document in report.documents for finding in document.findings), *_unreadable(report)]
    return json.dumps({"source": {"name": "mlsd-lint"}, "diagnostics": diagnostics}, ensure_ascii=False, indent=2) + "\n"


def _diagnostic(finding: Finding, document: DocumentReport) -> dict[str, Any]:
    diagnostic: dict[str, Any] = {
        "message": markdown(finding.message),
        "location": _location(finding.region, document),
        "severity": _SEVERITIES[finding.level],
        "code": {"value": finding.rule},
    }
    if finding.related:
        diagnostic["related_locations"] = [
            {"message": markdown(place.note or place.text), "location": _location(place.region, document)} for place in finding.related
        ]
    return diagnostic


def _unreadable(report: Report) -> Iterator[dict[str, Any]]:
    for error in report.errors:
        message = markdown(f"could not be read: {error.message}")
        yield {"message": message, "location": {"path": error.path}, "severity": "ERROR", "code": {"value": "unreadable-document"}}


def _location(region: Region, document: DocumentReport) -> dict[str, Any]:
    start = _position(region.line, region.column, region.start, document.source)
    return {"path": document.path, "range": {"start": start, "end": _position(region.end_line, region.end_column, region.end, document.source)}}


def _position(line: int, column: int, offset: int, source: str) -> dict[str, int]:
    """A position with its column in bytes of UTF-8, as the format asks."""
    before = source[offset - column + 1 : offset]
    return {"line": line, "column": column + len(before.encode("utf-8", "surrogatepass")) - len(before)}
