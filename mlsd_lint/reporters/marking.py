"""The document as HTML, with marks at places of its source."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

from mlsd_lint.markdown import Piece, pieces

# Browsers flatten what nests deeper than a few hundred elements, and nobody reads it.
_DEEPEST = 64
_HEADING_TAGS = 6
_SAFE_LINK = re.compile(r"https?://[^\s]|mailto:[^\s]", re.IGNORECASE)
_NO_SLUG = re.compile(r"[^\w\- ]")
_SIMPLE = {
    "paragraph": ("<p{}>", "</p>"), "quote": ("<blockquote{}>", "</blockquote>"), "listing": ("<pre{}><code>", "</code></pre>"),
    "html": ('<pre class="raw"{}>', "</pre>"), "item": ("<li{}>", "</li>"), "row": ("<tr{}>", "</tr>"), "emphasis": ("<em>", "</em>"),
    "strong": ("<strong>", "</strong>"), "strike": ("<del>", "</del>"), "image": ('<span class="picture">', "</span>"),
}  # fmt: skip
_LINED = frozenset(("paragraph", "quote", "listing", "html", "item", "row", "heading", "table", "footnote"))


class Mark(NamedTuple):
    """A half-open range of the source to be marked, and the word for what it shows; an empty range marks the next text."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A document drawn.

    Attributes:
        html: safe HTML: nothing of the document survives as markup of its own but http, https, mailto and inner links.
        anchors: number of a mark to the id of the first element that bears it; a mark without visible text has none.
        lines: the lines (1-based, ascending) that can be linked to, as ``<prefix>L<line>``.
    """

    html: str
    anchors: dict[int, str]
    lines: tuple[int, ...]

    def line_before(self, line: int) -> int | None:
        """The last line up to ``line`` that can be linked to."""
        at = bisect_right(self.lines, line)
        return self.lines[at - 1] if at else None


def draw(source: str, path: str, marks: Sequence[Mark], prefix: str, heading: int) -> Drawing:
    """Draw a document, in time proportional to its length and the number of its marks.

    Args:
        source: the document as ``DocumentReport.source`` has it.
        path: its name; ``.mdx`` turns on MDX.
        marks: what to mark; they may overlap, and end inside of an element.
        prefix: what every id begins with, so that several drawings fit on one page.
        heading: level (2-6) of the HTML headings that the outermost headings of the document become.
    """
    steps = list(pieces(source, path))
    return _Writer(source, _settle(marks, steps), prefix, heading).write(steps)


def _settle(marks: Sequence[Mark], steps: Sequence[Piece]) -> list[Mark]:
    """The marks, with those of an empty range spread over the next visible text."""
    texts = [step for step in steps if step.name in ("text", "code") and step.text.strip()]
    ends = [step.end for step in texts]
    settled = []
    for mark in marks:
        at = bisect_right(ends, mark.start)
        if mark.start == mark.end and at < len(texts):
            settled.append(Mark(max(mark.start, texts[at].start), texts[at].end, mark.kind))
        else:
            settled.append(mark)
    return settled


class _Segments:
    """Overlapping marks as a row of segments, each with the numbers of the marks that cover it."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        changes: dict[int, list[tuple[int, bool]]] = {}
        for number, mark in enumerate(marks):
            if mark.start < mark.end:
                changes.setdefault(mark.start, []).append((number, True))
                changes.setdefault(mark.end, []).append((number, False))
        self.cuts = sorted(changes)
        self.numbers: list[tuple[int, ...]] = []
        covering: set[int] = set()
        for cut in self.cuts:
            for number, begins in changes[cut]:
                (covering.add if begins else covering.discard)(number)
            self.numbers.append(tuple(sorted(covering)))

    def at(self, offset: int) -> tuple[int, ...]:
        """The marks that cover the character at an offset."""
        segment = bisect_right(self.cuts, offset) - 1
        return self.numbers[segment] if segment >= 0 else ()

    def within(self, start: int, end: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """The segments of a range, cut to it."""
        inner = self.cuts[bisect_right(self.cuts, start) : bisect_left(self.cuts, end)]
        for first, last in pairwise([start, *inner, end]):
            yield first, last, self.at(first)

    def touching(self, start: int, end: int) -> tuple[int, ...]:
        """The marks that cover any part of a range."""
        return tuple(sorted({number for *_, numbers in self.within(start, end) for number in numbers}))


@dataclass
class _Open:
    """An element that is open: how it closes, where its first tag stands in the output, and what it has shown so far."""

    name: str
    closing: str
    at: int
    shown: int
    detail: str = ""
    line: str = ""
    text: list[str] = field(default_factory=list)


class _Writer:
    """Writes the pieces of one document."""

    def __init__(self, source: str, marks: Sequence[Mark], prefix: str, heading: int) -> None:
        self.marks, self.prefix, self.heading = marks, prefix, heading
        self.segments = _Segments(marks)
        self.line_starts = [0, *(match.end() for match in re.finditer("\n", source))]
        self.out: list[str] = []
        self.open: list[_Open] = []
        self.too_deep = self.shown = self.images = 0
        self.marked: tuple[int, ...] = ()
        self.anchors: dict[int, str] = {}
        self.lines: list[int] = []
        self.levels: list[int] = []
        self.slugs: dict[str, int] = {}
        self.footnotes: set[str] = set()
        self.columns: list[str] = []
        self.column = 0
        self.in_head = False

    def write(self, steps: Sequence[Piece]) -> Drawing:
        for step in steps:
            if step.name == "open":
                self._start(step)
            elif step.name == "close":
                self._end()
            else:
                self._leaf(step)
        self._mark(())
        return Drawing("".join(self.out), self.anchors, tuple(self.lines))

    # ---- elements

    def _start(self, step: Piece) -> None:
        if self.too_deep or len(self.open) >= _DEEPEST or (self.images and step.text != "image"):
            self.too_deep += 1
            return
        self._mark(())
        line = self._line(step.start) if step.text in _LINED else ""
        entry = _Open(step.text, "", len(self.out), self.shown, step.detail, line)
        opening, entry.closing = self._tags(entry)
        self.open.append(entry)
        self.out.append(opening)

    def _tags(self, entry: _Open) -> tuple[str, str]:
        name = entry.name
        if name == "image":
            self.images += 1
        if name == "heading":
            return "", ""
        if name == "list":
            start = f' start="{entry.detail}"' if entry.detail not in ("", "1") else ""
            return (f"<ol{start}>", "</ol>") if entry.detail else ("<ul>", "</ul>")
        if name == "table":
            self.columns = entry.detail.split()
            return f'<div class="scroll"{entry.line}><table>', "</table></div>"
        if name in ("head", "row"):
            self.in_head, self.column = name == "head", 0
        if name == "head":
            return "<thead><tr>", "</tr></thead>"
        if name == "cell":
            return self._cell()
        if name == "link":
            return self._link(entry.detail)
        if name == "footnote":
            anchor = "" if entry.detail in self.footnotes else f' id="{self._note_id(entry.detail)}"'
            self.footnotes.add(entry.detail)
            return f'<div class="footnote"{entry.line}><span class="made"{anchor}>{escape(entry.detail)}</span> ', "</div>"
        opening, closing = _SIMPLE[name]
        return opening.format(entry.line), closing

    def _cell(self) -> tuple[str, str]:
        side = self.columns[self.column] if self.column < len(self.columns) else "none"
        self.column += 1
        look = f' class="{side}"' if side in ("center", "right") else ""
        return (f'<th scope="col"{look}>', "</th>") if self.in_head else (f"<td{look}>", "</td>")

    def _link(self, address: str) -> tuple[str, str]:
        if address.startswith("#"):
            return f'<a href="#{self.prefix}h-{escape(unquote(address[1:]).lower())}">', "</a>"
        if _SAFE_LINK.match(address):
            return f'<a href="{escape(address)}" rel="noopener noreferrer">', "</a>"
        return '<span class="nolink">', "</span>"

    def _end(self) -> None:
        if self.too_deep:
            self.too_deep -= 1
            return
        self._mark(())
        entry = self.open.pop()
        if entry.name == "image":
            self.images -= 1
        if self.shown == entry.shown and entry.name in ("link", "image"):
            self.out.append(f'<span class="made">{escape(entry.detail) or "picture"}</span>')
            self.shown += 1
        if entry.name == "heading":
            self._close_heading(entry)
        elif entry.name == "cell" and self.in_head and self.shown == entry.shown:
            # an empty header would be announced as a header of nothing
            self.out[entry.at], entry.closing = "<td>", "</td>"
        self.out.append(entry.closing)

    def _close_heading(self, entry: _Open) -> None:
        """Only now it is known whether the heading has a text, and which address it gets."""
        level = int(entry.detail)
        if self.shown == entry.shown:
            self.out[entry.at], entry.closing = f"<p{entry.line}>", "</p>"
            return
        while self.levels and self.levels[-1] >= level:
            self.levels.pop()
        # levels that a document leaves out would be gaps for those who move from heading to heading
        tag = f"h{min(_HEADING_TAGS, self.heading + len(self.levels))}"
        self.levels.append(level)
        slug = self._slug("".join(entry.text))
        self.out[entry.at] = f'<{tag} class="level-{level}"{entry.line}><span id="{self.prefix}h-{escape(slug)}"></span>'
        entry.closing = f"</{tag}>"

    def _slug(self, text: str) -> str:
        """The name by which a link of the document reaches a heading, as code hosts form it."""
        name = slug = _NO_SLUG.sub("", text.lower().strip()).replace(" ", "-")
        while slug in self.slugs:
            self.slugs[name] += 1
            slug = f"{name}-{self.slugs[name]}"
        self.slugs[slug] = 0
        return slug

    def _line(self, offset: int) -> str:
        """The attributes that let a line be linked to, once for each line."""
        line = bisect_right(self.line_starts, offset)
        if self.lines and self.lines[-1] >= line:
            return ""
        self.lines.append(line)
        return f' id="{self.prefix}L{line}" data-line="{line}"'

    def _note_id(self, label: str) -> str:
        return f"{self.prefix}fn-{escape('-'.join(label.split()))}"

    # ---- what stands in them

    def _leaf(self, step: Piece) -> None:
        if step.name in ("text", "code", "raw"):
            self._text(step)
            return
        self._mark(())
        if step.name == "break":
            self.out.append("<br>")
        elif step.name == "rule":
            self.out.append("<hr>")
        elif step.name == "box":
            told, sign = ("done", "☑") if step.detail else ("not done", "☐")
            self.out.append(f'<span class="made" role="img" aria-label="{told}">{sign}</span> ')
        elif not self.images:
            self.out.append(f'<sup class="made"><a href="#{self._note_id(step.text)}">{escape(step.text)}</a></sup>')
            self.shown += 1

    def _text(self, step: Piece) -> None:
        if step.text.strip():
            self.shown += 1
        for entry in self.open:
            if entry.name == "heading":
                entry.text.append(step.text)
        opening, closing = self._dress(step)
        if opening:
            self._mark(())
            self.out.append(opening)
        if step.end - step.start == len(step.text):
            for start, end, numbers in self.segments.within(step.start, step.end):
                self._mark(numbers)
                self.out.append(escape(step.text[start - step.start : end - step.start]))
        else:
            self._mark(self.segments.touching(step.start, step.end))
            self.out.append(escape(step.text))
        if closing:
            self._mark(())
            self.out.append(closing)

    def _dress(self, step: Piece) -> tuple[str, str]:
        """The tags around a text that is no plain text; raw text outside of its element is front matter."""
        if step.name == "code":
            return "<code>", "</code>"
        if step.name == "raw" and not self.open:
            return f'<pre class="raw"{self._line(step.start)}>', "</pre>"
        if step.name == "raw" and self.open[-1].name != "html":
            return '<code class="raw">', "</code>"
        return "", ""

    def _mark(self, numbers: tuple[int, ...]) -> None:
        """Go on with the text under these marks."""
        if numbers == self.marked:
            return
        if self.marked:
            self.out.append("</mark>")
        self.marked = numbers
        if not numbers:
            return
        kinds = " ".join(sorted({self.marks[number].kind for number in numbers}))
        fresh = [number for number in numbers if number not in self.anchors]
        told = f'class="{escape(kinds)}" data-notes="{" ".join(map(str, numbers))}"'
        if fresh:
            anchor = f"{self.prefix}m{fresh[0]}"
            self.anchors.update(dict.fromkeys(fresh, anchor))
            # the first part of a mark is where the keyboard stops; inside a link the link itself is that place
            stop = "" if any(entry.name == "link" for entry in self.open) else ' tabindex="0" role="button" aria-haspopup="dialog"'
            told += f' id="{anchor}"{stop}'
        self.out.append(f"<mark {told}>")
