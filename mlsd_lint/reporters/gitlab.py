"""The Code Quality report of GitLab."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from mlsd_lint.model import Finding, Report
from mlsd_lint.reporters.findings import related_places
from mlsd_lint.reporters.options import Options
from mlsd_lint.reporters.paths import from_root

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def render(report: Report, options: Options) -> str:
    """Render findings, and documents that could not be read, as an array of issues; paths are relative to ``options.root``."""
    return json.dumps([*_findings(report, options), *_unreadable(report, options)], ensure_ascii=False, indent=2) + "\n"


def _findings(report: Report, options: Options) -> Iterator[dict[str, Any]]:
    seen: Counter[tuple[str, ...]] = Counter()
    for document in report.documents:
        path = from_root(document.path, options)
        for finding in document.findings:
            key = (path, finding.rule, finding.fingerprint or finding.message)
            seen[key] += 1
            lines = {"begin": finding.region.line, "end": finding.region.end_line}
            yield _issue(finding.rule, _description(finding), _SEVERITIES[finding.level], path, lines, _fingerprint(*key, str(seen[key])))


def _unreadable(report: Report, options: Options) -> Iterator[dict[str, Any]]:
    for error in report.errors:
        path = from_root(error.path, options)
        description = f"mlsd-lint could not read it: {error.message}"
        yield _issue("unreadable-document", description, "critical", path, {"begin": 1}, _fingerprint(path, "unreadable-document", error.message))


def _description(finding: Finding) -> str:
    return " ".join(" ".join((finding.message, *related_places(finding))).split())


def _issue(rule: str, description: str, severity: str, path: str, lines: dict[str, int], fingerprint: str) -> dict[str, Any]:
    return {
        "description": description, "check_name": rule, "fingerprint": fingerprint, "severity": severity,
        "location": {"path": path, "lines": lines},
    }  # fmt: skip


def _fingerprint(*parts: str) -> str:
    """64 hex digits; GitLab shows only the first of several issues with the same ones."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
