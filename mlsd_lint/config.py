"""Configuration files to the settings of a document, each setting with the place it comes from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, ValidationError, WithJsonSchema
from pydantic.alias_generators import to_snake

from mlsd_lint.errors import ConfigError, ConfigProblem, nearest
from mlsd_lint.settings import Place, Setting, Settings, Step
from mlsd_lint.toml import TomlError, TomlFile

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NAME, PYPROJECT = "mlsd-lint.toml", "pyproject.toml"
_TABLE = ("tool", "mlsd-lint")
_PRESETS = Path(__file__).resolve().parent / "presets"

FailOn = Literal["never", "error", "warning", "note"]
ChosenLevel = Literal["error", "warning", "note", "off"]
Rubric = Literal["interview", "launch"]
Name = Annotated[str, Field(min_length=1, description="A rule by its id, or stage:N for all rules of a stage.")]
Glob = Annotated[str, Field(min_length=1, description="A pattern as in .gitignore, relative to the folder of the configuration file.")]
Text = Annotated[str, Field(min_length=1)]
_STRING_OR_LIST = {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string", "minLength": 1}}]}


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _kebab(name: str) -> str:
    return name.replace("_", "-")


class Choices(BaseModel):
    """What may be set for all documents and, in an override, for some."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=_kebab)

    select: tuple[Name, ...] | None = Field(None, description="Judge and score only these rules.")
    ignore: tuple[Name, ...] = Field((), description="Judge and score all but these rules.")
    levels: dict[Name, ChosenLevel] = Field(default_factory=dict, description="The level of a rule's findings where a topic is missing; off is like ignore.")
    fail_on: FailOn | None = Field(None, description="Least level of a finding that makes the exit status 1; error unless set.")
    min_score: Annotated[float, Field(strict=True, ge=0, le=100)] | None = Field(None, description="Exit status 1 where a document scores less, 0-100.")
    require_reason: StrictBool | None = Field(None, description="Whether a suppression without a reason counts as malformed; false unless set.")
    rubric: Rubric | None = Field(None, description="The set of stage weights; launch asks more of operation and law. interview unless set.")
    traits: tuple[Text, ...] = Field((), description="Traits of the system, whatever its text shows; with a - before the name, traits that it has not.")
    profile: Annotated[tuple[Text, ...] | None, BeforeValidator(_as_list), WithJsonSchema(_STRING_OR_LIST)] = Field(
        None, description="The profiles to ask, or none; those that the text shows unless set."
    )


class Override(Choices):
    """Settings for the documents that match one of the patterns."""

    files: Annotated[tuple[Glob, ...], Field(min_length=1, description="The documents that these settings are for.")]


class ConfigFile(Choices):
    """mlsd-lint.toml, or the table [tool.mlsd-lint] of pyproject.toml."""

    extends: Annotated[tuple[Text, ...], BeforeValidator(_as_list), WithJsonSchema(_STRING_OR_LIST)] = Field(
        (), description="Configuration files, relative to this one, or presets of the package, whose settings come before those of this file."
    )
    overrides: tuple[Override, ...] = Field((), description="Settings for some documents; a later override wins over an earlier one.")
    exclude: tuple[Glob, ...] = Field((), description="Documents and folders that are never linted, even where they are named.")
    rules: tuple[Text, ...] = Field((), description="Folders of rule files, relative to this file, whose rules replace or add to those of the package.")
    baseline: Text | None = Field(None, description="A file, relative to this one, that --write-baseline wrote; the findings in it are not reported.")


# ---- what a file says


