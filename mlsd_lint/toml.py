"""TOML with the line of every key, which tomllib does not tell."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]

# what the last line of a statement of several lines contains
_CLOSING = ("]", "}", '"""', "'''")


class TomlError(ValueError):
    """A text is not TOML.

    Attributes:
        line: 1-based line of the mistake.
        message: what is wrong, without the line.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


class TomlFile:
    """A TOML text as plain data, with the lines of its keys."""

    def __init__(self, text: str) -> None:
        """Raises TomlError where the text is not TOML."""
        text = text.replace("\r\n", "\n")
        self.data: dict[str, Any] = _loads(text)
        self._lines: dict[Path, int] = {}
        self._tables: Counter[Path] = Counter()
        self._arrays: dict[Path, list[str]] = {}
        table: Path = ()
        for line, statement in _statements(text.split("\n")):
            if statement[0].lstrip().startswith("["):
                table = self._enter(_read(statement), line)
            else:
                self._note(table, _read(statement), statement, line)

    def line(self, path: Path) -> int:
        """1-based line of the deepest step of a path that the text has; an entry of an array has a line of its own."""
        for length in range(len(path), 0, -1):
            known = path[:length]
            if known not in self._lines:
                continue
            entry = path[length] if length < len(path) else None
            within = _line_of_entry(self._arrays[known], entry) if known in self._arrays and isinstance(entry, int) else 0
            return self._lines[known] + within
        return 1

    def _enter(self, header: dict[str, Any], line: int) -> Path:
        """The path of the table that a header opens."""
        path: Path = ()
        node: Any = header
        while node:
            step, node = next(iter(node.items()))
            path = (*path, step)
            self._lines.setdefault(path, line)
            if isinstance(node, list):
                self._tables[path] += 1
                node = node[0]
            if self._tables[path]:
                path = (*path, self._tables[path] - 1)
                self._lines.setdefault(path, line)
        return path

    def _note(self, table: Path, values: dict[str, Any], statement: list[str], line: int) -> None:
        for key, value in values.items():
            path = (*table, key)
            self._lines.setdefault(path, line)
            if isinstance(value, dict):
                self._note(path, value, statement, line)
            elif isinstance(value, list):
                self._arrays[path] = statement


def _loads(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told, _, place = str(error).rpartition(" (at ")
        line = place.removeprefix("line ").partition(",")[0]
        at = int(line) if line.isdecimal() else text.count("\n") + 1
        raise TomlError(at, told[:1].lower() + told[1:]) from error
    except RecursionError as error:
        raise TomlError(1, "nested too deep") from error


def _read(lines: list[str]) -> dict[str, Any]:
    """The data of a part of a text, {} where the part does not stand alone."""
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return {}


def _statements(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The statements of a sound TOML text, each with the line it starts at.

    A statement ends at a line end, and one that is not complete does not parse: so the parser itself cuts the text, and no
    string, comment or bracket can mislead it.
    """
    start = 0
    while start < len(lines):
        end = start + 1
        if lines[start].strip() and not lines[start].lstrip().startswith("#"):
            while end < len(lines) and not _ends(lines[start:end]):
                end += 1
            yield start + 1, lines[start:end]
        start = end


def _ends(statement: list[str]) -> bool:
    may_end = len(statement) == 1 or any(mark in statement[-1] for mark in _CLOSING)
    return may_end and bool(_read(statement))


def _line_of_entry(statement: list[str], entry: int) -> int:
    """The offset, in the statement that assigns an array, of the line on which an entry ends."""
    for offset in range(len(statement) - 1):
        value: Any = _read([*statement[: offset + 1], "]"])
        while isinstance(value, dict) and value:
            value = next(iter(value.values()))
        if isinstance(value, list) and len(value) > entry:
            return offset
    return len(statement) - 1
