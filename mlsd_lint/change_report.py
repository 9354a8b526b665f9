"""What a change did, for people, for programs and for a pull request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mlsd_lint import __version__
from mlsd_lint.compare import Direction, DocumentChange, State, TopicChange
from mlsd_lint.model import DocumentReport, Finding, Status
from mlsd_lint.reporters.layout import Pen, clean, columns, pad, wrap

_SIGNS = {Direction.LOST: "✗", Direction.GAINED: "✓", Direction.OTHER: "·"}
_COLORS = {Direction.LOST: "red", Direction.GAINED: "green", Direction.OTHER: None}
_NAMES = {Status.NOT_APPLICABLE: "not asked"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@])")


# ---- for people


def render_text(changes: Sequence[DocumentChange], against: str, pen: Pen) -> str:
    """One part for each document: the grades, and the topics that changed, lost ones first."""
    parts = ["\n".join(_text(change, pen)) for change in changes]
    return "\n\n".join([*parts, *wrap(_sentence(changes, against))]) + "\n"


def _text(change: DocumentChange, pen: Pen) -> Iterator[str]:
    renamed = f" (was {clean(change.renamed_from)})" if change.renamed_from else ""
    yield f"{pen(clean(change.path), bold=True)}{renamed}: {_grades(change)}"
    width = max((columns(topic.rule) for topic in change.topics), default=0)
    for topic in change.topics:
        sign = pen(_SIGNS[topic.direction], _COLORS[topic.direction])
        yield f"  {sign} {pad(topic.rule, width)}  {_told(topic.before)} → {_told(topic.after)}{_line(topic)}"
    for word, found in (("new", change.appeared), ("gone", change.resolved)):
        for finding in found:
            yield from wrap(f"{word}: {finding.level}: {clean(finding.message)} (line {finding.line})", 2)


def _grades(change: DocumentChange) -> str:
    """Such as ``D 36.0 → B 67.2 (+31.2)``."""
    if change.before is None:
        return f"new, {_grade(change.after)}"
    if change.after is None:
        return f"removed, was {_grade(change.before)}"
    if change.gain == 0 and not change.topics:
        return f"{_grade(change.after)}, no topic changed"
    gain = "" if change.gain is None else f" ({change.gain:+.1f})"
    return f"{_grade(change.before)} → {_grade(change.after)}{gain}"


def _grade(report: DocumentReport | None) -> str:
    if report is None or report.scorecard.grade is None:
        return f"not graded ({report.kind.value})" if report else "-"
    return f"{report.scorecard.grade} {report.scorecard.score:.1f}"


def _told(state: State | None) -> str:
    if state is None:
        return "-"
    depth = f" (depth {state.depth})" if state.depth else ""
    return f"{_NAMES.get(state.status, state.status.value)}{depth}{', suppressed' if state.suppressed else ''}"


def _line(topic: TopicChange) -> str:
    return f", line {topic.after.line}" if topic.after and topic.after.line else ""


def _sentence(changes: Sequence[DocumentChange], against: str) -> str:
    counts = [sum(topic.direction is way for change in changes for topic in change.topics) for way in (Direction.GAINED, Direction.LOST)]
    documents = f"{len(changes)} document{'' if len(changes) == 1 else 's'}"
    topics = f"{counts[0]} topic{'' if counts[0] == 1 else 's'}"
    return f"Compared with {clean(against)}: {documents}, {topics} gained, {counts[1]} lost."


# ---- for a pull request


def render_markdown(changes: Sequence[DocumentChange], against: str) -> str:
    """A summary for a comment: documents in which something changed, each with a table; the others in one line."""
    told = [change for change in changes if change.topics or change.appeared or change.resolved or not (change.before and change.after)]
    parts = ["### mlsd-lint: what this change does to the design", _inert(_sentence(changes, against))]
    parts += ["\n".join(_markdown(change)) for change in told]
    same = len(changes) - len(told)
    if same:
        parts.append(f"No topic changed in {same} {'other ' if told else ''}document{'' if same == 1 else 's'}.")
    return "\n\n".join(parts) + "\n"


def _markdown(change: DocumentChange) -> Iterator[str]:
    renamed = f" (was {_code(change.renamed_from)})" if change.renamed_from else ""
    yield f"**{_code(change.path)}**{renamed}: {_grades(change)}"
    if change.topics:
        yield from ("", "| | topic | before | after |", "|---|---|---|---|")
    for topic in change.topics:
        yield f"| {_SIGNS[topic.direction]} | {_inert(topic.title)} ({_code(topic.rule)}) | {_told(topic.before)} | {_told(topic.after)}{_line(topic)} |"
    if change.appeared or change.resolved:
        yield ""
    for word, found in (("new", change.appeared), ("gone", change.resolved)):
        for finding in found:
            yield f"- {word}: {finding.level}, line {finding.line}: {_inert(finding.message)}"


def _code(text: str) -> str:
    """Text as inline code, whatever backticks it holds."""
    plain = clean(text).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", plain)), default=0) + 1)
    gap = " " if plain.startswith("`") or plain.endswith("`") else ""
    return f"{fence}{gap}{plain}{gap}{fence}"


def _inert(text: str) -> str:
    """Text in which nothing is markup, a link or the mention of a user."""
    return _SPECIAL.sub(r"\\\1", " ".join(clean(text).split())).replace("\\@", "@\u200b")


# ---- for programs


def render_json(changes: Sequence[DocumentChange], against: str, digest: str) -> str:
    """JSON that follows ``schema/compare.schema.json``."""
    payload = {
        "version": 1,
        "tool": {"name": "mlsd-lint", "version": __version__, "rules": digest},
        "against": against,
        "documents": [_plain(change) for change in changes],
    }
    return json.dumps(payload, ensure_ascii=False, indent=2) + "\n"


def _plain(change: DocumentChange) -> dict[str, Any]:
    return {
        "path": change.path,
        "renamed_from": change.renamed_from,
        "before": _version(change.before),
        "after": _version(change.after),
        "gain": change.gain,
        "topics": [
            {
                "id": topic.rule, "title": topic.title, "stage": topic.stage, "direction": topic.direction.value,
                "before": _plain_state(topic.before), "after": _plain_state(topic.after),
            }
            for topic in change.topics
        ],
        "appeared": [_plain_finding(finding) for finding in change.appeared],
        "resolved": [_plain_finding(finding) for finding in change.resolved],
    }  # fmt: skip


def _version(report: DocumentReport | None) -> dict[str, Any] | None:
    return {"kind": report.kind.value, "grade": report.scorecard.grade, "score": report.scorecard.score} if report else None


def _plain_state(state: State | None) -> dict[str, Any] | None:
    return {"status": state.status.value, "depth": state.depth, "line": state.line, "suppressed": state.suppressed} if state else None


def _plain_finding(finding: Finding) -> dict[str, Any]:
    return {"rule": finding.rule, "level": finding.level, "message": finding.message, "line": finding.line, "fingerprint": finding.fingerprint}


RENDERERS: dict[str, Callable[[Sequence[DocumentChange], str, str, Pen], str]] = {
    "text": lambda changes, against, digest, pen: render_text(changes, against, pen),
    "json": lambda changes, against, digest, pen: render_json(changes, against, digest),
    "markdown": lambda changes, against, digest, pen: render_markdown(changes, against),
}