@dataclass(frozen=True)
class _Layer:
    """One configuration file, read and checked."""

    path: Path
    model: ConfigFile
    lines: TomlFile
    table: tuple[str, ...]

    def place(self, *keys: str | int) -> Place:
        return Place(shown(self.path), self.line(*keys))

    def line(self, *keys: str | int) -> int:
        return self.lines.line((*self.table, *keys))

    def problem(self, message: str, *keys: str | int) -> ConfigProblem:
        return ConfigProblem(shown(self.path), self.line(*keys), message)

    def beside(self, name: str) -> Path:
        """A path that the file names, relative to the file's folder."""
        return Path(os.path.normpath(self.path.parent / name))

    def step(self, choices: Choices, *table: str | int) -> Step:
        """A layer's choice of rules, with the place of every name."""

        def named(key: str, names: tuple[str, ...]) -> tuple[Setting[str], ...]:
            return tuple(Setting(name, self.place(*table, key, number)) for number, name in enumerate(names))

        levels = tuple((name, Setting[str](level, self.place(*table, "levels", name))) for name, level in choices.levels.items())
        return Step(None if choices.select is None else named("select", choices.select), named("ignore", choices.ignore), levels)


@dataclass(frozen=True)
class Config:
    """A configuration file with all that it extends, or none at all.

    Attributes:
        path: the file; None for the defaults.
    """

    path: Path | None = None
    _layers: tuple[_Layer, ...] = ()
    _specs: dict[tuple[str, ...], GitIgnoreSpec] = field(default_factory=dict, compare=False)

    def settings(self, file: Path | None) -> Settings:
        """The settings for a document (None for standard input, which no pattern matches)."""
        if self.path is None:
            return Settings()
        name = self._name(file)
        settings = Settings(shown(self.path), exclude=self._exclude, packs=self._packs)
        for layer in self._layers:
            settings = _with(settings, layer, layer.model)
            if layer.model.baseline is not None:
                settings = replace(settings, baseline=Setting(layer.beside(layer.model.baseline), layer.place("baseline")))
            for number, override in enumerate(layer.model.overrides):
                if name and self._spec(override.files).match_file(name):
                    settings = _with(settings, layer, override, "overrides", number)
        return replace(settings, excluded_by=self._excluding(name))

    @cached_property
    def _exclude(self) -> tuple[Setting[str], ...]:
        return tuple(Setting(glob, layer.place("exclude", i)) for layer in self._layers for i, glob in enumerate(layer.model.exclude))

    @cached_property
    def _packs(self) -> tuple[Setting[Path], ...]:
        return tuple(Setting(layer.beside(name), layer.place("rules", i)) for layer in self._layers for i, name in enumerate(layer.model.rules))

    def _excluding(self, name: str) -> Setting[str] | None:
        """The pattern that excludes a document; the last one that matches decides, as in git."""
        if not name or not self._exclude:
            return None
        found = self._spec(tuple(glob.value for glob in self._exclude)).check_file(name)
        return self._exclude[found.index] if found.include and found.index is not None else None

    def _name(self, file: Path | None) -> str:
        """The document as patterns see it: from the folder of the configuration file, or from where we are."""
        if file is None or self.path is None:
            return ""
        absolute = Path(os.path.abspath(file))
        for folder in (Path(os.path.abspath(self.path)).parent, Path.cwd()):
            if absolute.is_relative_to(folder):
                return absolute.relative_to(folder).as_posix()
        return absolute.relative_to(absolute.anchor).as_posix()

    def _spec(self, globs: tuple[str, ...]) -> GitIgnoreSpec:
        if globs not in self._specs:
            from pathspec import GitIgnoreSpec  # a tenth of a cold start, needed for patterns only

            self._specs[globs] = GitIgnoreSpec.from_lines(globs)
        return self._specs[globs]


def _with(settings: Settings, layer: _Layer, choices: Choices, *table: str | int) -> Settings:
    """The settings with one layer's choices put over them."""
    changed: dict[str, Any] = {}
    for name in ("fail_on", "min_score", "require_reason", "rubric"):
        value = getattr(choices, name)
        if value is not None:
            changed[name] = Setting(value, layer.place(*table, _kebab(name)))
    if choices.traits:
        changed["traits"] = (*settings.traits, *(Setting(name, layer.place(*table, "traits", i)) for i, name in enumerate(choices.traits)))
    if choices.profile is not None:
        changed["profiles"] = tuple(Setting(name, layer.place(*table, "profile")) for name in choices.profile)
    return replace(settings, steps=(*settings.steps, layer.step(choices, *table)), **changed)


