"""Lines for a terminal: wrapping, quoting, aligning and colouring."""

from __future__ import annotations

import re
import textwrap
import unicodedata

import click

WIDTH = 80
# emphasis and code marks, which only get in the way of a quotation
_MARKS = re.compile(r"\*+|__|`+")


def clean(text: str) -> str:
    """Text of a document as one line that cannot move the cursor or change colours."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def unmarked(text: str) -> str:
    """Text of a document as one line, without marks of emphasis and code."""
    return _MARKS.sub("", clean(text))


def columns(text: str) -> int:
    """How many columns of a terminal a text takes; colours take none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in click.unstyle(text))


def shorten(text: str, width: int) -> str:
    """Text in at most ``width`` columns (at least 1), cut at a space where one is near."""
    if columns(text) <= width:
        return text
    taken = end = 0
    while taken + columns(text[end]) < width:
        taken += columns(text[end])
        end += 1
    text = text[:end]
    head, _, tail = text.rpartition(" ")
    return (head if head and len(tail) < 12 else text).rstrip() + "…"


def quote(text: str, width: int) -> str:
    """A quotation in at most ``width`` columns (at least 3), marks included."""
    return f"“{shorten(clean(text), width - 2)}”"


def excerpt(statement: str, text: str, width: int) -> str:
    """The whole statement where it takes at most ``width`` columns, else from the text in it on."""
    statement = unmarked(statement)
    if columns(statement) <= width:
        return statement
    at = statement.find(unmarked(text))
    return f"… {statement[at:]}" if at > 0 else statement


def pad(text: str, width: int) -> str:
    """Text filled up with spaces to ``width`` columns."""
    return text + " " * max(0, width - columns(text))


def wrap(text: str, indent: int = 0, width: int = WIDTH) -> list[str]:
    """Text as lines of at most ``width`` columns, each indented; words are never broken."""
    return textwrap.wrap(text, width, initial_indent=" " * indent, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)


class Pen:
    """Colours text, or leaves it plain."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, text: str, fg: str | None = None, *, bold: bool = False, dim: bool = False) -> str:
        """Text in a colour that click knows, bold or dim."""
        if not (self.color and text):
            return text
        return click.style(text, fg=fg, bold=bold or None, dim=dim or None)
