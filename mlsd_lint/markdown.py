"""Markdown bytes to a Document: blocks of visible text, their context, and a map back to the exact source."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, NamedTuple

import pyromark
from pyromark import Options

from mlsd_lint.errors import DocumentError
from mlsd_lint.model import Block, BlockKind, Comment, Document, Span

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 200

_OPTIONS = Options.ENABLE_TABLES | Options.ENABLE_TASKLISTS | Options.ENABLE_FOOTNOTES | Options.ENABLE_STRIKETHROUGH
# Front matter is cut by our own pattern: the parser takes any "---" pair for metadata, which would hide text between two rules.
_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\r?\n.*?^(?:\1|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)>|\Z)|</?[A-Za-z][^<>]*>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?li|/?tr|/?h\d|/?summary|/?details)\b", re.IGNORECASE)
_HTML_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG_NAME = re.compile(r"</?([A-Za-z][\w.-]*)")
_HTML_TAGS = frozenset(
    "a abbr address article aside audio b blockquote body br button caption center cite code col colgroup dd del details dfn div dl dt em"
    " embed figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend li link main"
    " mark meta nav noscript object ol option p param picture pre q s samp script section select small source span strike strong style sub"
    " summary sup svg table tbody td template textarea tfoot th thead time title tr tt u ul var video path g rect text line circle".split()
)
_MDX_HIDDEN = re.compile(r"^(?:import|export)\s.*?(?=^\s*$|\Z)|\{/\*.*?\*/\}", re.MULTILINE | re.DOTALL)
# a comment of ours in MDX, which has no HTML comments; the blank makes both forms equally long
_MDX_COMMENT = re.compile(r"\{/\*[ \t](?=\s*mlsd-lint\b)((?:(?!\*/).)*)\*/\}", re.DOTALL)
_NUMBERED_HEADING = re.compile(r"(\d+(?:\.\d+)+)\.?\)?\s+[^\W\d_][^.!?]{1,70}$")
_DEEP_LIST = re.compile(rf"^[ \t]{{{2 * MAX_DEPTH},}}[-*+\d]", re.MULTILINE)
_PROGRAM = frozenset(
    "python py java js javascript ts typescript go rust c cpp c++ csharp sh bash shell console sql r scala kotlin http html css xml diff".split()
)
_BLOCKS = frozenset(("Heading", "Paragraph", "List", "Item", "BlockQuote", "Table", "CodeBlock", "HtmlBlock", "FootnoteDefinition"))
_BOLD_LEVEL = 7
# stands between the cells of a row, so that no phrase reaches from one into the next
_CELL_BORDER = " | "


def decode(data: bytes, path: str) -> str:
    """Decode a document's bytes: UTF-8, or UTF-16 where a byte-order mark says so.

    Raises:
        DocumentError: the bytes are empty, too many, binary or not valid text.
    """
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 2**20:.1f} MiB is more than the limit of {MAX_BYTES >> 20} MiB"
        raise DocumentError(path, f"{size}; split the document or lint the part that holds the design")
    encoding, text_bytes = "utf-8", data
    for bom, name in _BOMS:
        if data.startswith(bom):
            encoding, text_bytes = name, data[len(bom) :]
            break
    if encoding == "utf-8" and b"\0" in text_bytes:
        line = data.count(b"\n", 0, data.index(0)) + 1
        raise DocumentError(path, f"line {line}: a NUL byte, so this is a binary file; give a Markdown text file")
    try:
        text = text_bytes.decode(encoding)
    except UnicodeDecodeError as error:
        line = text_bytes.count(b"\n", 0, error.start) + 1
        column = error.start - text_bytes.rfind(b"\n", 0, error.start)
        raise DocumentError(path, f"line {line}, byte {column}: not valid {encoding.upper()}; save the file as UTF-8") from None
    if not text.strip():
        raise DocumentError(path, "line 1: the file is empty; write the design or leave the file out")
    return text


def parse(data: bytes, path: str) -> Document:
    """Parse a Markdown document.

    Args:
        data: the file's bytes.
        path: how the user named the file; ``.mdx`` turns on MDX.

    Raises:
        DocumentError: the bytes cannot be read as a document (see ``decode``) or its lists nest too deep.
    """
    source = decode(data, path)
    deep = _DEEP_LIST.search(source)
    if deep:
        line = source.count("\n", 0, deep.start()) + 1
        raise DocumentError(path, f"line {line}: lists nest deeper than {MAX_DEPTH} levels; flatten them")
    visible, unclosed = _shown(source, path)
    builder = _Builder(visible, path)
    front_matter = _FRONT_MATTER.match(source)
    blocks = tuple(_with_context(builder.build()))
    return Document(path, source, blocks, tuple(unclosed), tuple(builder.comments), front_matter.group() if front_matter else "")


class Piece(NamedTuple):
    """One step through a document as a reader sees it.

    Attributes:
        name: ``open`` or ``close`` of the element ``text``, or what ``text`` is: ``text`` and ``code`` are read, ``raw`` is HTML or front
            matter as it was written, ``break``, ``rule``, ``box`` (of a task, ``detail`` "x" where ticked) and ``reference`` (to the
            footnote ``text``) stand for themselves.
        text: the visible text, or one of ``ELEMENTS``.
        detail: of a heading its level 1-6, of an ordered list its first number, of a link its address, of a table the alignments of its columns,
            of a footnote its label.
        start, end: half-open character range of the source; for a text as long as its range, each character stands at its own place.
    """

    name: str
    text: str
    detail: str
    start: int
    end: int


ELEMENTS = {
    "Paragraph": "paragraph", "Heading": "heading", "BlockQuote": "quote", "CodeBlock": "listing", "HtmlBlock": "html", "List": "list",
    "Item": "item", "FootnoteDefinition": "footnote", "Table": "table", "TableHead": "head", "TableRow": "row", "TableCell": "cell",
    "Emphasis": "emphasis", "Strong": "strong", "Strikethrough": "strike", "Link": "link", "Image": "image",
}  # fmt: skip


def pieces(source: str, path: str) -> Iterator[Piece]:
    """Walk through a decoded document in reading order, elements properly nested; takes time in proportion to its length.

    Args:
        source: the document as ``Document.source`` has it.
        path: how the user named the file; ``.mdx`` turns on MDX.
    """
    front = _FRONT_MATTER.match(source)
    if front:
        yield Piece("raw", front.group(), "", front.start(), front.end())
    visible, _ = _shown(source, path)
    offsets = _Offsets(visible)
    for event, where in _events(visible):
        start, end = offsets.char(where["start"]), offsets.char(where["end"])
        if isinstance(event, str):
            yield Piece("rule" if event == "Rule" else "break" if event == "HardBreak" else "text", "\n", "", start, end)
            continue
        name, value = next(iter(event.items()))
        if name in ("Start", "End"):
            tag, detail = _tag(value)
            if tag in ELEMENTS:
                yield Piece("open" if name == "Start" else "close", ELEMENTS[tag], _detail(tag, detail) if name == "Start" else "", start, end)
        else:
            yield _piece(name, value, visible, start, end)


def _piece(name: str, value: Any, source: str, start: int, end: int) -> Piece:
    """The piece of an event that is no element."""
    if name == "Code":
        return Piece("code", value, "", *_inside_ticks(source, value, start, end))
    if name == "TaskListMarker":
        return Piece("box", "", "x" if value else "", start, end)
    if name == "FootnoteReference":
        return Piece("reference", value, "", start, end)
    if name == "InlineHtml" and _HTML_BREAK.fullmatch(value):
        return Piece("break", "\n", "", start, end)
    if name in ("Html", "InlineHtml"):
        return Piece("raw", source[start:end], "", start, end)
    return Piece("text", value, "", start, end)


def _inside_ticks(source: str, value: str, start: int, end: int) -> tuple[int, int]:
    """The range of inline code without its ticks and the space that may stand inside them, where that is as long as its text."""
    whole = source[start:end]
    ticks = len(whole) - len(whole.lstrip("`"))
    for inset in (ticks, ticks + 1):
        if source[start + inset : end - inset].replace("\n", " ") == value:
            return start + inset, end - inset
    return start, end


def _detail(tag: str, detail: Any) -> str:
    if tag == "Heading":
        return str(detail["level"][1])
    if tag == "Link":
        return ("mailto:" if detail["link_type"] == "Email" else "") + str(detail["dest_url"])
    if tag == "Table":
        return " ".join(detail).lower()
    return str(detail) if tag in ("List", "FootnoteDefinition") and detail is not None and detail != {} else ""


def _shown(source: str, path: str) -> tuple[str, list[int]]:
    """The source with what nobody is to read blanked out, and the lines of fences that are never closed."""
    visible = _FRONT_MATTER.sub(_blank, source, count=1)
    if path.lower().endswith(".mdx"):
        visible = _MDX_HIDDEN.sub(_blank, _MDX_COMMENT.sub(r"<!--\1-->", visible))
    return _open_unclosed_fences(visible)


def _blank(match: re.Match[str]) -> str:
    """As many blanks and line ends as the match has, so that every offset stays true."""
    return re.sub(r"[^\n]", " ", match.group())


def _events(source: str) -> list[tuple[Any, dict[str, int]]]:
    return list(pyromark.events_with_range(source, options=_OPTIONS))  # type: ignore[arg-type]


def _open_unclosed_fences(source: str) -> tuple[str, list[int]]:
    """Blank the opening line of every fence that runs to the end of the file unclosed, so that what follows is read."""
    lines: list[int] = []
    for _ in range(5):
        fences = list(re.finditer(r"^[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*(`{3,}|~{3,})([^\n`]*)$", source, re.MULTILINE))
        opener = None
        for fence in fences:
            mark, info = fence.group(1), fence.group(2).strip()
            if opener is None:
                opener = fence
            elif mark[0] == opener.group(1)[0] and len(mark) >= len(opener.group(1)) and not info:
                opener = None
        if opener is None:
            return source, lines
        lines.append(source.count("\n", 0, opener.start()) + 1)
        source = source[: opener.start()] + " " * (opener.end() - opener.start()) + source[opener.end() :]
    return source, lines


class _Offsets:
    """Byte offsets of the parser to character offsets of the source."""

    # characters between two known places, so that a line of any length costs no more than the next one
    _STEP = 256

    def __init__(self, source: str) -> None:
        self._ascii = source.isascii()
        if self._ascii:
            return
        self._bytes = source.encode("utf-8")
        steps = (source[at : at + self._STEP] for at in range(0, len(source) - self._STEP, self._STEP))
        self._known = [0, *accumulate(len(step.encode("utf-8")) for step in steps)]

    def char(self, byte: int) -> int:
        if self._ascii:
            return byte
        step = bisect_right(self._known, byte) - 1
        return step * self._STEP + len(self._bytes[self._known[step] : byte].decode("utf-8", "ignore"))


@dataclass
class _Draft:
    """A block while its text is being collected."""

    kind: BlockKind
    level: int = 0
    parts: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    length: int = 0
    cells: list[int] = field(default_factory=list)
    bold_end: int = 0
    bold_only: bool = True
    italic_only: bool = True
    task: bool | None = None
    header: int | None = None

    def add(self, text: str, source: int, source_length: int) -> None:
        if not text:
            return
        self.spans.append(Span(self.length, source, len(text), source_length))
        self.parts.append(text)
        self.length += len(text)


class _Builder:
    """Walks the parser's events once and emits blocks in reading order."""

    def __init__(self, source: str, path: str) -> None:
        self.source, self.path = source, path
        self.offsets = _Offsets(source)
        self.blocks: list[Block] = []
        self.depths: list[int] = []
        self.open: list[_Draft] = []
        self.list_depth = self.quote_depth = self.bold = self.italic = 0
        self.in_table_head = False
        self.header: int | None = None
        self.code: list[tuple[str, int, int]] | None = None
        self.code_language = ""
        self.html: list[tuple[int, int]] = []
        self.comments: list[Comment] = []

    def build(self) -> list[tuple[Block, int]]:
        for event, where in _events(self.source):
            start, end = where["start"], where["end"]
            if isinstance(event, str):
                self._plain(event, start, end)
                continue
            name, value = next(iter(event.items()))
            if name == "Start":
                self._follow(_tag(value)[0], start, end)
                self._start(*_tag(value), start)
            elif name == "End":
                self._end(_tag(value)[0])
            else:
                self._leaf(name, value, start, end)
        return list(zip(self.blocks, self.depths, strict=True))

    def _start(self, tag: str, detail: Any, at: int) -> None:
        if tag == "Heading":
            self.open.append(_Draft(BlockKind.HEADING, level=int(detail["level"][1])))
        elif tag == "Paragraph":
            if not (self.open and self.open[-1].kind is BlockKind.ITEM and not self.open[-1].parts):
                self.open.append(_Draft(BlockKind.PARAGRAPH))
        elif tag == "List":
            self._flush_item()
            self.list_depth += 1
        elif tag == "Item":
            self.open.append(_Draft(BlockKind.ITEM, level=self.list_depth))
        elif tag == "BlockQuote":
            self.quote_depth += 1
        elif tag == "TableHead":
            self.in_table_head = True
            self.open.append(_Draft(BlockKind.HEADER))
        elif tag == "TableRow":
            self.open.append(_Draft(BlockKind.ROW, header=self.header))
        elif tag == "TableCell":
            self._cell()
        elif tag in ("Strong", "Emphasis"):
            self._emphasis(tag, +1)
        elif tag == "CodeBlock":
            self._flush_item()
            self.code = []
            self.code_language = str(detail.get("Fenced", "")).split()[0].lower() if isinstance(detail, dict) and detail.get("Fenced", "").strip() else ""
        elif tag == "HtmlBlock":
            self.html = []

    def _end(self, tag: str) -> None:
        if tag in ("Heading", "TableRow"):
            self._emit(self.open.pop())
        elif tag == "Paragraph":
            if self.open and self.open[-1].kind is BlockKind.PARAGRAPH:
                self._emit(self.open.pop())
            else:
                self._flush_item()
        elif tag == "List":
            self.list_depth -= 1
        elif tag == "Item":
            self._flush_item()
            if self.open and self.open[-1].kind is BlockKind.ITEM:
                self.open.pop()
        elif tag == "BlockQuote":
            self.quote_depth -= 1
        elif tag == "TableHead":
            self.in_table_head = False
            self.header = self._emit(self.open.pop())
        elif tag == "Table":
            self.header = None
        elif tag in ("Strong", "Emphasis"):
            self._emphasis(tag, -1)
        elif tag == "CodeBlock":
            self._emit_code()
        elif tag == "HtmlBlock":
            self._emit_html()

    def _plain(self, name: str, start: int, end: int) -> None:
        if name == "SoftBreak":
            self._text(" ", start, end)
        elif name == "HardBreak":
            self._text("\n", start, end)

    def _leaf(self, name: str, value: Any, start: int, end: int) -> None:
        if name == "Text":
            if self.code is not None:
                self.code.append((value, start, end))
            else:
                self._text(value, start, end)
        elif name == "Code":
            first, last = _inside_ticks(self.source, value, self._char(start), self._char(end))
            self._literal(value, first, last - first)
        elif name == "TaskListMarker" and self.open:
            self.open[-1].task = bool(value)
        elif name == "Html":
            self.html.append((start, end))
        elif name == "InlineHtml" and value.startswith("<!--"):
            self._comment(value, self._char(start))
        elif name == "InlineHtml" and _BREAK.match(value):
            self._text("\n", start, end)
        elif name == "InlineHtml" and not _is_markup(value):
            self._text(value, start, end)

    def _char(self, byte: int) -> int:
        return self.offsets.char(byte)

    def _text(self, text: str, start: int, end: int) -> None:
        first = self._char(start)
        self._literal(text, first, self._char(end) - first)

    def _literal(self, text: str, source: int, source_length: int) -> None:
        if not text:
            return
        if not self.open:
            self.open.append(_Draft(BlockKind.PARAGRAPH))
        draft = self.open[-1]
        draft.add(text, source, source_length)
        if text.strip():
            draft.italic_only &= self.italic > 0
            if self.bold and draft.bold_only:
                draft.bold_end = draft.length
            elif not self.bold:
                draft.bold_only = False

    def _emphasis(self, tag: str, step: int) -> None:
        if tag == "Strong":
            self.bold += step
        else:
            self.italic += step

    def _cell(self) -> None:
        draft = self.open[-1]
        if draft.length:
            draft.add(_CELL_BORDER, draft.spans[-1].source + draft.spans[-1].source_length, 0)
        draft.cells.append(draft.length)

    def _flush_item(self) -> None:
        """Emit the text of the item that is open, keeping the item open for what follows in it."""
        if self.open and self.open[-1].kind in (BlockKind.ITEM, BlockKind.PARAGRAPH) and self.open[-1].parts:
            draft = self.open.pop()
            self._emit(draft)
            if draft.kind is BlockKind.ITEM:
                self.open.append(_Draft(BlockKind.ITEM, level=draft.level))

    def _emit(self, draft: _Draft) -> int | None:
        text = "".join(draft.parts)
        if not text.strip():
            return None
        ends = [*(start - len(_CELL_BORDER) for start in draft.cells[1:]), draft.length]
        cells = tuple(zip(draft.cells, ends, strict=True)) if draft.cells else ()
        kind, level = draft.kind, draft.level
        stripped = text.strip()
        if kind is BlockKind.PARAGRAPH and not self.list_depth:
            numbered = _NUMBERED_HEADING.match(stripped)
            if draft.bold_only and draft.bold_end and len(stripped) <= 80 and not stripped.endswith("."):
                kind, level = BlockKind.HEADING, _BOLD_LEVEL
            elif numbered and "\n" not in stripped:
                kind, level = BlockKind.HEADING, min(6, numbered.group(1).count(".") + 2)
        block = Block(
            len(self.blocks), kind, text, tuple(draft.spans), level=level, cells=cells, header=draft.header,
            bold_end=draft.bold_end, task=draft.task, quoted=self.quote_depth > 0,
            leads=stripped.endswith(":") and kind in (BlockKind.PARAGRAPH, BlockKind.ITEM), italic=draft.italic_only and draft.length > 0,
        )  # fmt: skip
        self.blocks.append(block)
        self.depths.append(self.list_depth)
        return block.index

    def _emit_code(self) -> None:
        pieces, self.code = self.code or [], None
        if self.code_language in _PROGRAM:
            return
        for text, start, _ in pieces:
            at = self._char(start)
            for line in text.splitlines(keepends=True):
                if line.strip():
                    draft = _Draft(BlockKind.CODE)
                    draft.add(line.rstrip("\r\n"), at, len(line.rstrip("\r\n")))
                    self._emit(draft)
                at += len(line)

    def _emit_html(self) -> None:
        if not self.html:
            return
        first, last = self._char(self.html[0][0]), self._char(self.html[-1][1])
        self.html = []
        draft, at = _Draft(BlockKind.PARAGRAPH), first
        text = self.source[first:last]
        for tag in [*(t for t in _TAG.finditer(text) if _is_markup(t.group())), None]:
            until = first + (tag.start() if tag else len(text))
            draft.add(self.source[at:until].replace("\n", " "), at, until - at)
            if tag is None or _BREAK.match(tag.group()):
                self._emit(draft)
                draft = _Draft(BlockKind.PARAGRAPH)
            if tag:
                at = first + tag.end()
                self._comment(tag.group(), first + tag.start())

    def _comment(self, tag: str, start: int) -> None:
        """Keep a tag that is a comment."""
        if tag.startswith("<!--"):
            closed = tag.endswith("-->")
            self.comments.append(Comment(tag[4:-3] if closed else tag[4:], start, start + len(tag), closed, None))

    def _follow(self, tag: str, start: int, end: int) -> None:
        """Tell the comments that have no block after them yet that this one is it."""
        if tag not in _BLOCKS or not self.comments or self.comments[-1].next:
            return
        first, last = self._char(start), self._char(end)
        if tag == "HtmlBlock" and not _TAG.sub(_uncommented, self.source[first:last]).strip():
            return
        for number in reversed(range(len(self.comments))):
            if self.comments[number].next is not None:
                return
            self.comments[number] = replace(self.comments[number], next=(first, last))


