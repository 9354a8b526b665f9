"""Which documents to lint: named files, folders searched for Markdown, and standard input."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlsd_lint.errors import DocumentError
from mlsd_lint.model import DocumentFailure

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SUFFIXES = (".md", ".markdown", ".mdx")
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """A document that is still to be read.

    Attributes:
        path: the name for the report, as the user gave it, with forward slashes.
        file: where to read it; None is standard input.
    """

    path: str
    file: Path | None

    def read(self) -> bytes:
        """The document's bytes.

        Raises:
            DocumentError: the file cannot be read.
        """
        if self.file is None:
            return sys.stdin.buffer.read()
        try:
            return self.file.read_bytes()
        except OSError as error:
            raise DocumentError(self.path, _told(error)) from error


def find(names: Iterable[str]) -> tuple[list[Source], list[DocumentFailure]]:
    """The documents that command-line names stand for, each once, in the order given, and the names that stand for none.

    Args:
        names: files (always taken), folders (searched for Markdown that no .gitignore excludes) and ``-`` (standard input).
    """
    found: dict[str, Source] = {}
    failures: list[DocumentFailure] = []
    for name in dict.fromkeys(names):
        for source in _documents(name, failures):
            found.setdefault(os.path.realpath(source.file) if source.file else STDIN, source)
    return list(found.values()), failures


def _documents(name: str, failures: list[DocumentFailure]) -> list[Source]:
    if name == STDIN:
        return [Source("<stdin>", None)]
    shown = name.replace(os.sep, "/")
    if os.path.isdir(name):
        before = len(failures)
        below = [Source(file.as_posix(), file) for file in _markdown_below(Path(name), failures)]
        if not below and len(failures) == before:
            wanted = ", ".join("*" + suffix for suffix in SUFFIXES)
            failures.append(DocumentFailure(shown, f"no Markdown in this folder ({wanted}) that .gitignore does not exclude; name a file to lint it anyway"))
        return below
    if name and os.path.exists(name):
        return [Source(shown, Path(name))]
    failures.append(DocumentFailure(shown, "no such file or folder; check the name"))
    return []


def _markdown_below(folder: Path, failures: list[DocumentFailure]) -> Iterator[Path]:
    """Markdown files of a folder and its sub-folders, by name; hidden and git-ignored ones are left out, links to folders not followed."""

    def failed(error: OSError) -> None:
        failures.append(DocumentFailure(Path(error.filename or folder).as_posix(), _told(error)))

    ignores = _GitIgnores(folder)
    for current, folders, files in os.walk(folder, onerror=failed):
        here = Path(current)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not ignores.exclude(here / name, is_folder=True))
        for name in sorted(files):
            wanted = name.lower().endswith(SUFFIXES) and not name.startswith(".")
            if wanted and not ignores.exclude(here / name, is_folder=False) and (here / name).is_file():
                yield here / name


class _GitIgnores:
    """The .gitignore files between the root of the repository and the files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._real = folder, folder.resolve()
        ancestors = (self._real, *self._real.parents)
        self._root = next((path for path in ancestors if (path / ".git").exists()), self._real)
        self._specs: dict[Path, GitIgnoreSpec | None] = {}

    def exclude(self, path: Path, *, is_folder: bool) -> bool:
        """Whether git ignores the path; the .gitignore nearest to it that says anything decides, as in git."""
        real = self._real / path.relative_to(self._folder)
        for parent in real.parents:
            spec = self._spec(parent)
            if spec is not None:
                name = real.relative_to(parent).as_posix() + ("/" if is_folder else "")
                ignored = spec.check_file(name).include
                if ignored is not None:
                    return ignored
            if parent == self._root:
                break
        return False

    def _spec(self, folder: Path) -> GitIgnoreSpec | None:
        if folder not in self._specs:
            self._specs[folder] = _read_gitignore(folder / ".gitignore")
        return self._specs[folder]


def _read_gitignore(file: Path) -> GitIgnoreSpec | None:
    from pathspec import GitIgnoreSpec  # a tenth of a cold start, needed for folders only

    try:
        lines = file.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    except OSError:
        return None  # git, too, does without a .gitignore that it cannot read

    def usable(line: str) -> bool:
        try:
            GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error):
            return False  # git passes over a pattern that it cannot read
        return True

    return GitIgnoreSpec.from_lines([line for line in lines if usable(line)])


def _told(error: OSError) -> str:
    return f"cannot be read: {(error.strerror or str(error)).lower()}; check its permissions or leave it out"