def shown(path: Path) -> str:
    """A path as a user would write it: from the current folder where it lies below, with forward slashes."""
    absolute = Path(os.path.abspath(path))
    if absolute.is_relative_to(_PRESETS):
        return f"presets/{absolute.name}"
    here = Path.cwd()
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else absolute).as_posix()


# ---- finding and reading


class Finder:
    """Finds the configuration of each document, reading every file once."""

    def __init__(self, chosen: Path | None = None, *, off: bool = False) -> None:
        """Look for the nearest file from each document upwards, or take the ``chosen`` one for all, or none where ``off``.

        Raises:
            ConfigError: the chosen file cannot be used.
        """
        self._fixed = Config() if off else None if chosen is None else load(chosen)
        self._known: dict[Path, Config | ConfigError] = {}

    def of(self, file: Path | None) -> Config:
        """The configuration of a document; None is standard input, which is looked for from the current folder.

        Raises:
            ConfigError: the nearest configuration file cannot be used.
        """
        if self._fixed is not None:
            return self._fixed
        folder = Path.cwd() if file is None else Path(os.path.abspath(file)).parent
        found = self._above(folder)
        if isinstance(found, ConfigError):
            raise found
        return found

    def _above(self, folder: Path) -> Config | ConfigError:
        if folder not in self._known:
            self._known[folder] = self._nearest(folder)
        return self._known[folder]

    def _nearest(self, folder: Path) -> Config | ConfigError:
        try:
            for path in (folder / NAME, folder / PYPROJECT):
                if path.is_file() and (path.name == NAME or _has_table(path)):
                    return load(path)
        except ConfigError as error:
            return error
        if folder.parent == folder or (folder / ".git").exists():
            return Config()
        return self._above(folder.parent)


def load(path: Path) -> Config:
    """Read a configuration file and all that it extends.

    Raises:
        ConfigError: with every problem of the first file that has some.
    """
    return Config(path, tuple(_layers(path, ())))


def presets() -> list[str]:
    """The names of the presets of the package."""
    return sorted(path.stem for path in _PRESETS.glob("*.toml"))


def _has_table(path: Path) -> bool:
    node: Any = _read(path).data
    for step in _TABLE:
        node = node.get(step) if isinstance(node, dict) else None
    return node is not None


def _layers(path: Path, chain: tuple[Path, ...]) -> Iterator[_Layer]:
    """The layers that a file extends, and then the file itself."""
    layer = _layer(path)
    here = path.resolve()
    for number, name in enumerate(layer.model.extends):
        base = _extended(layer, name, number)
        if base.resolve() in (*chain, here):
            told = " → ".join(shown(file) for file in (*chain, here, base.resolve()))
            raise ConfigError(layer.problem(f"extends: goes round in a circle ({told}); remove one of them", "extends", number))
        yield from _layers(base, (*chain, here))
    yield layer


def _extended(layer: _Layer, name: str, number: int) -> Path:
    """The file that an entry of ``extends`` stands for."""
    beside = layer.beside(name)
    if name in presets():
        return _PRESETS / f"{name}.toml"
    if beside.is_file():
        return beside
    if "/" in name or name.endswith(".toml"):
        raise ConfigError(layer.problem(f"extends: there is no file '{shown(beside)}'; mend the path, which starts at this file's folder", "extends", number))
    mend = nearest(name, presets()) or f"the presets are {', '.join(presets())}; a file is named by a path such as ./base.toml"
    raise ConfigError(layer.problem(f"extends: unknown preset '{name}'; {mend}", "extends", number))


