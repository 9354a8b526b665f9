"""The table of a standard for each document, and the list of standards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mlsd_lint import __version__
from mlsd_lint.model import DocumentFailure, Kind
from mlsd_lint.reporters.escape import markdown
from mlsd_lint.reporters.json import error_entry
from mlsd_lint.reporters.layout import WIDTH, Pen, clean, columns, excerpt, pad, quote, shorten, wrap
from mlsd_lint.rule import Standard
from mlsd_lint.standards import ItemResult, Shown, StandardResult, Verdict

# GitHub refuses a comment of more than 65,536 characters
_LONGEST = 60_000
_LONGEST_QUOTATION = 120
_SIGNS = {Verdict.MET: "✓", Verdict.PARTLY: "~", Verdict.GAP: "✗", Verdict.NOT_JUDGED: "·"}
_COLORS = {Verdict.MET: "green", Verdict.PARTLY: "yellow", Verdict.GAP: "red", Verdict.NOT_JUDGED: None}
_COUNTED_AS = {Verdict.MET: "met", Verdict.PARTLY: "partly", Verdict.GAP: "gap", Verdict.NOT_JUDGED: "not judged"}


# ---- for people


def render_text(standard: Standard, results: Sequence[StandardResult], pen: Pen) -> str:
    """One table for each document, between what the standard is and whose words these are; "" where there is no document."""
    if not results:
        return ""
    head = "\n".join((pen(standard.title, bold=True), *_dim(pen, wrap(standard.source))))
    foot = "\n".join(_dim(pen, wrap(standard.note)))
    return "\n\n".join((head, *("\n".join(_text(standard, result, pen)) for result in results), foot)) + "\n"


def _text(standard: Standard, result: StandardResult, pen: Pen) -> Iterator[str]:
    yield pen(clean(result.path), bold=True)
    if result.kind is not Kind.DESIGN:
        yield from wrap(f"not judged: {clean(result.kind_reason) or result.kind.value}")
        return
    yield "   ".join(pen(f"{_SIGNS[verdict]} {count} {_COUNTED_AS[verdict]}", _COLORS[verdict]) for verdict, count in result.counts.items())
    width = max(columns(item.id) for item in standard.items)
    for entry in result.items:
        yield ""
        first, *rest = wrap(entry.item.name, width=WIDTH - width - 6)
        yield f"  {pen(_SIGNS[entry.verdict], _COLORS[entry.verdict])} {pad(entry.item.id, width)}  {pen(first, bold=True)}"
        yield from (" " * (width + 6) + line for line in (*(pen(line, bold=True) for line in rest), *_told(entry, WIDTH - width - 6, pen)))


def _told(entry: ItemResult, room: int, pen: Pen) -> Iterator[str]:
    """What stands below the name of an item."""
    if entry.verdict is Verdict.NOT_JUDGED:
        yield from _dim(pen, wrap(f"not judged: {clean(entry.reason)}", width=room))
        return
    for shown in entry.shown:
        yield from _place(shown, room)
    if entry.lacks:
        yield from wrap(f"lacks: {', '.join(entry.lacks)}", width=room)
    if entry.item.check and entry.verdict is Verdict.PARTLY:
        yield from wrap(f"for a reader to check: {entry.item.check}", width=room)
    if entry.verdict is not Verdict.MET:
        yield from wrap(entry.item.asks, width=room)


def _place(shown: Shown, room: int) -> Iterator[str]:
    if shown.region is None:
        yield shorten(f"{shown.rule}: {clean(shown.note)}", room)
        return
    if shown.status == "smell":
        yield from wrap(f"{shown.rule}: {clean(shown.note)}", width=room)
    where = f"line {shown.region.line:<3} " + {"smell": "", "mentioned": f"{shown.rule}, only mentioned: "}.get(shown.status, f"{shown.rule}: ")
    space = room - columns(where)
    yield where + quote(excerpt(shown.statement, shown.text, space - 2), space) if shown.text.strip() else where.rstrip()


def _dim(pen: Pen, lines: list[str]) -> list[str]:
    return [pen(line, dim=True) for line in lines]


# ---- for a pull request


def render_markdown(standard: Standard, results: Sequence[StandardResult]) -> str:
    """GitHub or GitLab Markdown of at most 65,536 characters; of documents that do not fit only the counts are shown."""
    parts = [f"### {markdown(standard.title)}", markdown(standard.source)]
    room = _LONGEST
    for result in results:
        whole = "\n".join(_markdown(result))
        part = whole if len(whole) <= room else f"{_heading(result)}\n\nLeft out for want of room; `--format text` and `--format json` have it."
        if len(part) <= room:
            parts.append(part)
        room -= len(part)
    return "\n\n".join((*parts, f"_{markdown(standard.note)}_")) + "\n"


def _heading(result: StandardResult) -> str:
    counts = ", ".join(f"{count} {_COUNTED_AS[verdict]}" for verdict, count in result.counts.items())
    return f"#### {markdown(shorten(clean(result.path), _LONGEST_QUOTATION))}\n\n{counts}."


def _markdown(result: StandardResult) -> Iterator[str]:
    yield _heading(result)
    if result.kind is not Kind.DESIGN:
        yield from ("", f"Not judged: {markdown(result.kind_reason or result.kind.value)}")
        return
    yield from ("", "| | Item | Shown by, or asked for |", "|:-:|---|---|")
    for entry in result.items:
        yield f"| {_SIGNS[entry.verdict]} | {markdown(entry.item.id)} {markdown(entry.item.name)} | {'; '.join(_cell(entry))} |"


def _cell(entry: ItemResult) -> Iterator[str]:
    if entry.verdict is Verdict.NOT_JUDGED:
        yield f"not judged: {markdown(entry.reason)}"
        return
    yield from map(_marked_place, entry.shown)
    if entry.lacks:
        yield f"lacks {markdown(', '.join(entry.lacks))}"
    if entry.item.check and entry.verdict is Verdict.PARTLY:
        yield f"for a reader to check: {markdown(entry.item.check)}"
    if entry.verdict is not Verdict.MET:
        yield f"**{markdown(entry.item.asks)}**"


def _marked_place(shown: Shown) -> str:
    told = ": ".join(filter(None, (shown.rule, shown.note or ("only mentioned" if shown.status == "mentioned" else ""))))
    where = f"line {shown.region.line}, {markdown(told)}" if shown.region else markdown(told)
    if not shown.text.strip():
        return where
    return f"{where}: “{markdown(shorten(excerpt(shown.statement, shown.text, _LONGEST_QUOTATION), _LONGEST_QUOTATION))}”"


# ---- for programs


def render_json(standard: Standard, results: Sequence[StandardResult], errors: Sequence[DocumentFailure], digest: str) -> str:
    """JSON that follows ``schema/standard.schema.json``; ``digest`` identifies the rules, 12 hex digits."""
    payload = {
        "version": 1,
        "tool": {"name": "mlsd-lint", "version": __version__, "rules": digest},
        "standard": _plain_standard(standard),
        "documents": [_plain(result) for result in results],
        "errors": [error_entry(error) for error in errors],
    }
    return json.dumps(payload, ensure_ascii=False, indent=2) + "\n"


def _plain_standard(standard: Standard) -> dict[str, Any]:
    return {"id": standard.standard, "title": standard.title, "source": standard.source, "year": standard.year, "note": standard.note}


def _plain(result: StandardResult) -> dict[str, Any]:
    return {
        "path": result.path, "kind": result.kind.value, "kind_reason": result.kind_reason,
        "counts": {verdict.value: count for verdict, count in result.counts.items()},
        "items": [
            {
                "id": entry.item.id, "name": entry.item.name, "asks": entry.item.asks, "verdict": entry.verdict.value, "reason": entry.reason,
                "check": entry.item.check, "shown": [_plain_place(shown) for shown in entry.shown], "lacks": list(entry.lacks),
            }
            for entry in result.items
        ],
    }  # fmt: skip


def _plain_place(shown: Shown) -> dict[str, Any]:
    at = shown.region
    return {
        "rule": shown.rule, "status": shown.status, "text": shown.text, "statement": shown.statement, "note": shown.note,
        "region": at and {"line": at.line, "column": at.column, "end_line": at.end_line, "end_column": at.end_column},
    }  # fmt: skip


RENDERERS: dict[str, Callable[[Standard, Sequence[StandardResult], Sequence[DocumentFailure], str, Pen], str]] = {
    "text": lambda standard, results, errors, digest, pen: render_text(standard, results, pen),
    "json": lambda standard, results, errors, digest, pen: render_json(standard, results, errors, digest),
    "markdown": lambda standard, results, errors, digest, pen: render_markdown(standard, results),
}


# ---- the list


def list_text(standards: Sequence[Standard], pen: Pen) -> str:
    """Each standard with its number of items, title and source."""
    lines: list[str] = []
    for standard in standards:
        lines += [f"{pen(standard.standard, bold=True)}  {standard.title}, {len(standard.items)} items", *_dim(pen, wrap(standard.source, 2)), ""]
    return "\n".join([*lines, "mlsd-lint design.md --standard NAME prints the table of one."]) + "\n"


def list_json(standards: Sequence[Standard]) -> str:
    """Each standard with all of its items."""
    plain = [_plain_standard(standard) | {"items": [item.model_dump(mode="json") for item in standard.items]} for standard in standards]
    return json.dumps({"version": 1, "standards": plain}, ensure_ascii=False, indent=2) + "\n"
