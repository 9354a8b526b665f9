"""Errors that a user can cause and mend; each says where, what and how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class MlsdLintError(Exception):
    """Base of every error that mlsd-lint reports to its user instead of raising a traceback."""


class RuleFileError(MlsdLintError):
    """One or more rule files cannot be used.

    Attributes:
        problems: one ``file:line: what is wrong; how to mend it`` string for each problem found.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class ConfigProblem:
    """One thing that is wrong in a file that the user wrote for mlsd-lint.

    Attributes:
        path: the file as a user would name it, with forward slashes.
        line: 1-based; None where no line is to blame.
        message: what is wrong and how to mend it.
    """

    path: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.message}"


class ConfigError(MlsdLintError):
    """A command-line option, a configuration file or a file it names cannot be used.

    Attributes:
        problems: what is wrong, at its file and line; empty for an option.
    """

    def __init__(self, *told: str | ConfigProblem) -> None:
        super().__init__("\n".join(map(str, told)))
        self.problems = tuple(problem for problem in told if isinstance(problem, ConfigProblem))


class DocumentError(MlsdLintError):
    """One document cannot be read; the other documents are not affected.

    Attributes:
        path: the document as the user named it, with forward slashes.
        message: what is wrong and how to mend it, with the line where one is known.
    """

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


def nearest(name: str, known: Iterable[str]) -> str:
    """A question for the name that may have been meant, "" where none is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean '{near[0]}'?" if near else ""