def _read(path: Path) -> TomlFile:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return TomlFile(text)
    except TomlError as error:
        raise ConfigError(ConfigProblem(shown(path), error.line, f"not valid TOML: {error.message}; mend it")) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(ConfigProblem(shown(path), line, "not valid UTF-8; save the file as UTF-8")) from error
    except OSError as error:
        raise ConfigError(ConfigProblem(shown(path), None, f"cannot be read: {(error.strerror or str(error)).lower()}; mend the name")) from error


def _layer(path: Path) -> _Layer:
    file = _read(path)
    table = _TABLE if path.name == PYPROJECT else ()
    raw: Any = file.data
    for step in table:
        raw = raw.get(step) if isinstance(raw, dict) else None
    if raw is None:
        raise ConfigError(ConfigProblem(shown(path), 1, "no table [tool.mlsd-lint]; add one or name another file"))
    try:
        model = ConfigFile.model_validate(raw)
    except ValidationError as error:
        problems = [ConfigProblem(shown(path), file.line((*table, *_steps(e["loc"]))), _told(dict(e))) for e in error.errors()]
        raise ConfigError(*sorted(dict.fromkeys(problems), key=lambda problem: problem.line or 0)) from error
    layer = _Layer(path, model, file, table)
    problems = list(_bad_globs(layer))
    if problems:
        raise ConfigError(*problems)
    return layer


def _bad_globs(layer: _Layer) -> Iterator[ConfigProblem]:
    """The patterns that cannot be read."""
    places: list[tuple[str, tuple[str | int, ...]]] = [(glob, ("exclude", i)) for i, glob in enumerate(layer.model.exclude)]
    places += [(glob, ("overrides", n, "files", i)) for n, override in enumerate(layer.model.overrides) for i, glob in enumerate(override.files)]
    if not places:
        return
    from pathspec import GitIgnoreSpec  # as above

    for glob, keys in places:
        try:
            GitIgnoreSpec.from_lines([glob])
        except (ValueError, re.error):
            yield layer.problem(f"{keys[-2]}: the pattern '{glob}' cannot be read; write it as in .gitignore", *keys)


# ---- telling what is wrong


def _steps(place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    return tuple(step for step in place if step != "[key]")


def _told(error: dict[str, Any]) -> str:
    """A pydantic error in the words of somebody who writes a configuration."""
    place = _steps(error["loc"])
    key = ".".join(str(step) for step in place if isinstance(step, str)) or "the file"
    if error["type"] == "extra_forbidden":
        model = Override if place[0] == "overrides" else ConfigFile
        known = [field.alias or name for name, field in model.model_fields.items()]
        name = str(place[-1])
        return f"unknown key '{key}'; {nearest(to_snake(name).replace('_', '-'), known) or 'the keys are ' + ', '.join(sorted(known))}"
    if error["type"] == "missing":
        return f"missing key '{key}'; add it"
    if error["type"] == "literal_error":
        expected = error["ctx"]["expected"]
        known = re.findall(r"'([^']*)'", expected)
        return f"{key}: {error['input']!r} is none of {', '.join(known)}{_asked(nearest(str(error['input']), known))}"
    told = _SHAPES.get(error["type"]) or error["msg"].replace("Input should", "must").removeprefix("Value error, ")
    return f"{key}: {told[0].lower()}{told[1:]}"


def _asked(question: str) -> str:
    return f"; {question}" if question else ""


_SHAPES = {
    "tuple_type": 'must be a list, such as ["…"]',
    "dict_type": "must be a table of keys and values",
    "model_type": "must be a table of keys and values",
    "string_type": 'must be a text in quotation marks, such as "…"',
    "string_too_short": "must not be empty",
    "too_short": "must name at least one",
    "float_type": "must be a number from 0 to 100, without quotation marks",
    "bool_type": "must be true or false, without quotation marks",
    "greater_than_equal": "must be a number from 0 to 100",
    "less_than_equal": "must be a number from 0 to 100",
}
