"""Markdown is read with exact source regions, whatever form the text takes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_lint.errors import DocumentError
from mlsd_lint.markdown import MAX_BYTES, parse
from mlsd_lint.model import BlockKind, Document
from mlsd_lint.tokens import tokenise


def read(text: str, path: str = "design.md") -> Document:
    return parse(text.encode(), path)


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text.strip()) for block in read(text).blocks]


@pytest.mark.parametrize(
    ("source", "heading"),
    [
        ("## Labels\n", "Labels"),
        ("Labels\n------\n", "Labels"),
        ("**Labels**\n\ntext\n", "Labels"),
        ("3.2 Labels\n\ntext\n", "3.2 Labels"),
        ("## 🏷️ Labels\n", "🏷️ Labels"),
        ("## Labels ##\n", "Labels"),
    ],
)
def test_headings_of_every_kind(source: str, heading: str) -> None:
    assert kinds(source)[0] == ("heading", heading)


def test_a_bold_sentence_is_no_heading() -> None:
    assert kinds("**We retrain weekly.**\n")[0][0] == "paragraph"


def test_nested_items_know_their_parents() -> None:
    document = read("# T\n\n## Data\n\n- Sources\n  - payment log\n    - hourly\n- Labels\n")
    by_text = {block.text: block for block in document.blocks}
    context = [document.blocks[i].text for i in by_text["hourly"].context]
    assert context == ["payment log", "Sources", "Data"]
    assert [document.blocks[i].text for i in by_text["Labels"].context] == ["Data"]


def test_a_lead_in_frames_its_list() -> None:
    document = read("## Model\n\nFeatures are:\n\n- amount\n- country\n")
    item = next(block for block in document.blocks if block.text == "amount")
    assert "Features are:" in [document.blocks[i].text for i in item.context]


def test_rows_are_bound_to_their_header() -> None:
    document = read("| Metric | Target |\n|---|---|\n| recall | 0.9 |\n")
    header, row = document.blocks
    assert row.header == header.index
    assert [row.text[a:b].strip() for a, b in row.cells] == ["recall", "0.9"]


def test_task_items_know_their_box() -> None:
    assert [block.task for block in read("- [ ] canary\n- [x] shadow\n- other\n").blocks] == [False, True, None]


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- drift -->",
        "<!--\ndrift\n\nand more drift\n-->",
        "[//]: # (drift)",
        "---\ntitle: drift\n---",
        "```python\ndrift = psi(a, b)\n```",
        "<script>drift()</script>",
    ],
)
def test_comments_front_matter_and_programs_are_no_text(hidden: str) -> None:
    assert "drift" not in " ".join(text for _, text in kinds(f"{hidden}\n\ntext\n"))


def test_text_between_two_rules_is_no_front_matter() -> None:
    assert ("paragraph", "We log every score.") in kinds("# T\n\nintro\n\n---\nWe log every score.\n\n---\n")


def test_diagrams_are_read_line_by_line() -> None:
    assert ("code", "A[Kafka] --> B[Flink]") in kinds("```mermaid\ngraph TD\n  A[Kafka] --> B[Flink]\n```\n".replace("  A", "A"))


def test_an_unclosed_fence_hides_nothing_and_is_reported() -> None:
    document = read("# T\n\n```\nkafka\n\n## Labels\n\nAnalysts label 500 cases.\n")
    assert document.unclosed_fences == (3,)
    assert ("heading", "Labels") in [(b.kind.value, b.text) for b in document.blocks]


def test_html_text_is_read_and_its_tags_are_not() -> None:
    assert ("paragraph", "We retrain weekly.") in kinds("<details>\n<summary>More</summary>\nWe retrain weekly.\n</details>\n")


def test_mdx_imports_and_comments_are_hidden() -> None:
    document = read("import Chart from './chart'\n\n# T\n\n{/* drift */}\n\nWe log.\n", "design.mdx")
    assert "drift" not in " ".join(b.text for b in document.blocks)
    assert "import" not in " ".join(b.text for b in document.blocks)


def test_footnotes_and_quotes_are_blocks() -> None:
    document = read("Text[^1].\n\n> quoted\n\n[^1]: We retrain weekly.\n")
    assert [b.text for b in document.blocks] == ["Text.", "quoted", "We retrain weekly."]
    assert [b.quoted for b in document.blocks] == [False, True, False]


@pytest.mark.parametrize("bom", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_fine(bom: str) -> None:
    assert parse("# Ziel".encode(bom), "a.md").blocks[0].text == "Ziel"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "line 1: the file is empty"),
        (b" \n\n", "line 1: the file is empty"),
        (b"# A\n\nPNG\x00\x01", "line 3: a NUL byte"),
        (b"# A\nna\xefve", "line 2, byte 3: not valid UTF-8"),
        (b"a" * (MAX_BYTES + 1), "more than the limit of 16 MiB"),
        (b"".join(b"  " * i + b"- x\n" for i in range(10_000))[:4_000_000], "lists nest deeper than 200 levels"),
    ],
)
def test_bad_bytes_are_named_with_place_and_mend(data: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        parse(data, "a.md")


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
_MARKUP = ["# ", "- ", "1. ", "**", "*", "`", "\n", "\n\n", "| a | b |\n|---|---|\n", "> ", "&amp;", "<b>", "```\n", "— ", "é", "\r\n", "\t", "\\*"]
_PIECES = st.one_of(_WORDS, st.sampled_from(_MARKUP))


def _bare(text: str) -> str:
    """Text without white space, breaks and the signs that are markup inside a word (inline code may break a line there)."""
    return "".join(re.sub(r"<br\s*/?>|[*_~`>|\[\]()-]|</?b>", "", text, flags=re.IGNORECASE).split())


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=30))
def test_every_token_is_found_at_its_region(pieces: list[str]) -> None:
    """Any highlighted region, cut out of the source, is the text that was matched (up to markup and entities)."""
    source = "".join(pieces)
    if not source.strip() or "\0" in source:
        return
    document = parse(source.encode(), "a.md")
    for block in document.blocks:
        for word, start, end in tokenise(block.text):
            first, last = block.source_range(start, end)
            if word == "|" and first == last:
                continue  # the border of a table cell has no source of its own
            assert 0 <= first < last <= len(document.source)
            cut = document.source[first:last]
            if "&" not in cut and "\\" not in cut:
                assert _bare(cut) == _bare(word)


@given(st.text(max_size=200))
def test_lines_and_columns_agree_with_offsets(text: str) -> None:
    document = Document("a.md", text, ())
    for at in range(0, len(text) + 1, 7):
        region = document.region(at, len(text))
        before = text[:at]
        assert region.line == before.count("\n") + 1
        assert region.column == at - (before.rfind("\n") + 1) + 1


def test_blocks_are_numbered_in_reading_order() -> None:
    document = read("# A\n\ntext\n\n- item\n\n| a |\n|---|\n| b |\n")
    assert [b.index for b in document.blocks] == list(range(len(document.blocks)))
    assert [b.kind for b in document.blocks] == [BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.HEADER, BlockKind.ROW]
