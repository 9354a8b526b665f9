"""YAML rule files to one checked RuleSet: every error of every file at once, each at its file and line."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import platformdirs
import yaml
from pydantic import BaseModel, ValidationError

from mlsd_lint import __version__
from mlsd_lint.errors import RuleFileError
from mlsd_lint.rule import Grading, GradingFile, LexiconFile, Rule, RuleFile, Trait, TraitFile

_PACKAGE = Path(__file__).resolve().parent
_SPECIAL: dict[str, type[BaseModel]] = {
    "lexicon.yaml": LexiconFile,
    "stance.yaml": LexiconFile,
    "kinds.yaml": LexiconFile,
    "traits.yaml": TraitFile,
    "grading.yaml": GradingFile,
}


@dataclass(frozen=True)
class RuleSet:
    """All rules that judge a document.

    Attributes:
        files: the rule files by stage, rules in file order.
        lexicons: word lists by name.
        digest: SHA-256 of the files' contents, first 12 hex digits.
        origin: rule id -> ``file:line``.
    """

    files: tuple[RuleFile, ...]
    lexicons: dict[str, tuple[str, ...]]
    traits: tuple[Trait, ...]
    grading: Grading
    digest: str
    origin: dict[str, str]

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """Rules by id, in stage order."""
        return {rule.id: rule for file in self.files for rule in file.rules}

    @cached_property
    def stage_of(self) -> dict[str, int]:
        """Rule id -> stage."""
        return {rule.id: file.stage for file in self.files for rule in file.rules}

    @cached_property
    def stage_titles(self) -> dict[int, str]:
        """Stage -> title."""
        return {file.stage: file.title for file in self.files}


def packaged_rules() -> Path:
    """The folder of the rules that ship with the package: inside it when installed, beside it in a checkout."""
    inside = _PACKAGE / "rules"
    return inside if inside.is_dir() else _PACKAGE.parent / "rules"


def load(folder: Path | None = None) -> RuleSet:
    """Load and check a folder of rule files.

    Files named lexicon.yaml, stance.yaml, traits.yaml and grading.yaml are taken from the packaged rules where the
    folder has none of its own.

    Raises:
        RuleFileError: listing every problem of every file.
    """
    paths = _rule_paths(folder or packaged_rules())
    contents = {path: path.read_bytes() for path in paths}
    digest = hashlib.sha256(b"\0".join([__version__.encode(), *contents.values()])).hexdigest()[:12]
    cache = Path(platformdirs.user_cache_dir("mlsd-lint")) / f"rules-{digest}.json"
    cached = _read_cache(cache)
    if cached is not None:
        return _from_plain(cached, digest)
    plain = _checked(contents)
    ruleset = _from_plain(plain, digest)
    _write_cache(cache, plain)
    return ruleset


def _rule_paths(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise RuleFileError([f"{folder}: no such folder of rules; name a folder that holds *.yaml rule files"])
    own = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
    if not own:
        raise RuleFileError([f"{folder}: no *.yaml rule files; name a folder that holds some"])
    names = {path.name for path in own}
    return own + [packaged_rules() / name for name in _SPECIAL if name not in names]


def _read_cache(cache: Path) -> dict[str, Any] | None:
    try:
        plain: dict[str, Any] = json.loads(cache.read_bytes())
    except (OSError, ValueError):
        return None
    return plain


def _write_cache(cache: Path, plain: dict[str, Any]) -> None:
    """Keep the checked rules for the next start; a folder that cannot be written costs only time."""
    with contextlib.suppress(OSError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=cache.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(plain, file)
        os.replace(name, cache)


def _from_plain(plain: dict[str, Any], digest: str) -> RuleSet:
    files = tuple(RuleFile.model_validate(f) for f in plain["files"])
    return RuleSet(
        files=tuple(sorted(files, key=lambda f: f.stage)),
        lexicons={name: tuple(words) for name, words in plain["lexicons"].items()},
        traits=TraitFile.model_validate({"traits": plain["traits"]}).traits,
        grading=Grading.model_validate(plain["grading"]),
        digest=digest,
        origin=plain["origin"],
    )


class _Lines:
    """Finds the line of a key path in a YAML file."""

    def __init__(self, text: str) -> None:
        self.root = yaml.compose(text, Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader)

    def line(self, path: tuple[int | str, ...]) -> int:
        node, line = self.root, 1
        for step in path:
            found = self._step(node, step)
            if found is None:
                break
            node, line = found
        return line

    @staticmethod
    def _step(node: Any, step: int | str) -> tuple[Any, int] | None:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            child = node.value[step]
            return child, child.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == step:
                    return value, key.start_mark.line + 1
        return None


def _checked(contents: dict[Path, bytes]) -> dict[str, Any]:
    """The contents of all files as plain data, or every problem at once."""
    problems: list[str] = []
    plain: dict[str, Any] = {"files": [], "lexicons": {}, "traits": [], "grading": None, "origin": {}}
    stages: dict[int, str] = {}
    for path, data in contents.items():
        parsed = _parse_file(path, data, problems)
        if parsed is None:
            continue
        raw, lines = parsed
        _merge(path, raw, lines, plain, stages, problems)
    if not problems:
        problems.extend(_unknown_references(plain))
    if not problems and plain["grading"] is None:
        problems.append("grading.yaml: missing; copy it from the packaged rules")
    if problems:
        raise RuleFileError(problems)
    return plain


def _parse_file(path: Path, data: bytes, problems: list[str]) -> tuple[dict[str, Any], _Lines] | None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = data.decode("utf-8-sig")
        raw = yaml.load(text, Loader=loader)  # noqa: S506 - CSafeLoader is the safe loader
        lines = _Lines(text)
    except UnicodeDecodeError as error:
        problems.append(f"{path}:{data.count(b'%c' % 10, 0, error.start) + 1}: not valid UTF-8; save the file as UTF-8")
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problems.append(f"{path}:{mark.line + 1 if mark else 1}: not valid YAML: {getattr(error, 'problem', error)}; quote the value or mend the indentation")
        return None
    model = _SPECIAL.get(path.name, RuleFile)
    try:
        model.model_validate(raw)
    except ValidationError as error:
        problems.extend(f"{path}:{lines.line(e['loc'])}: {_told(dict(e))}" for e in error.errors())
        return None
    return raw, lines


def _told(error: dict[str, Any]) -> str:
    """A pydantic error in the words of somebody who writes a rule file."""
    place = ".".join(str(step) for step in error["loc"]) or "file"
    if error["type"] == "extra_forbidden":
        return f"unknown key '{error['loc'][-1]}' ({place}); remove it or see CONTRIBUTING.md for the keys"
    if error["type"] == "missing":
        return f"missing key '{error['loc'][-1]}' ({place}); add it"
    return f"{place}: {error['msg'][0].lower()}{error['msg'][1:]}, not {str(error.get('input'))[:60]!r}"


def _merge(path: Path, raw: dict[str, Any], lines: _Lines, plain: dict[str, Any], stages: dict[int, str], problems: list[str]) -> None:
    for name, words in (raw.get("lexicons") or {}).items():
        if name in plain["lexicons"]:
            problems.append(f"{path}:{lines.line(('lexicons', name))}: word list '{name}' exists already; give it another name")
        plain["lexicons"][name] = words
    if "traits" in raw:
        plain["traits"] = raw["traits"]
    if "grading" in raw:
        plain["grading"] = raw["grading"]
    if "rules" not in raw:
        return
    for i, rule in enumerate(raw["rules"]):
        where = f"{path}:{lines.line(('rules', i))}"
        if rule["id"] in plain["origin"]:
            problems.append(f"{where}: duplicate rule id '{rule['id']}', first at {plain['origin'][rule['id']]}; rename or remove one")
        plain["origin"][rule["id"]] = where
    same = next((f for f in plain["files"] if f["stage"] == raw["stage"]), None)
    if same is None:
        stages[raw["stage"]] = str(path)
        plain["files"].append({key: value for key, value in raw.items() if key != "lexicons"})
    else:
        same["rules"] = [*same["rules"], *raw["rules"]]


def _unknown_references(plain: dict[str, Any]) -> Iterator[str]:
    """References to word lists and traits that do not exist."""
    traits: set[str] = set()
    for trait in plain["traits"]:
        for unknown in sorted(_lists_named(trait) - set(plain["lexicons"])):
            yield f"traits.yaml: trait '{trait['id']}' uses the unknown word list '@{unknown}'; define it under 'lexicons' or mend the name"
        for unknown in sorted(set(trait.get("without") or ()) - traits):
            yield f"traits.yaml: trait '{trait['id']}' is ruled out by '{unknown}', which no trait before it is called; move or mend it"
        if trait["id"] in traits:
            yield f"traits.yaml: duplicate trait '{trait['id']}'; rename or remove one"
        traits.add(trait["id"])
    for name, words in plain["lexicons"].items():
        for unknown in sorted(_lists_named(list(words)) - set(plain["lexicons"])):
            yield f"word list '{name}' uses the unknown word list '@{unknown}'; define it under 'lexicons' or mend the name"
    for file in plain["files"]:
        for rule in file["rules"]:
            where = plain["origin"][rule["id"]]
            for name in sorted(_lists_named(rule) - set(plain["lexicons"])):
                yield f"{where}: rule '{rule['id']}' uses the unknown word list '@{name}'; define it under 'lexicons' or mend the name"
            applies = rule.get("applies") or {}
            for trait in sorted({*(applies.get("unless") or ()), *(applies.get("level") or ())} - traits):
                yield f"{where}: rule '{rule['id']}' names the unknown trait '{trait}'; known traits: {', '.join(sorted(traits))}"


def _lists_named(value: Any) -> set[str]:
    if isinstance(value, str):
        return {part.strip()[1:] for part in value.split("|") if part.strip().startswith("@")}
    if isinstance(value, dict):
        return set().union(*(_lists_named(v) for k, v in value.items() if k != "examples"))
    if isinstance(value, list):
        return set().union(*(_lists_named(v) for v in value))
    return set()
