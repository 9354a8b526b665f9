"""Changes of layout that change nothing of what is said change no status."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from conftest import FIXTURES
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mlsd_lint.linter import Linter
from mlsd_lint.markdown import parse
from mlsd_lint.model import BlockKind, Kind

DOCUMENTS = sorted(path.stem for path in FIXTURES.glob("*.md"))
WITH_TABLES = ("fraud-detection", "search-ranking", "rag-assistant", "nightly-forecast", "rejects-bad-practice", "draft-todos")
# in a draft with open headings a paragraph may stand where an answer is awaited: see test_an_answer_to_something_else
COMPLETE = [name for name in DOCUMENTS if name != "draft-todos"]
MOST_COLUMNS = 8
each_document = pytest.mark.parametrize("name", DOCUMENTS)
on_documents = settings(max_examples=5, derandomize=True, deadline=None)
on_small_texts = settings(max_examples=60, derandomize=True, deadline=None)
widths = st.integers(min_value=16, max_value=140)
orders = st.permutations(range(MOST_COLUMNS))

Judgement = dict[str, str]

_NO_PARAGRAPH = re.compile(r"\s*(?:$|[#>|`~<]|[-*+] |\d+[.)] |\[//\]|\$\$|[-=*_]{3,}\s*$)")
_WOULD_START_A_BLOCK = re.compile(r"(?:[-*+=#>|~`]|\d+[.)]$)")
_BULLET = re.compile(r"^(\s*)[-*+](\s+)(?=\S)")
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_ROW = re.compile(r"^\s*\|.*\|\s*$")


def judged(linter: Linter, text: str) -> Judgement:
    """Kind of the document and status of every topic."""
    report = linter.lint(text.encode(), "design.md")
    return {"kind": report.kind.value} | {topic.rule: topic.status.value for topic in report.topics}


def differences(before: Judgement, after: Judgement) -> dict[str, str]:
    return {key: f"{before[key]} -> {after[key]}" for key in before if before[key] != after[key]}


def text_of(name: str) -> str:
    return (FIXTURES / f"{name}.md").read_text(encoding="utf-8")


def assert_same(linter: Linter, text: str, *changed: str) -> None:
    before = judged(linter, text)
    for other in changed:
        assert not differences(before, judged(linter, other)), other


# ---- changes of layout


def rewrapped(text: str, width: int) -> str:
    """Paragraphs broken anew at the width, as far as no line begins with a sign that starts another block."""
    lines: list[str] = []
    for group, fenced in _groups(text):
        if fenced or any(_NO_PARAGRAPH.match(line) for line in group):
            lines += group
        else:
            lines += _filled(" ".join(group).split(" "), width)
    return "\n".join(lines)


def _groups(text: str) -> Iterator[tuple[list[str], bool]]:
    """Runs of lines between blank ones, and whether they belong to a code fence; blank lines are groups of their own."""
    group: list[str] = []
    fenced = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            group.append(line)
            if fenced:
                yield group, True
                group = []
            fenced = not fenced
        elif line.strip() or fenced:
            group.append(line)
        else:
            if group:
                yield group, False
            yield [line], False
            group = []
    if group:
        yield group, fenced


def _filled(words: list[str], width: int) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) > width and not _WOULD_START_A_BLOCK.match(word):
            lines.append(word)
        else:
            lines[-1] += " " + word
    return lines


def with_crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def deeper(text: str) -> str:
    """All headings below the title one level deeper: ## becomes ###, and an underlined section ###."""
    text = re.sub(r"^(\S.*)\n-{3,}$", r"## \1", text, flags=re.MULTILINE)
    several_titles = len(re.findall(r"^# ", text, flags=re.MULTILINE)) > 1
    least = 1 if several_titles else 2
    return _outside_fences(text, lambda line: re.sub(rf"^(#{{{least},5}}) ", r"\1# ", line))


def numbered(text: str) -> str:
    """Bullets as a numbered list, the indentation of nested ones fitted."""
    count: dict[int, int] = {}

    def turn(line: str) -> str:
        match = _BULLET.match(line)
        if not match:
            if line.strip() and not line.startswith(" "):
                count.clear()
            return line
        depth = len(match.group(1)) // 2
        for deeper_level in [level for level in count if level > depth]:
            del count[deeper_level]
        count[depth] = count.get(depth, 0) + 1
        return " " * 3 * depth + f"{count[depth]}. " + line[match.end() :]

    return _outside_fences(text, turn)


def _outside_fences(text: str, change: Callable[[str], str]) -> str:
    fenced, lines = False, []
    for line in text.split("\n"):
        fence = bool(_FENCE.match(line))
        lines.append(line if fenced or fence else change(line))
        fenced ^= fence
    return "\n".join(lines)


