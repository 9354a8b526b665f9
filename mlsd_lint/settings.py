"""What a document is linted by: every setting with the place it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from mlsd_lint.errors import ConfigProblem

DEFAULT = "default"
T = TypeVar("T")


class Place(NamedTuple):
    """A line of a configuration file: the file as a user would name it, and the 1-based line."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Setting(Generic[T]):
    """A value and where it comes from: a line, an option of the command line, or ``default``."""

    value: T
    origin: Place | str = DEFAULT

    def problem(self, message: str) -> str | ConfigProblem:
        """What is wrong with the value, at the place it comes from."""
        return ConfigProblem(*self.origin, message) if isinstance(self.origin, Place) else f"{self.origin}: {message}"


@dataclass(frozen=True)
class Step:
    """One layer's choice of rules and levels; a later step wins over an earlier one.

    Attributes:
        select: None leaves the choice as it is; else it starts anew with these.
        levels: pairs of a rule or stage and its level.
    """

    select: tuple[Setting[str], ...] | None = None
    ignore: tuple[Setting[str], ...] = ()
    levels: tuple[tuple[str, Setting[str]], ...] = ()


@dataclass(frozen=True)
class Settings:
    """All that one document is linted by.

    Attributes:
        file: the configuration file, as a user would name it; None where there is none.
        excluded_by: the pattern that excludes the document, with its place.
        packs: folders of rules, the later ones winning.
        traits: names of traits, with a "-" before those that the system has not.
        profiles: names of profiles; None leaves the choice to the traits.
    """

    file: str | None = None
    steps: tuple[Step, ...] = ()
    fail_on: Setting[str] = Setting("error")
    min_score: Setting[float | None] = Setting(None)
    require_reason: Setting[bool] = Setting(False)
    rubric: Setting[str] = Setting("interview")
    traits: tuple[Setting[str], ...] = ()
    profiles: tuple[Setting[str], ...] | None = None
    exclude: tuple[Setting[str], ...] = ()
    excluded_by: Setting[str] | None = None
    packs: tuple[Setting[Path], ...] = ()
    baseline: Setting[Path | None] = Setting(None)


@dataclass(frozen=True)
class CommandLine:
    """What options of the command line ask for, which wins over every file; None is not asked."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str | None = None
    min_score: float | None = None
    baseline: Path | None = None
    rubric: str | None = None
    profile: tuple[str, ...] = ()

    def over(self, settings: Settings) -> Settings:
        """The settings with those of the command line put over them."""
        step = Step(
            tuple(Setting(name, "--select") for name in _parts(self.select)) if self.select else None,
            tuple(Setting(name, "--ignore") for name in _parts(self.ignore)),
        )
        return replace(
            settings,
            steps=(*settings.steps, step) if self.select or self.ignore else settings.steps,
            fail_on=settings.fail_on if self.fail_on is None else Setting(self.fail_on, "--fail-on"),
            min_score=settings.min_score if self.min_score is None else Setting(self.min_score, "--min-score"),
            baseline=settings.baseline if self.baseline is None else Setting(self.baseline, "--baseline"),
            rubric=settings.rubric if self.rubric is None else Setting(self.rubric, "--rubric"),
            profiles=tuple(Setting(name, "--profile") for name in _parts(self.profile)) if self.profile else settings.profiles,
        )


def _parts(values: Iterable[str]) -> Iterator[str]:
    return (part.strip() for value in values for part in value.split(","))
