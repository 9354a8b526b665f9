"""Changes of layout that change nothing of what is said change no status."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from conftest import FIXTURES
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mlsd_lint.linter import Linter
from mlsd_lint.markdown import parse
from mlsd_lint.model import BlockKind

DOCUMENTS = sorted(path.stem for path in FIXTURES.glob("*.md"))
HOARD = settings(max_examples=12, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
each_document = pytest.mark.parametrize("name", DOCUMENTS)

# (document, change) -> why the engine still reads the changed text differently; a case that comes right must leave this list.
KNOWN_FAULTS: dict[tuple[str, str], str] = {}

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


@pytest.fixture(scope="module")
def source() -> Callable[[str], str]:
    return lambda name: (FIXTURES / f"{name}.md").read_text(encoding="utf-8")


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


def columns_turned(text: str, turn: int) -> str:
    """Table columns after the first one rotated."""

    def rotate(line: str) -> str:
        if not _ROW.match(line):
            return line
        first, *rest = re.split(r"(?<!\\)\|", line.strip().strip("|"))
        by = turn % len(rest) if rest else 0
        return "|" + "|".join([first, *rest[by:], *rest[:by]]) + "|"

    return _outside_fences(text, rotate)


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


TYPOGRAPHIC = {'"': "“", "'": "’", "–": "—"}
PLAIN = {"“": '"', "”": '"', "’": "'", "‘": "'", "—": "-", "–": "-"}
HYPHENS = {"-": "\N{HYPHEN}"}

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
