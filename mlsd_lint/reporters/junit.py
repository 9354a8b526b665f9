"""JUnit XML, which shows each topic of each document as a test."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from mlsd_lint.model import DocumentFailure, DocumentReport, Finding, Kind, Report, Status, Suppressed, TopicResult
from mlsd_lint.reporters.escape import xml
from mlsd_lint.reporters.findings import related_places
from mlsd_lint.reporters.options import Options

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def render(report: Report, options: Options) -> str:
    """Render one suite per document and in it one case per topic and smell: failed where there is a finding, skipped where it was not asked."""
    root = ElementTree.Element("testsuites", name="mlsd-lint")
    for document in report.documents:
        _suite(root, document, options)
    for error in report.errors:
        _unreadable(root, error)
    _count(root)
    ElementTree.indent(root)
    return _DECLARATION + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(root: ElementTree.Element, document: DocumentReport, options: Options) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=xml(document.path))
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in (("grade", document.scorecard.grade or ""), ("score", f"{document.scorecard.score:.1f}"), ("kind", document.kind.value)):
        ElementTree.SubElement(properties, "property", name=name, value=value)
    topics = {topic.rule: topic for topic in document.topics}
    for rule in _asked(document, options):
        found = [finding for finding in document.findings if finding.rule == rule]
        hidden = [suppressed for suppressed in document.suppressed if suppressed.finding.rule == rule]
        _outcome(_case(suite, document.path, rule), found, hidden, topics.get(rule))
    _count(suite)


def _asked(document: DocumentReport, options: Options) -> Iterator[str]:
    """What a document was asked, each once: its topics, the smells, and what else was found."""
    smells = options.smells if document.kind is Kind.DESIGN else ()
    found = (finding.rule for finding in (*document.findings, *(suppressed.finding for suppressed in document.suppressed)))
    yield from dict.fromkeys((*(topic.rule for topic in document.topics), *smells, *found))


def _case(suite: ElementTree.Element, path: str, name: str) -> ElementTree.Element:
    # some readers take what stands before the last dot of a class for its package
    return ElementTree.SubElement(suite, "testcase", classname=xml(posixpath.splitext(path)[0]), name=xml(name), file=xml(path))


def _outcome(case: ElementTree.Element, found: Sequence[Finding], hidden: Sequence[Suppressed], topic: TopicResult | None) -> None:
    if found:
        told = ElementTree.SubElement(case, "failure", type=found[0].level, message=_line(found[0].message))
        told.text = "\n\n".join(map(_details, found))
    elif hidden:
        ElementTree.SubElement(case, "skipped", message=_line(f"suppressed by {hidden[0].by}{': ' * bool(hidden[0].reason)}{hidden[0].reason}"))
    elif topic is not None and topic.status is not Status.COVERED:
        ElementTree.SubElement(case, "skipped", message=_line(topic.reason))


def _details(finding: Finding) -> str:
    lines = (f"line {finding.region.line}: {finding.level}: {finding.message}", *related_places(finding), finding.help)
    return "\n".join(_line(line) for line in lines if line)


def _unreadable(root: ElementTree.Element, error: DocumentFailure) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=xml(error.path))
    told = ElementTree.SubElement(_case(suite, error.path, "unreadable-document"), "error", type="unreadable-document", message=_line(error.message))
    told.text = _line(error.message)
    _count(suite)


def _count(element: ElementTree.Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    for name, outcome in _COUNTED.items():
        element.set(name, str(len(list(element.iter(outcome)))))


def _line(text: str) -> str:
    return " ".join(xml(text).split())