def columns_in(text: str, order: list[int]) -> str:
    """The table columns after the first one in another order."""

    def reorder(line: str) -> str:
        if not _ROW.match(line):
            return line
        first, *rest = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
        return "|" + "|".join([first, *(rest[i] for i in order if i < len(rest))]) + "|"

    return _outside_fences(text, reorder)


def retyped(text: str, signs: dict[str, str]) -> str:
    """The visible text, not the Markdown, in another typography; straight double quotes alternate between opening and closing."""
    document = parse(text.encode(), "design.md")
    chars = list(text)
    open_quote = False
    for block in document.blocks:
        if block.kind is BlockKind.CODE:
            continue
        for span in block.spans:
            if span.length != span.source_length:
                continue
            for at in range(span.source, span.source + span.length):
                sign = chars[at]
                if sign == '"' and '"' in signs:
                    open_quote = not open_quote
                    chars[at] = "“" if open_quote else "”"
                else:
                    chars[at] = signs.get(sign, sign)
    return "".join(chars)


TYPOGRAPHIES = {
    "curly quotes and long dashes": {'"': "“", "'": "’", "–": "—"},
    "typewriter": {"“": '"', "”": '"', "’": "'", "‘": "'", "—": "-", "–": "-"},
    "Unicode hyphens": {"-": "\N{HYPHEN}"},
}

UNRELATED = (
    "The kitchen on the second floor gets a new kettle in May.",
    "Marta and Jonas swap desks after the holidays.",
    "The bicycle stand behind the house is roofed now.",
    "Lunch was pea soup, and most of us had a second bowl.",
)


def sections_of(text: str) -> list[int]:
    """Offsets at which a section ends: before every heading but the first, and at the end."""
    headings = [b for b in parse(text.encode(), "design.md").blocks if b.kind is BlockKind.HEADING][1:]
    starts = (text.rfind("\n", 0, block.source_range(0, 1)[0]) + 1 for block in headings)
    return [*starts, len(text)]


def with_paragraph(text: str, paragraph: str, at: int) -> str:
    return f"{text[:at].rstrip()}\n\n{paragraph}\n\n{text[at:]}"


# ---- the shipped documents


@each_document
def test_line_ends(linter: Linter, name: str) -> None:
    assert_same(linter, text_of(name), with_crlf(text_of(name)))


@each_document
def test_heading_levels(linter: Linter, name: str) -> None:
    assert_same(linter, text_of(name), deeper(text_of(name)))


@each_document
def test_bullets_or_numbers(linter: Linter, name: str) -> None:
    assert_same(linter, text_of(name), numbered(text_of(name)))


@each_document
def test_typography(linter: Linter, name: str) -> None:
    assert_same(linter, text_of(name), *(retyped(text_of(name), signs) for signs in TYPOGRAPHIES.values()))


@each_document
@on_documents
@given(width=widths)
def test_wrapping(linter: Linter, name: str, width: int) -> None:
    assert_same(linter, text_of(name), rewrapped(text_of(name), width))


@pytest.mark.parametrize("name", WITH_TABLES)
@on_documents
@given(order=orders)
def test_order_of_columns(linter: Linter, name: str, order: list[int]) -> None:
    assert_same(linter, text_of(name), columns_in(text_of(name), order))


@pytest.mark.parametrize("name", COMPLETE)
@on_documents
@given(data=st.data(), paragraph=st.sampled_from(UNRELATED))
def test_a_paragraph_on_something_else(linter: Linter, name: str, data: st.DataObject, paragraph: str) -> None:
    text = text_of(name)
    at = data.draw(st.sampled_from(sections_of(text)))
    assert_same(linter, text, with_paragraph(text, paragraph, at))


def test_an_answer_to_something_else(linter: Linter) -> None:
    text = "# Dent finder\n\n## Data\n\nWe predict dents from photos of 14 gates.\n\n## Caching\n\nTODO\n"
    assert_same(linter, text, with_paragraph(text, UNRELATED[0], len(text)))


@each_document
def test_a_section_on_something_else(linter: Linter, name: str) -> None:
    assert_same(linter, text_of(name), f"{text_of(name)}\n\n## From the house\n\n{' '.join(UNRELATED)}\n")


# ---- small documents

