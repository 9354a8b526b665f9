"""What the front matter of a document says to mlsd-lint: suppressions, traits and profiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mlsd_lint.model import Document, Region
from mlsd_lint.ruleset import YamlError, read_yaml
from mlsd_lint.toml import TomlError, TomlFile

KEY = "mlsd-lint"
_FORM = f"{KEY}: {{disable: [{{rule: …, reason: …}}], traits: […], profile: …}}"


class Entry(BaseModel):
    """One suppression."""

    model_config = ConfigDict(extra="forbid")
    rule: Annotated[str, Field(min_length=1)]
    reason: str = ""


def _as_entry(value: object) -> object:
    return {"rule": value} if isinstance(value, str) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Asked(BaseModel):
    """The entry ``mlsd-lint`` of a front matter. ``traits``: names to add, or to take away where a "-" stands before them."""

    model_config = ConfigDict(extra="forbid")
    disable: tuple[Annotated[Entry, BeforeValidator(_as_entry)], ...] = ()
    traits: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    profile: Annotated[tuple[str, ...] | None, BeforeValidator(_as_list)] = None


@dataclass(frozen=True)
class FrontMatter:
    """The entry, the line of each part of it, and what is wrong; where something is wrong, nothing of it counts."""

    asked: Asked
    region: Callable[[tuple[int | str, ...]], Region]
    problems: tuple[tuple[Region, str], ...] = ()


def read(document: Document) -> FrontMatter:
    """What the front matter says; nothing where there is none or where it does not speak to mlsd-lint."""
    if KEY not in document.front_matter:
        return FrontMatter(Asked(), lambda _: document.region(0, 0))
    text = "\n".join(["", *document.front_matter.rstrip("\r\n").split("\n")[1:-1]])
    try:
        data, line = _toml(text) if document.front_matter.startswith("+++") else read_yaml(text)
    except (YamlError, TomlError) as error:
        return _broken(document, [(error.line, error.message)])

    def region(path: tuple[int | str, ...]) -> Region:
        return document.line_region(line((KEY, *path)))

    if not isinstance(data, dict) or KEY not in data:
        return FrontMatter(Asked(), region)
    try:
        return FrontMatter(Asked.model_validate(data[KEY]), region)
    except ValidationError as error:
        entries = error.errors()
        misspelt = [entry for entry in entries if entry["type"] == "extra_forbidden"] or entries
        return _broken(document, [(line((KEY, *entry["loc"])), _told(dict(entry))) for entry in misspelt])


def _broken(document: Document, problems: list[tuple[int, str]]) -> FrontMatter:
    return FrontMatter(Asked(), lambda _: document.region(0, 0), tuple((document.line_region(line), message) for line, message in problems))


def _toml(text: str) -> tuple[Any, Callable[[tuple[int | str, ...]], int]]:
    file = TomlFile(text)
    return file.data, file.line


def _told(error: dict[str, Any]) -> str:
    """What is wrong with the shape of the entry."""
    place = ".".join(str(step) for step in (KEY, *error["loc"]) if isinstance(step, str))
    if error["type"] == "extra_forbidden":
        return f"unknown key '{place}'; the form is {_FORM}"
    return f"'{place}' cannot be read; the form is {_FORM}"
