"""The next questions of an interviewer, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from mlsd_lint import __version__
from mlsd_lint.coach import Cause, Question, gained, lost
from mlsd_lint.compare import DocumentChange
from mlsd_lint.model import DocumentReport, Kind, Place, Region
from mlsd_lint.reporters.layout import Pen, clean, quote, shorten, unmarked, wrap

_INDENT = 3
_QUOTED = 64
_HEADING = 40
_FURTHER = {
    Cause.THIN: "Said, but no more than that: what is the figure, the method by name, the reason, the bound or who sees to it?",
    Cause.WEAK_SPOT: "What do you reply?",
}


def render_text(report: DocumentReport, questions: Sequence[Question], pen: Pen, change: DocumentChange | None = None) -> str:
    """The score, what moved since another version where that was asked, and each question with the place where its answer belongs."""
    lines = [f"{pen(clean(report.path), bold=True)}: {_standing(report)}", *(_moved(change) if change else ())]
    if report.kind not in (Kind.DESIGN, Kind.TEMPLATE):
        lines += wrap(f"There is nothing to ask. {report.kind_reason}")
    elif not questions:
        lines += wrap("There is nothing left to ask: every topic that applies is answered, and with some depth.")
    else:
        lines += [line for number, question in enumerate(questions, 1) for line in ("", *_text(number, question, pen))]
        lines += ["", "Answer in the file and run this again."]
    return "\n".join(lines) + "\n"


def _moved(change: DocumentChange) -> Iterator[str]:
    """How far the score moved, and the topics that did."""
    before = change.before
    if before is None:
        yield "There was no such document then."
        return
    gain = "" if change.gain is None else f", {change.gain:+.1f} points since"
    yield f"It was: {_standing(before)}{gain}."
    for word, topics in (("Better answered", gained(change)), ("Worse answered", lost(change))):
        if topics:
            yield from wrap(f"{word}: {', '.join(topic.title for topic in topics)}.")


def _standing(report: DocumentReport) -> str:
    card = report.scorecard
    if card.grade is None:
        return "no answer to grade yet" if report.kind is Kind.TEMPLATE else f"not graded ({report.kind.value})"
    return f"{card.grade} {card.score:.1f}/100"


def _text(number: int, question: Question, pen: Pen) -> Iterator[str]:
    yield f"{number}. {pen(clean(question.title), bold=True)}, {_place(question)}"
    if question.quote:
        yield " " * _INDENT + quote(unmarked(question.quote), _QUOTED)
    for place in question.related:
        yield f"{' ' * _INDENT}line {place.region.line}: {quote(unmarked(place.text), _QUOTED)}"
    if question.because and question.cause is Cause.MENTIONED:
        yield from wrap(f"So far: {clean(question.because)}.", _INDENT)
    asked = f"An interviewer objects: {question.ask}" if question.cause is Cause.WEAK_SPOT else question.ask
    yield from wrap(clean(asked), _INDENT)
    if question.cause in _FURTHER:
        yield from wrap(_FURTHER[question.cause], _INDENT)


def _place(question: Question) -> str:
    under = f", under {_in_marks(question.heading)}" if question.heading else ""
    return f"line {question.region.line}{under}"


def _in_marks(heading: str) -> str:
    """A heading in quotation marks, short enough for its line."""
    return f"“{shorten(unmarked(heading), _HEADING)}”"


def render_json(report: DocumentReport, questions: Sequence[Question], digest: str, change: DocumentChange | None = None) -> str:
    """JSON that follows ``schema/coach.schema.json``; ``change`` is what moved since another version, where that was asked."""
    payload: dict[str, Any] = {
        "version": 1,
        "tool": {"name": "mlsd-lint", "version": __version__, "rules": digest},
        "path": report.path, "kind": report.kind.value, "grade": report.scorecard.grade, "score": report.scorecard.score,
        "questions": [_plain(question) for question in questions],
    }  # fmt: skip
    if change is not None:
        payload["since"] = _plain_change(change)
    return json.dumps(payload, ensure_ascii=False, indent=2) + "\n"


def _plain_change(change: DocumentChange) -> dict[str, Any]:
    before = change.before
    return {
        "grade": before.scorecard.grade if before else None, "score": before.scorecard.score if before else 0.0, "gain": change.gain,
        "gained": [topic.rule for topic in gained(change)], "lost": [topic.rule for topic in lost(change)],
    }  # fmt: skip


def _plain(question: Question) -> dict[str, Any]:
    return {
        "rule": question.rule, "title": question.title, "stage": question.stage, "cause": question.cause.value, "ask": question.ask,
        "because": question.because, "depth": question.depth, **_region(question.region), "heading": question.heading, "quote": question.quote,
        "related": [_plain_place(place) for place in question.related],
    }  # fmt: skip


def _plain_place(place: Place) -> dict[str, Any]:
    return {**_region(place.region), "text": place.text}


def _region(region: Region) -> dict[str, int]:
    return {"line": region.line, "column": region.column, "end_line": region.end_line, "end_column": region.end_column}
