"""Every noun that leaves a stage of the pipeline."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple


class Stance(StrEnum):
    """How a statement is meant."""

    ASSERTED = "asserted"
    QUESTION = "question"
    NEGATED = "negated"
    DEFERRED = "deferred"
    PLACEHOLDER = "placeholder"
    GENERAL = "general"


class Status(StrEnum):
    """What a document says of a topic."""

    COVERED = "covered"
    MENTIONED = "mentioned"
    MISSING = "missing"
    NOT_APPLICABLE = "not-applicable"


class Kind(StrEnum):
    """What sort of document it is."""

    DESIGN = "design"
    TEMPLATE = "template"
    NOT_ML = "not-an-ml-design"
    LANGUAGE = "unsupported-language"


class BlockKind(StrEnum):
    """What sort of block a text stands in."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    HEADER = "header"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Region:
    """A place in the source: half-open character offsets, and 1-based lines and columns (``end_column`` is exclusive)."""

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Span:
    """A run of visible text and where it comes from.

    Attributes:
        at: offset in the block's text.
        source: offset in the document's source.
        length: characters of visible text.
        source_length: characters of source; differs from ``length`` for entities and line breaks.
    """

    at: int
    source: int
    length: int
    source_length: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, list item, table row, heading or code line, as visible text with a map back to the source.

    Attributes:
        context: indices of the blocks that frame this one: headings (nearest first), lead-in, parent items, table header.
        cells: for rows and headers, the half-open ranges of the cells in ``text``.
        bold_end: end of leading bold text in ``text``, 0 where there is none.
        task: for task list items, whether the box is ticked.
    """

    index: int
    kind: BlockKind
    text: str
    spans: tuple[Span, ...]
    context: tuple[int, ...] = ()
    level: int = 0
    cells: tuple[tuple[int, int], ...] = ()
    header: int | None = None
    bold_end: int = 0
    task: bool | None = None
    quoted: bool = False
    leads: bool = False
    italic: bool = False

    def source_range(self, start: int, end: int) -> tuple[int, int]:
        """Source offsets of ``text[start:end]``; ``start < end`` must lie within the text."""
        return self._source(start, at_end=False), self._source(end, at_end=True)

    def _source(self, offset: int, at_end: bool) -> int:
        look = offset - 1 if at_end else offset
        span = self.spans[max(0, bisect_right(self.spans, look, key=lambda s: s.at) - 1)]
        if span.length == span.source_length:
            return span.source + offset - span.at
        return span.source + (span.source_length if at_end else 0)


@dataclass(frozen=True, slots=True)
class Comment:
    """An HTML comment, which no reader of the rendered document sees; ranges are half-open source offsets.

    Attributes:
        text: what stands between its marks.
        closed: whether it ends before the document does.
        next: the block after it that is no comment; None at the end of the document.
    """

    text: str
    start: int
    end: int
    closed: bool
    next: tuple[int, int] | None


@dataclass(frozen=True)
class Document:
    """A parsed Markdown document.

    Attributes:
        path: as given by the user, with forward slashes.
        source: the decoded text without byte-order mark.
        blocks: in reading order.
        unclosed_fences: lines (1-based) of code fences that are never closed.
        comments: in reading order; what looks like a comment within code is none.
        front_matter: the front matter with its fences, which starts the source; "" where there is none.
    """

    path: str
    source: str
    blocks: tuple[Block, ...]
    unclosed_fences: tuple[int, ...] = ()
    comments: tuple[Comment, ...] = ()
    front_matter: str = ""

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        starts.extend(i + 1 for i, c in enumerate(self.source) if c == "\n")
        return starts

    def region(self, start: int, end: int) -> Region:
        """The region of the half-open source range; ``0 <= start <= end <= len(source)``."""
        first = bisect_right(self._line_starts, start)
        last = bisect_right(self._line_starts, end)
        return Region(start, end, first, start - self._line_starts[first - 1] + 1, last, end - self._line_starts[last - 1] + 1)

    def line_region(self, line: int) -> Region:
        """The region of a line, 1-based and within the document, without its line end."""
        start = self._line_starts[line - 1]
        return self.region(start, start + len(self.source[start:].partition("\n")[0]))


class Hit(NamedTuple):
    """A phrase found in a block: half-open range of its tokens."""

    term: int
    start: int
    end: int


class OpenCell(NamedTuple):
    """A cell of a table row that asks or waits to be filled: half-open range of its tokens, and what tells so."""

    start: int
    end: int
    stance: Stance
    cue: str


@dataclass(slots=True)
class Unit:
    """One statement: a sentence, list item, table row or line of a diagram.

    Attributes:
        start, end: half-open token range within the block.
        topical: the hits that a rule names outright, not only through a word list.
        lists: numbers of the word lists that occur; ``cues`` has the places of the stance cues.
        key_end: token index after the key of "Key: value", equal to ``start`` where there is none.
        reasoned: whether a reason is given in the statement.
        open_cells: of a table row, the cells that say nothing yet.
        given: whether it belongs to the quoted question that the document answers, so that it is neither answer nor gap.
    """

    block: int
    start: int
    end: int
    hits: list[Hit] = field(default_factory=list)
    topical: list[Hit] = field(default_factory=list)
    by_term: dict[int, list[Hit]] = field(default_factory=dict)
    lists: set[int] = field(default_factory=set)
    cues: dict[int, list[Hit]] = field(default_factory=dict)
    stance: Stance = Stance.ASSERTED
    cue: str = ""
    reasoned: bool = False
    key_end: int = 0
    content: int = 0
    open_cells: tuple[OpenCell, ...] = ()
    given: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place that speaks to a topic.

    Attributes:
        text: the source of the region, cut out.
        statement: the source of the whole statement that the region lies in.
        cue: what decided the stance, in the document's words where it has some.
        strength: sum of the signs, 0 to about 3; ``signs`` names each with its weight.
        depth: signals of depth in the same statement, 0-5 (5 is operational).
        enumerated: whether the statement only strings terms of several topics together.
    """

    rule: str
    region: Region
    text: str
    stance: Stance
    strength: float
    signs: tuple[tuple[str, float], ...]
    depth: int
    block: int
    cue: str
    statement: str
    enumerated: bool = False


