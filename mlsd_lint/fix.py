"""Missing topics to question stubs, put where they belong in a document's own structure and style; every other byte stays."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from mlsd_lint.markdown import decode, parse
from mlsd_lint.model import Block, BlockKind, Document, DocumentReport, Kind, Status
from mlsd_lint.rule import Rule
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.tokens import normal_form, tokenise

_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_NUMBER = re.compile(r"(?P<number>\d+(?:\.\d+)*)(?P<after>[.):]?)\s+(?=\S)")
_SETEXT = re.compile(r" {0,3}(?P<mark>=+|-+)[ \t]*$")
_BULLET = re.compile(r"(?P<indent> {0,3})(?P<mark>[-*+])(?P<gap>[ \t]+)(?P<text>.*)")
_RULER = re.compile(r" {0,3}(?:-[ \t]*){3,}$| {0,3}(?:\*[ \t]*){3,}$| {0,3}(?:_[ \t]*){3,}$")
_ANCHOR = re.compile(r" {0,3}<a\b[^<>]*>(?:</a>)?[ \t]*$", re.IGNORECASE)
_SMALL_WORDS = frozenset("a an and as at by for from in of on or per the to vs with".split())
# words in the titles of stages that head sections of every sort
_VAGUE = frozenset(normal_form(word) for word in "design how the is argued and selection strategy engineering understanding continuous improvement".split())
_DEFAULT_LEVEL = 2
_DEEPEST_ATX = 6
# what speaks for a section being about a stage
_FOR_NAME, _FOR_TITLE, _FOR_CONTEXTS, _FOR_EVIDENCE = 2.0, 3.0, 4.0, 1.0
_LEAST_VOTES = 2.0
_BROAD_CONTEXTS = 0.3
_BROAD_TOPICS = 3
# sections that are about no stage, whatever their words; the lists stand in rules/stance.yaml
_ASIDE = ("section-deferred", "section-negated", "section-general")
_AT_THE_END = ("section-deferred", "section-general")


@dataclass(frozen=True, slots=True)
class Fixed:
    """A document with its stubs.

    Attributes:
        data: the new bytes, the old ones where nothing was inserted.
        rules: the rules whose stubs were inserted, in order.
    """

    data: bytes
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Style:
    """How headings of one level are written. ``form`` is atx, closed, setext, bold or plain; ``mark`` is what marks it."""

    form: str
    mark: str = "#"


@dataclass(slots=True)
class _Section:
    """A heading and what stands below it: half-open source offsets, ``end`` with its sub-sections and ``own_end`` without."""

    block: Block
    level: int
    title: str
    number: str
    after_number: str
    style: _Style
    start: int
    end: int = 0
    own_end: int = 0
    parent: _Section | None = None
    stage: int | None = None
    votes: float = 0.0
    broad: bool = False
    aside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Lines to insert at a source offset; ``depth`` orders those of one place, the deepest first."""

    at: int
    depth: int
    order: int
    lines: tuple[str, ...]
    tight: bool = False


def insert_stubs(data: bytes, report: DocumentReport, rules: RuleSet, among: Collection[str] | None = None) -> Fixed:
    """Add a question stub for every topic that the report calls missing.

    A stub is a heading or list item of the topic with "TODO:" and the question of its rule. A topic whose question
    already stands in the document gets none, so that doing it twice changes nothing.

    Args:
        data: the bytes that the report is about.
        report: the review of these bytes.
        rules: the rules of the review; topics that they do not know are passed over.
        among: ids of the rules that may get a stub; None is all of them.

    Raises:
        DocumentError: the bytes are not a readable document.
    """
    document = parse(data, report.path)
    plain = " ".join(document.source.split())
    missing = {topic.rule for topic in report.topics if topic.status is Status.MISSING} if report.kind is Kind.DESIGN else set()
    if among is not None:
        missing &= set(among)
    wanted = [rule for rule in rules.rules.values() if rule.id in missing and " ".join(rule.ask.split()) not in plain]
    if not wanted:
        return Fixed(data, ())
    chunks = _Planner(document, report, rules).chunks(wanted)
    return Fixed(_with_chunks(data, document, chunks), tuple(rule.id for rule in wanted))