def _uncommented(tag: re.Match[str]) -> str:
    return "" if tag.group().startswith("<!--") else tag.group()


def _is_markup(tag: str) -> bool:
    """Whether a tag is HTML or a component, and not a form field such as "<name of the owner>"."""
    name = _TAG_NAME.match(tag)
    return name is None or name.group(1).lower() in _HTML_TAGS or name.group(1)[0].isupper() or "=" in tag or "-" in name.group(1)


def _tag(value: Any) -> tuple[str, Any]:
    if isinstance(value, str):
        return value, {}
    tag, detail = next(iter(value.items()))
    return tag, detail


def _with_context(blocks: list[tuple[Block, int]]) -> Iterator[Block]:
    """Bind every block to what frames it: headings, the line that leads to a list, parent items, the table's header."""
    headings: list[Block] = []
    parents: list[tuple[int, Block]] = []
    lead: Block | None = None
    titles = [b for b, _ in blocks if b.kind is BlockKind.HEADING and b.level == 1]
    title = titles[0].index if len(titles) == 1 else None
    for block, depth in blocks:
        if block.kind is BlockKind.HEADING:
            while headings and headings[-1].level >= block.level:
                headings.pop()
            context = tuple(h.index for h in reversed(headings) if h.index != title)
            headings.append(block)
            parents, lead = [], None
            yield replace(block, context=context)
            continue
        while parents and (parents[-1][0] >= depth if block.kind is BlockKind.ITEM else parents[-1][0] > depth):
            parents.pop()
        frame = [p.index for _, p in reversed(parents)]
        if lead is not None:
            frame.append(lead.index)
        if block.header is not None:
            frame.insert(0, block.header)
        frame.extend(h.index for h in reversed(headings) if h.index != title)
        yield replace(block, context=tuple(dict.fromkeys(i for i in frame if i != block.index)))
        if block.kind is BlockKind.ITEM:
            parents.append((depth, block))
        elif block.kind is BlockKind.PARAGRAPH and depth == 0:
            parents = []
            lead = block if block.leads else None
