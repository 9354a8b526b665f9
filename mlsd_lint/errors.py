"""Errors that a user can cause and mend; each says where, what and how to mend it."""

from __future__ import annotations


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


class ConfigError(MlsdLintError):
    """A command-line option has a value that cannot be used."""


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