def home_headings(document: Document, report: DocumentReport, rules: RuleSet) -> dict[int, Block]:
    """Stage -> heading under which a topic of the stage would be looked for: its section, else that of the nearest earlier or later stage.

    A stage is left out only where the document has no heading at the margin.
    """
    planner = _Planner(document, report, rules)
    found = {stage: home.block for stage in rules.stage_titles if (home := planner.home(stage)) is not None}
    first = planner.outline.sections[:1]
    near = {stage: min(found, key=lambda other: (other > stage, abs(other - stage)), default=0) for stage in rules.stage_titles}
    return {stage: found[other] if other in found else first[0].block for stage, other in near.items() if found or first} | found


def why_nothing(report: DocumentReport) -> str:
    """Why a document got no stub, for its author."""
    if report.kind is Kind.DESIGN:
        return "every topic that is asked has a place already"
    return report.findings[0].message if report.findings else f"it is reported as {report.kind.value}"


def difference(path: str, before: bytes, after: bytes) -> str:
    """A unified diff that ``git apply`` takes, "" where nothing differs.

    Args:
        path: the document's name, with forward slashes.
        before, after: readable documents in the same encoding.
    """
    encoding = _envelope(before, decode(before, path))[1]
    old, new = (_lines(data.decode(encoding)) for data in (before, after))
    told = difflib.unified_diff(old, new, f"a/{path.lstrip('/')}", f"b/{path.lstrip('/')}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in told)


def _lines(text: str) -> list[str]:
    """Lines as diff tools count them: by line feed alone."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


# ---- bytes


def _with_chunks(data: bytes, document: Document, chunks: list[_Chunk]) -> bytes:
    source = document.source
    mark, encoding = _envelope(data, source)
    newline = _newline(source)
    parts, done = [], 0
    for at in sorted({chunk.at for chunk in chunks}):
        here = sorted((chunk for chunk in chunks if chunk.at == at), key=lambda c: (-c.depth, c.order))
        parts += [source[done:at], _joined(here, source[:at], source[at:], newline)]
        done = at
    return mark + "".join([*parts, source[done:]]).encode(encoding)


def _envelope(data: bytes, source: str) -> tuple[bytes, str]:
    """The byte-order mark ("" for none) and the encoding of a document."""
    for encoding in _ENCODINGS:
        body = source.encode(encoding)
        if data.endswith(body) and len(data) - len(body) <= 3:
            return data[: len(data) - len(body)], encoding
    raise AssertionError("decoded text must encode to the bytes that it came from")


def _newline(source: str) -> str:
    """The line end that the document uses most."""
    windows = source.count("\r\n")
    unix, mac = source.count("\n") - windows, source.count("\r") - windows
    return max((unix, "\n"), (windows, "\r\n"), (mac, "\r"), key=lambda pair: pair[0])[1]


def _joined(chunks: list[_Chunk], before: str, after: str, newline: str) -> str:
    """Chunks with one blank line around each, save where a list goes on; a document without a final line end stays without."""
    text = "" if not before or before.endswith(("\n", "\r")) else newline
    for position, chunk in enumerate(chunks):
        if (before or position) and not (chunk.tight and position == 0):
            text += newline
        text += "".join(line + newline for line in chunk.lines)
    if not after:
        return text if before.endswith(("\n", "\r")) or not before else text.removesuffix(newline)
    return text if not after.split("\n", 1)[0].strip() else text + newline


# ---- what the document looks like


class _Outline:
    """The sections of a document whose headings stand at the margin, and how it writes headings."""

    def __init__(self, document: Document) -> None:
        self.document, self.source = document, document.source
        self.sections = [section for block in document.blocks if (section := self._section(block)) is not None]
        self._bound()
        self.floor = self._line_start(document.blocks[0].source_range(0, 1)[0]) if document.blocks else len(self.source)
        titled = [section for section in self.sections if section.level == 1]
        self.title = titled[0] if len(titled) == 1 and titled[0] is self.sections[0] else None
        self.below_title = [section for section in self.sections if section is not self.title]
        self.level = min((section.level for section in self.below_title), default=_DEFAULT_LEVEL)
        self.case = self._case()

    def style(self, level: int, parent: _Style | None) -> _Style:
        """How a heading of a level is written: as most of that level are, else as its parent is."""
        forms = Counter(section.style for section in self.below_title if section.level == level)
        if forms:
            return forms.most_common(1)[0][0]
        if parent is not None and parent.form == "closed":
            return parent
        return _Style("atx")

    def has_level(self, level: int) -> bool:
        """Whether any heading stands at this level, or is a bold line."""
        return any(section.level == level for section in self.below_title)

    def children(self, section: _Section) -> list[_Section]:
        """The sub-sections directly below a section."""
        return [other for other in self.sections if other.parent is section]

    def is_numbered(self, level: int) -> bool:
        """Whether most headings of a level have a number."""
        numbers = [bool(section.number) for section in self.below_title if section.level == level]
        return sum(numbers) * 2 > len(numbers)

    def content_end(self, boundary: int) -> int:
        """The end of the last line that belongs to what stands before an offset, line end included.

        Rulers, comments and anchors just before a heading belong to the heading.
        """
        lines = self.source[self.floor : boundary].splitlines(keepends=True)
        kept = len(lines)
        while kept:
            kept = self._without_preamble(lines, kept)
            if kept and not lines[kept - 1].strip():
                kept -= 1
                continue
            if kept == self._without_preamble(lines, kept):
                break
        return self.floor + sum(map(len, lines[:kept]))

    def _without_preamble(self, lines: list[str], kept: int) -> int:
        if not kept:
            return 0
        line = lines[kept - 1].rstrip()
        blank_before = kept < 2 or not lines[kept - 2].strip()
        if _ANCHOR.match(line) or (_RULER.match(line) and blank_before):
            return kept - 1
        if not line.endswith("-->"):
            return kept
        for first in range(kept - 1, -1, -1):
            if lines[first].lstrip().startswith("<!--"):
                return first
            if first < kept - 1 and "-->" in lines[first]:
                return kept
        return kept

    def _line_start(self, offset: int) -> int:
        return self.source.rfind("\n", 0, offset) + 1

    def _line(self, offset: int) -> str:
        end = self.source.find("\n", offset)
        return self.source[offset : len(self.source) if end < 0 else end].rstrip("\r")

    def _section(self, block: Block) -> _Section | None:
        if block.kind is not BlockKind.HEADING or block.quoted:
            return None
        first, last = block.source_range(0, len(block.text))
        start = self._line_start(first)
        style = self._style_of(self._line(start), self._line_after(last))
        if style is None:
            return None
        text = " ".join(block.text.split())
        numbered = _NUMBER.match(text)
        number, after = (numbered["number"], numbered["after"]) if numbered else ("", "")
        return _Section(block, block.level, text[numbered.end() :] if numbered else text, number, after, style, start)

    def _line_after(self, offset: int) -> str:
        end = self.source.find("\n", offset)
        return self._line(end + 1) if end >= 0 else ""

    @staticmethod
    def _style_of(line: str, below: str) -> _Style | None:
        """The style of the heading that begins with a line, None where it is inside a quotation or a list."""
        text = line.lstrip(" ")
        if len(line) - len(text) > 3:
            return None
        if text.startswith("#"):
            return _Style("closed" if re.search(r"\s#+\s*$", text) else "atx")
        setext = _SETEXT.match(below)
        if setext:
            return _Style("setext", setext["mark"][0])
        if text.startswith(("**", "__")):
            return _Style("bold", text[:2])
        return _Style("plain") if _NUMBER.match(text) else None

    def _bound(self) -> None:
        for index, section in enumerate(self.sections):
            later = self.sections[index + 1 :]
            section.own_end = later[0].start if later else len(self.source)
            section.end = next((other.start for other in later if other.level <= section.level), len(self.source))
            earlier = reversed(self.sections[:index])
            section.parent = next((other for other in earlier if other.level < section.level), None)

    def _case(self) -> str:
        words = [word for section in self.below_title for word in section.title.split()[1:] if word.isalpha() and word.lower() not in _SMALL_WORDS]
        titles = [section.title for section in self.below_title if any(c.isalpha() for c in section.title)]
        if titles and all(title.isupper() for title in titles) and any(len(title) > 4 for title in titles):
            return "upper"
        return "title" if words and sum(word[0].isupper() for word in words) * 2 > len(words) else "as-is"


# ---- where the stubs go


class _Planner:
    """Finds a place for every stub: in the section of its stage, beside sections of its stage, or in a new section in the order of stages."""

    def __init__(self, document: Document, report: DocumentReport, rules: RuleSet) -> None:
        self.outline = _Outline(document)
        self.rules = rules
        self.last_number: dict[int, str] = {}
        self.order = 0
        spoken = [topic for topic in report.topics if topic.evidence and topic.status in (Status.COVERED, Status.MENTIONED)]
        self.places = [(topic.stage, topic.evidence[0].region.start) for topic in spoken]
        for section in self.outline.below_title:
            self._assign(section)

    def chunks(self, wanted: list[Rule]) -> list[_Chunk]:
        """What to insert, and where, for these rules."""
        found = []
        for stage, title in self.rules.stage_titles.items():
            asked = [rule for rule in wanted if self.rules.stage_of[rule.id] == stage]
            if asked:
                found.append(self._chunk(stage, title, asked))
        return found

    # ---- which section is about which stage

    def _assign(self, section: _Section) -> None:
        words = _stems(section.title)
        section.aside = frozenset(name for name in _ASIDE if any(_within(_stems(phrase), words) for phrase in self.rules.lexicons.get(name, ())))
        if section.aside:
            return
        votes: dict[int, float] = {}
        broad = set()
        for file in self.rules.files:
            stage = file.stage
            named = sum(any(_names(phrase, words) for phrase in rule.headings) for rule in file.rules)
            framed = sum(any(_names(phrase, words) for phrase in rule.contexts) for rule in file.rules) / max(1, len(file.rules))
            titled = bool((set(_stems(file.title)) - _VAGUE) & set(words))
            held = sum(its_stage == stage and section.start <= at < section.end for its_stage, at in self.places)
            votes[stage] = _FOR_NAME * named + _FOR_TITLE * titled + _FOR_CONTEXTS * framed + _FOR_EVIDENCE * held
            if titled or framed >= _BROAD_CONTEXTS or held >= _BROAD_TOPICS:
                broad.add(stage)
        best = max(votes, key=votes.__getitem__, default=None)
        if best is not None and votes[best] >= _LEAST_VOTES:
            section.stage, section.votes, section.broad = best, votes[best], best in broad

    def _chunk(self, stage: int, title: str, asked: list[Rule]) -> _Chunk:
        home = self.home(stage)
        if home is None:
            return self._new_section(stage, title, asked)
        return self._inside(home, asked) if home.broad else self._beside(home, asked)

    def home(self, stage: int) -> _Section | None:
        """The section that is about a stage as a whole, else the last one about a part of it."""
        mine = [section for section in self.outline.below_title if section.stage == stage]
        broad = [section for section in mine if section.broad]
        if broad:
            return min(broad, key=lambda s: (s.level, -s.votes, s.start))
        return mine[-1] if mine else None

    def _inside(self, home: _Section, asked: list[Rule]) -> _Chunk:
        """Stubs at the end of a section: sub-sections where it or the document has some, else list items."""
        children = self.outline.children(home)
        if children:
            return self._beside(children[-1], asked)
        level = home.level + 1
        if level > _DEEPEST_ATX or not self.outline.has_level(level):
            return self._items(home, asked)
        number = f"{home.number}.0" if home.number and self.outline.is_numbered(level) else ""
        return self._headed(home.end, level, self.outline.style(level, home.style), number, home.after_number * ("." in home.after_number), asked)

    def _beside(self, sibling: _Section, asked: list[Rule]) -> _Chunk:
        """Sections after a section, written as it is."""
        return self._headed(sibling.end, sibling.level, sibling.style, sibling.number, sibling.after_number, asked)

    def _headed(self, boundary: int, level: int, style: _Style, number: str, after: str, asked: list[Rule]) -> _Chunk:
        at = self.outline.content_end(boundary)
        number = self.last_number.get(at, number) if number else ""
        lines: list[str] = []
        for rule in asked:
            number = _next_number(number)
            lines += ["", *self._heading(heading_for(rule), level, style, number, after), "", f"TODO: {rule.ask}"]
        return self._add(at, level, lines[1:])

    def _items(self, home: _Section, asked: list[Rule]) -> _Chunk:
        at = self.outline.content_end(home.own_end)
        last = _last_bullet(self.outline, home, at)
        mark = f"{last['indent']}{last['mark']}{last['gap']}" if last else "- "
        return self._add(at, _DEEPEST_ATX + 2, _items(asked, mark, _key_style(self.outline.source[home.start : at])), tight=last is not None)

    def _new_section(self, stage: int, title: str, asked: list[Rule]) -> _Chunk:
        outline = self.outline
        level = outline.level
        style = outline.style(level, None)
        boundary, number, after = self._slot(stage, level)
        at = outline.content_end(boundary)
        if number:
            number = self.last_number[at] = _next_in_gap(self.last_number.get(at, number), self._is_last(at, level))
        if style.form == "plain" and not number:
            style = _Style("atx")
        lines = [*self._heading(title, level, style, number, after), ""]
        if level < _DEEPEST_ATX and outline.has_level(level + 1):
            numbered = bool(number) and outline.is_numbered(level + 1)
            for position, rule in enumerate(asked, 1):
                below = outline.style(level + 1, style)
                if below.form == "plain" and not numbered:
                    below = _Style("atx")
                lines += [*self._heading(heading_for(rule), level + 1, below, f"{number}.{position}" if numbered else "", ""), "", f"TODO: {rule.ask}", ""]
            return self._add(at, level, lines[:-1])
        return self._add(at, level, [*lines, *_items(asked, "- ", _key_style(outline.source))])

    def _slot(self, stage: int, level: int) -> tuple[int, str, str]:
        """Where a new section goes: the offset, and the number of the section before it with what follows that number."""
        tops = [section for section in self.outline.below_title if section.level == level]
        numbered = self.outline.is_numbered(level)
        earlier = [section for section in tops if section.stage is not None and section.stage <= stage]
        later = [section for section in tops if section.stage is not None and section.stage > stage]
        ends = [section for section in tops if section.aside & set(_AT_THE_END)]
        after = next((section.after_number for section in reversed(tops) if section.number), "")
        if earlier and later:
            before = max(earlier, key=lambda s: (s.stage, s.start))
            return before.end, before.number if numbered else "", after
        if later:
            return min(section.start for section in later), "", after
        last = [section for section in tops if section not in ends]
        if not last:
            return (ends[0].start if ends else len(self.outline.source)), "", after
        return last[-1].end, last[-1].number if numbered else "", after

    def _is_last(self, at: int, level: int) -> bool:
        return not any(section.start >= at and section.level == level and section.number for section in self.outline.below_title)

    def _add(self, at: int, depth: int, lines: list[str], *, tight: bool = False) -> _Chunk:
        self.order += 1
        return _Chunk(at, depth, self.order, tuple(lines), tight)

    def _heading(self, title: str, level: int, style: _Style, number: str, after: str) -> list[str]:
        text = f"{number}{after} {_cased(title, self.outline.case)}" if number else _cased(title, self.outline.case)
        if style.form == "setext":
            return [text, style.mark * len(text)]
        if style.form == "bold":
            return [f"{style.mark}{text}{style.mark}"]
        if style.form == "plain":
            return [text]
        marks = "#" * min(level, _DEEPEST_ATX)
        return [f"{marks} {text} {marks}" if style.form == "closed" else f"{marks} {text}"]


@lru_cache(maxsize=8192)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(normal_form(word) for word, _, _ in tokenise(text.lower().lstrip("=")))


def _names(phrase: str, words: tuple[str, ...]) -> bool:
    return not phrase.startswith("@") and _within(_stems(phrase), words)


def _within(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return bool(part) and any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))


def heading_for(rule: Rule) -> str:
    """The title of a rule, or the heading nearest to it that the rule knows, so that an answer below it will count."""
    title = _stems(rule.title)
    if not rule.headings or any(_names(heading, title) for heading in rule.headings):
        return rule.title
    plain = [heading for heading in rule.headings if re.fullmatch(r"[\w -]+", heading)] or [rule.title]
    best = max(plain, key=lambda heading: len(set(_stems(heading)) & set(title)))
    return best[0].upper() + best[1:]


def _next_number(number: str) -> str:
    """The number after a number: 3.2 -> 3.3; "" stays ""."""
    head, dot, last = number.rpartition(".")
    return f"{head}{dot}{int(last) + 1}" if number else ""


def _next_in_gap(number: str, is_last: bool) -> str:
    """A number for a section after another: the next one, or where that is taken the same with a letter (2 -> 2a -> 2b)."""
    if is_last:
        return _next_number(number)
    return f"{number[:-1]}{chr(ord(number[-1]) + 1)}" if number[-1].isalpha() else f"{number}a"


def _cased(title: str, case: str) -> str:
    if case == "upper":
        return title.upper()
    if case != "title":
        return title
    first, *rest = title.split()
    return " ".join([first[0].upper() + first[1:], *(word if word in _SMALL_WORDS else word[0].upper() + word[1:] for word in rest)])


def _items(asked: Iterable[Rule], mark: str, key: str) -> list[str]:
    return [f"{mark}{key.format(heading_for(rule))} TODO: {rule.ask}" for rule in asked]


def _key_style(text: str) -> str:
    """How the keys of list items are written, with {} for the key: bold with the colon inside or outside, or plain."""
    forms = Counter({"**{}:**": 1})
    for line in text.splitlines():
        bullet = _BULLET.match(line)
        if not bullet:
            continue
        item = bullet["text"]
        for form, pattern in (("**{}:**", r"\*\*[^*:]+:\*\*"), ("**{}**:", r"\*\*[^*:]+\*\*:"), ("__{}:__", r"__[^_:]+:__"), ("{}:", r"[A-Z][\w /-]{1,40}: ")):
            if re.match(pattern, item):
                forms[form] += 2
                break
    return forms.most_common(1)[0][0]


def _last_bullet(outline: _Outline, home: _Section, end: int) -> re.Match[str] | None:
    """The last item at the margin of the list that ends a section, None where it does not end with a tight list."""
    inside = [block for block in outline.document.blocks if block.spans and home.start <= block.spans[0].source < end]
    if not inside or inside[-1].kind is not BlockKind.ITEM or inside[-1].quoted:
        return None
    lines = outline.source[home.start : end].splitlines()
    for line in _from_the_end(lines):
        bullet = _BULLET.match(line)
        if bullet:
            return bullet
    return None


def _from_the_end(lines: list[str]) -> Iterator[str]:
    """The lines of the paragraph or list that ends a text, last first, up to a blank line."""
    for line in reversed(lines):
        if not line.strip():
            return
        yield line
