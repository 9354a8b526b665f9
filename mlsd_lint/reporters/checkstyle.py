"""Checkstyle XML, which many build servers and review tools read."""

from __future__ import annotations

from xml.etree import ElementTree

from mlsd_lint.model import DocumentFailure, DocumentReport, Report
from mlsd_lint.reporters.escape import xml
from mlsd_lint.reporters.findings import related_places
from mlsd_lint.reporters.options import Options

_SEVERITIES = {"error": "error", "warning": "warning", "note": "info"}
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def render(report: Report, options: Options) -> str:
    """Render one ``file`` per document, with an ``error`` per finding; paths are as given."""
    root = ElementTree.Element("checkstyle", version="4.3")
    for document in report.documents:
        _document(ElementTree.SubElement(root, "file", name=xml(document.path)), document)
    for error in report.errors:
        _unreadable(ElementTree.SubElement(root, "file", name=xml(error.path)), error)
    ElementTree.indent(root)
    return _DECLARATION + ElementTree.tostring(root, encoding="unicode") + "\n"


def _document(file: ElementTree.Element, document: DocumentReport) -> None:
    for finding in document.findings:
        message = " ".join((finding.message, *related_places(finding)))
        _error(file, finding.region.line, finding.region.column, _SEVERITIES[finding.level], message, finding.rule)


def _unreadable(file: ElementTree.Element, error: DocumentFailure) -> None:
    _error(file, 1, 1, "error", f"could not be read: {error.message}", "unreadable-document")


def _error(file: ElementTree.Element, line: int, column: int, severity: str, message: str, rule: str) -> None:
    told = " ".join(xml(message).split())
    ElementTree.SubElement(file, "error", line=str(line), column=str(column), severity=severity, message=told, source=xml(f"mlsd-lint.{rule}"))