# from 150 words on, the share of words of the trade decides whether a text is a design; one paragraph may then tip it
SHORT_OF_WORDS = 110
TITLES = ("Parcel damage", "Late trains", "Which invoice is wrong?")
HEADINGS = ("Aim", "Data", "Labels", "Model", "3.2 Serving", "Drift", "Privacy", "Notes", "Open questions", "Future work", "🚚 Cost")
SENTENCES = (
    "We predict for each parcel whether it arrives damaged.",
    "A clerk marks a parcel as damaged within three days, and that mark is the label.",
    "Who marks the parcels that nobody opens?",
    "TODO: describe how labels reach the table.",
    "Boosted trees were chosen over a neural network because clerks must follow the reasons.",
    "Data drift is a common problem in practice.",
    "Every night the population stability index of each input is compared with last month's, and 0.2 opens a ticket.",
    "We have not thought about encryption yet.",
    "Scores are served by a Go service in a container, 40 requests a second, p95 under 80 ms.",
    "No load balancer is needed, because one job runs each night.",
    'Names are replaced by random keys - the mapping stays with the "data office".',
    "The clerk's corrections go into the next training.",
    "It would be nice to have dashboards at some point.",
    "The team meets on Thursdays.",
)
KEYS = ("Retraining", "Owner", "Latency", "Caching", "Access", "Rollout")
VALUES = (
    "every Sunday, released only if recall does not fall",
    "200 ms at p95",
    "TBD",
    "none - each number is read once",
    "by role, reviewed each quarter",
    "2 %, then 20 %, then all",
    "?",
    "",
)
CELLS = {
    "Decision": VALUES,
    "Why": ("the law asks for it", "cheap to run", "because clerks read it", ""),
    "Owner": ("data team", "on-call engineer", "TBD", ""),
    "Metric": ("recall", "p95 in ms", "–"),
}


@st.composite
def small_documents(draw: st.DrawFn) -> str:
    """A title and a few sections of prose, bullets, key-value bullets and tables, some of it definite and some not."""
    parts = [f"# {draw(st.sampled_from(TITLES))}"]
    for heading in draw(st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=4, unique=True)):
        parts.append(f"## {heading}")
        parts += draw(st.lists(st.one_of(_prose(), _bullets(), _keyed(), _table()), max_size=3))
    return "\n\n".join(parts) + "\n"


def _prose() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map(" ".join)


def _bullets() -> st.SearchStrategy[str]:
    item = st.tuples(st.sampled_from(("- ", "  - ")), st.sampled_from(SENTENCES)).map("".join)
    return st.lists(item, min_size=1, max_size=4).map(lambda items: "\n".join([items[0].lstrip(), *items[1:]]))


def _keyed() -> st.SearchStrategy[str]:
    pair = st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)).map(lambda p: f"- **{p[0]}:** {p[1]}".rstrip())
    return st.lists(pair, min_size=1, max_size=4).map("\n".join)


def _table() -> st.SearchStrategy[str]:
    def rows(columns: list[str]) -> st.SearchStrategy[str]:
        head = f"| Part | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}"
        cells = st.tuples(*(st.sampled_from(CELLS[column]) for column in columns))
        row = st.tuples(st.sampled_from(KEYS), cells).map(lambda p: f"| {p[0]} | {' | '.join(p[1])} |")
        return st.lists(row, min_size=1, max_size=3).map(lambda body: "\n".join([head, *body]))

    return st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=3, unique=True).flatmap(rows)


@on_small_texts
@given(text=small_documents(), width=widths)
def test_layout_of_small_documents(linter: Linter, text: str, width: int) -> None:
    assert_same(linter, text, rewrapped(text, width), with_crlf(text), deeper(text), numbered(text))


@on_small_texts
@given(text=small_documents(), order=orders)
def test_columns_of_small_documents(linter: Linter, text: str, order: list[int]) -> None:
    assert_same(linter, text, columns_in(text, order))


@on_small_texts
@given(text=small_documents())
def test_typography_of_small_documents(linter: Linter, text: str) -> None:
    assert_same(linter, text, *(retyped(text, signs) for signs in TYPOGRAPHIES.values()))


@on_small_texts
@given(text=small_documents(), paragraph=st.sampled_from(UNRELATED))
def test_a_section_more_in_small_documents(linter: Linter, text: str, paragraph: str) -> None:
    assume(judged(linter, text)["kind"] == Kind.DESIGN and len(text.split()) < SHORT_OF_WORDS)
    assert_same(linter, text, f"{text}\n## From the house\n\n{paragraph}\n")


@pytest.mark.parametrize(
    ("head", "row", "order"),
    [
        pytest.param("| Part | What | Who | When |", "| Retraining | from scratch | by the data team | Sundays |", [2, 0, 1], id="filled cells"),
        pytest.param("| Part | What | Who | When |", "| Retraining | from scratch | by the data team | ? |", [2, 0, 1], id="an open cell"),
        pytest.param(
            "| Part | Decision | Why | Owner |",
            "| Retraining | by role, reviewed each quarter | 2 %, then 20 %, then all | every Sunday, released only if recall holds |",
            [0, 2, 1],
            id="words of different cells",
        ),
    ],
)
def test_cells_that_are_read_by_their_order(linter: Linter, head: str, row: str, order: list[int]) -> None:
    table = f"# Parcel damage\n\n## Plan\n\n{head}\n|---|---|---|---|\n{row}\n"
    assert_same(linter, table, columns_in(table, order))
