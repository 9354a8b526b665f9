"""SARIF 2.1.0 for code scanning and editors."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from mlsd_lint import __version__
from mlsd_lint.model import DocumentFailure, DocumentReport, Finding, Place, Region, Report, Suppressed
from mlsd_lint.reporters.options import Options
from mlsd_lint.reporters.paths import from_root, to_uri

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_UNREADABLE = "unreadable-document"
# signs by which a message holds links and places for arguments
_LINK = re.compile(r"[\\\[\]]")
_ARGUMENT = re.compile(r"[{}]")


def render(report: Report, options: Options) -> str:
    """Render a report as a SARIF log with one run; paths are URIs relative to ``options.root``."""
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_Run(report, options).payload()]}, ensure_ascii=False, indent=2) + "\n"


class _Run:
    """Collects the rules and documents that results refer to by index."""

    def __init__(self, report: Report, options: Options) -> None:
        self.report = report
        self.options = options
        self.rules = list(_rules(report, options))
        self.rule_index = {rule["id"]: index for index, rule in enumerate(self.rules)}

    def payload(self) -> dict[str, Any]:
        notifications = [{"id": _UNREADABLE, "shortDescription": {"text": "A document could not be read"}, "defaultConfiguration": {"level": "error"}}]
        driver = {"name": "mlsd-lint", "semanticVersion": __version__, "rules": self.rules, "notifications": notifications}
        return {
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "invocations": [self._invocation()],
            "artifacts": [self._artifact(document) for document in self.report.documents],
            "results": [result for index, document in enumerate(self.report.documents) for result in self._results(document, index)],
            "properties": {"rules": self.options.digest},
        }

    def _invocation(self) -> dict[str, Any]:
        told = [self._notification(error) for error in self.report.errors]
        return {"executionSuccessful": not told, "toolExecutionNotifications": told}

    def _notification(self, error: DocumentFailure) -> dict[str, Any]:
        return {
            "descriptor": {"id": _UNREADABLE, "index": 0},
            "level": "error",
            "message": _message(error.message),
            "locations": [{"physicalLocation": {"artifactLocation": self._at(error.path)}}],
        }

    def _artifact(self, document: DocumentReport) -> dict[str, Any]:
        card = document.scorecard
        return {
            "location": self._at(document.path),
            "mimeType": "text/markdown",
            "roles": ["analysisTarget"],
            "properties": {"kind": document.kind.value, "grade": card.grade, "score": card.score},
        }

    def _at(self, path: str) -> dict[str, Any]:
        uri = to_uri(from_root(path, self.options))
        return {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": _ROOT}

    def _results(self, document: DocumentReport, index: int) -> Iterator[dict[str, Any]]:
        place = {"artifactLocation": {**self._at(document.path), "index": index}}
        seen: Counter[tuple[str, str]] = Counter()
        for finding, suppressions in _told(document):
            seen[finding.rule, finding.fingerprint] += 1
            yield {
                "ruleId": finding.rule,
                "ruleIndex": self.rule_index[finding.rule],
                "kind": "fail",
                "level": finding.level,
                "message": _message(finding.message),
                "locations": [{"physicalLocation": {**place, "region": _region(finding.region)}}],
                "relatedLocations": [_related(related, number, place) for number, related in enumerate(finding.related, 1)],
                "partialFingerprints": _fingerprints(finding, seen[finding.rule, finding.fingerprint]),
                "suppressions": suppressions,
            }


def _told(document: DocumentReport) -> Iterator[tuple[Finding, list[dict[str, Any]]]]:
    """The findings of a document, each with its suppressions: a viewer must be able to count and show the suppressed ones."""
    for finding in document.findings:
        yield finding, []
    for suppressed in document.suppressed:
        yield suppressed.finding, [_suppression(suppressed)]


def _suppression(suppressed: Suppressed) -> dict[str, Any]:
    kind = "external" if "baseline" in suppressed.by.lower() else "inSource"
    return {"kind": kind, "justification": f"{suppressed.by}: {suppressed.reason}" if suppressed.reason else suppressed.by}


def _related(place: Place, number: int, file: dict[str, Any]) -> dict[str, Any]:
    return {"id": number, "physicalLocation": {**file, "region": _region(place.region)}, "message": _message(place.note or place.text)}


def _region(region: Region) -> dict[str, int]:
    return {"startLine": region.line, "startColumn": region.column, "endLine": region.end_line, "endColumn": region.end_column}


def _fingerprints(finding: Finding, occurrence: int) -> dict[str, str]:
    """GitHub follows a result by the first one, which it would otherwise make of the line that a missing topic happens to be shown at."""
    if not finding.fingerprint:
        return {}
    return {"primaryLocationLineHash": f"{finding.fingerprint}:{occurrence}", "mlsdLint/v1": finding.fingerprint}


def _message(text: str) -> dict[str, str]:
    """A message that shows just this text: in SARIF, [a](b) is a link and {0} stands for an argument."""
    return {"text": _ARGUMENT.sub(r"\g<0>\g<0>", _LINK.sub(r"\\\g<0>", text))}


# ---- rules


def _rules(report: Report, options: Options) -> Iterator[dict[str, Any]]:
    """The rules that were asked, then those that only findings name."""
    for rule in options.rules.values():
        yield _rule(rule.id, rule.title, rule.level, rule.ask, (rule.why, rule.ask), rule.references)
    for smell in options.smells.values():
        yield _rule(smell.id, smell.title, smell.level, smell.why, (smell.why, smell.mend), smell.references)
    known = {*options.rules, *options.smells}
    for finding, _ in (told for document in report.documents for told in _told(document)):
        if finding.rule not in known:
            known.add(finding.rule)
            yield _rule(finding.rule, finding.title, finding.level, finding.title, (finding.help,), ())


def _rule(name: str, title: str, level: str, says: str, paragraphs: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
    told = [text for text in paragraphs if text] or [title]
    plain, rich = list(told), [f"## {title}", *told]
    if references:
        plain.append(f"References: {'; '.join(references)}")
        rich.append("\n".join(f"- {reference}" for reference in references))
    return {
        "id": name,
        "shortDescription": {"text": title},
        "fullDescription": {"text": says},
        "help": {"text": "\n\n".join(plain), "markdown": "\n\n".join(rich)},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": ["design", "machine-learning"]},
    }
