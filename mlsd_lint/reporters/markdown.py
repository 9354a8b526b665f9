"""A summary for a pull-request comment or the summary page of a workflow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mlsd_lint.model import DocumentReport, Finding, Kind, Report, StageScore, Status, TopicResult
from mlsd_lint.reporters.escape import markdown
from mlsd_lint.reporters.findings import count_levels, is_weak_spot
from mlsd_lint.reporters.layout import clean, shorten, unmarked
from mlsd_lint.reporters.options import Options

# GitHub refuses a comment of more than 65,536 characters
_LONGEST = 60_000
_MOST_DOCUMENTS = 100
_LEFT_OUT = "_Some details are left out, because a comment holds only so much; `--format text` and `--format json` have them all._"
_GAPS = 5
_BAR = 10
_DEEPEST = 5
_LONGEST_QUOTATION = 120
_STATUSES = {Status.COVERED: "covered", Status.MENTIONED: "mentioned", Status.MISSING: "missing", Status.NOT_APPLICABLE: "not asked"}


def render(report: Report, options: Options) -> str:
    """Render a report as GitHub or GitLab Markdown of at most 65,536 characters; what does not fit is left out and said to be."""
    summary = _summary(report)
    bodies = [_Part(number, _body(document, options)) for number, document in enumerate(report.documents)]
    details = [_Part(number, _details(document, options)) for number, document in enumerate(report.documents)]
    kept = list(_fitting((*bodies, *details), _LONGEST - len(summary)))
    complete = len(kept) == len(bodies) + len(details) and len(report.documents) + len(report.errors) <= _MOST_DOCUMENTS
    texts = (summary, *(part.text for part in sorted(kept, key=lambda part: part.document)), "" if complete else _LEFT_OUT)
    return "\n\n".join(filter(None, texts)) + "\n"


class _Part(NamedTuple):
    document: int
    text: str


def _fitting(parts: Iterable[_Part], room: int) -> Iterator[_Part]:
    """The parts that fit, the first ones first."""
    for part in parts:
        if len(part.text) <= room:
            room -= len(part.text)
            yield part


def _summary(report: Report) -> str:
    rows = [*map(_summary_row, report.documents), *(f"| ! | | {_path(e.path)} | could not be read: {_short(e.message)} |" for e in report.errors)]
    return "\n".join(("### mlsd-lint", "", "| Grade | Score | Document | Findings |", "|:-:|--:|---|---|", *rows[:_MOST_DOCUMENTS]))


def _summary_row(document: DocumentReport) -> str:
    card = document.scorecard
    if card.grade is None:
        return f"| – | | {_path(document.path)} | {document.kind.value} |"
    hidden = f" ({len(document.suppressed)} suppressed)" if document.suppressed else ""
    return f"| **{card.grade}** | {card.score:.1f} | {_path(document.path)} | {count_levels(document.findings) or 'none'}{hidden} |"


# ---- one document


def _body(document: DocumentReport, options: Options) -> str:
    title = f"#### {_path(document.path)}"
    if document.kind is not Kind.DESIGN:
        told = document.findings[0].message if document.findings else document.kind_reason
        return f"{title}\n\nNot graded: {markdown(told)}"
    weak = [finding for finding in document.findings if is_weak_spot(finding, options)]
    gaps = [finding for finding in document.findings if not is_weak_spot(finding, options)]
    grade = f"Grade **{document.scorecard.grade}**, {document.scorecard.score:.1f} of 100."
    traits = ", ".join(markdown(trait.title) for trait in document.traits)
    parts = (title, f"{grade} Traits: {traits}." if traits else grade, _stages(document.scorecard.stages), _gaps(gaps), _weak_spots(weak, document))
    return "\n\n".join(filter(None, parts))


def _stages(stages: Iterable[StageScore]) -> str:
    return "\n".join(("| Stage | Score | Covered |", "|---|---|--:|", *map(_stage_row, stages)))


def _stage_row(stage: StageScore) -> str:
    title = f"{stage.stage} {markdown(stage.title)}"
    if stage.score is None:
        return f"| {title} | not asked | |"
    full = round(stage.score / 100 * _BAR)
    return f"| {title} | {'█' * full}{'░' * (_BAR - full)} {stage.score:.1f} | {stage.covered}/{stage.applicable} |"


def _gaps(gaps: list[Finding]) -> str:
    if not gaps:
        return "No gaps: every topic that is asked is covered."
    title = "Gaps" if len(gaps) <= _GAPS else f"Most important gaps ({_GAPS} of {len(gaps)})"
    lines = (f"{number}. {_where(gap)}: {markdown(gap.message)}" for number, gap in enumerate(gaps[:_GAPS], 1))
    return "\n".join((f"**{title}**: {count_levels(gaps)}", "", *lines))


def _weak_spots(weak: list[Finding], document: DocumentReport) -> str:
    if not weak:
        return ""
    lines = (line for finding in weak for line in _weak_spot(finding, document))
    return "\n".join((f"**Weak spots**: {count_levels(weak)}", "", *lines))


def _weak_spot(finding: Finding, document: DocumentReport) -> Iterator[str]:
    yield f"- {_where(finding)}: {markdown(finding.message)}"
    quoted = document.source[finding.region.start : finding.region.end]
    if quoted.strip():
        yield f"  - Line {finding.region.line}: {_quote(quoted)}"
    for place in finding.related:
        note = f"{markdown(place.note)}: " if place.note else ""
        yield f"  - Line {place.region.line}: {note}{_quote(place.text)}"


def _where(finding: Finding) -> str:
    return f"**{finding.level}**, line {finding.region.line}, {markdown(finding.rule)}"


# ---- details, which a reader opens


def _details(document: DocumentReport, options: Options) -> str:
    if document.kind is not Kind.DESIGN:
        return ""
    counts = Counter(topic.status for topic in document.topics)
    counted = ", ".join(f"{counts[status]} {name}" for status, name in _STATUSES.items() if counts[status])
    parts = [_folded(f"All topics: {counted}", _topics(document, options))]
    if document.suppressed:
        hidden = (f"- {_where(s.finding)}: {markdown(' – '.join(filter(None, (s.by, s.reason))))}" for s in document.suppressed)
        parts.append(_folded(f"{len(document.suppressed)} suppressed", "\n".join(hidden)))
    if options.explain_score:
        parts.append(_folded("How the score came about", "\n".join(f"- {markdown(line)}" for line in document.scorecard.arithmetic)))
    return "\n\n".join(parts)


def _folded(title: str, text: str) -> str:
    """A part that is shown on request; the title is no text of a document."""
    return f"<details>\n<summary>{title}</summary>\n\n{text}\n\n</details>"


def _topics(document: DocumentReport, options: Options) -> str:
    rows = (_topic_row(topic, options) for topic in document.topics)
    return "\n".join(("| Topic | Status | Line | What the document says |", "|---|---|--:|---|", *rows))


def _topic_row(topic: TopicResult, options: Options) -> str:
    title = markdown(options.rules[topic.rule].title if topic.rule in options.rules else topic.rule)
    depth = f" {'●' * topic.depth}{'○' * (_DEEPEST - topic.depth)}" if topic.status is Status.COVERED else ""
    line = topic.evidence[0].region.line if topic.evidence else ""
    said = _quote(topic.evidence[0].statement) if topic.evidence else _short(topic.reason)
    return f"| {title} | {_STATUSES[topic.status]}{depth} | {line} | {said} |"


# ---- text of a document


def _path(path: str) -> str:
    return markdown(shorten(clean(path), _LONGEST_QUOTATION))


def _quote(text: str) -> str:
    return f"“{_short(unmarked(text))}”"


def _short(text: str) -> str:
    return markdown(shorten(clean(text), _LONGEST_QUOTATION))