@dataclass(frozen=True, slots=True)
class Judging:
    """What a repository sets for the judging of a document.

    Attributes:
        require_reason: whether a suppression must give a reason to count.
        rubric: name of the stage weights, "" for the default.
        traits: names of traits to add, or to take away where a "-" stands before them.
        profiles: names of the profiles to ask; None chooses them by trait.
    """

    require_reason: bool = False
    rubric: str = ""
    traits: tuple[str, ...] = ()
    profiles: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class TraitFound:
    """A trait with the first places that show it; none where a setting names it."""

    id: str
    title: str
    regions: tuple[Region, ...]

    @property
    def where(self) -> str:
        """The place that shows it best, for a reader."""
        return f"line {self.regions[0].line}" if self.regions else "as set"


@dataclass(frozen=True, slots=True)
class TopicResult:
    """The status of one topic, why, and the evidence, best first."""

    rule: str
    stage: int
    status: Status
    depth: int
    reason: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A further place that a finding rests on, with its text and what it shows."""

    region: Region
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend: a result of kind fail.

    Attributes:
        rule: id of the topic or smell, or the kind of a document that is no design.
        level: error, warning or note.
        region: the place to look at first; the start of a line where something is missing.
        help: why it matters and what would mend it.
        related: the other places that it rests on.
        fingerprint: 16 hex digits that stay the same while other parts of the document change.
    """

    rule: str
    title: str
    level: str
    message: str
    region: Region
    help: str
    weight: float = 0.0
    related: tuple[Place, ...] = ()
    fingerprint: str = ""

    @property
    def line(self) -> int:
        """1-based line of the place to look at first."""
        return self.region.line


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that the document or a baseline asks not to report, and the reason given ("" for none)."""

    finding: Finding
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """Whether a design says what a profile asks, and the place that says it (None where it does not)."""

    rule: str
    profile: str
    title: str
    level: str
    ask: str
    place: Place | None
    met: bool


@dataclass(frozen=True, slots=True)
class StageScore:
    """Score of one stage, 0-100, or None where no topic of it applies."""

    stage: int
    title: str
    score: float | None
    grade: str | None
    covered: int
    applicable: int
    weight: float


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Stage scores, total 0-100, letter, and the lines of arithmetic that led there."""

    score: float
    grade: str | None
    stages: tuple[StageScore, ...]
    arithmetic: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """Everything known about one document; regions are offsets into ``source``."""

    path: str
    kind: Kind
    kind_reason: str
    traits: tuple[TraitFound, ...]
    scorecard: Scorecard
    topics: tuple[TopicResult, ...]
    findings: tuple[Finding, ...]
    source: str = ""
    suppressed: tuple[Suppressed, ...] = ()
    rubric: str = ""
    requirements: tuple[RequirementResult, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentFailure:
    """A document that could not be read, or a configuration file that stands in the way; 1-based line where one is to blame."""

    path: str
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a reporter prints."""

    documents: tuple[DocumentReport, ...]
    errors: tuple[DocumentFailure, ...]
