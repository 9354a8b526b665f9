"""YAML rule files to one checked RuleSet: every error of every file at once, each at its file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from mlsd_lint import __version__, cache, rulecheck
from mlsd_lint.errors import RuleFileError
from mlsd_lint.rule import Grading, GradingFile, LexiconFile, Rule, RuleFile, Trait, TraitFile

_PACKAGE = Path(__file__).resolve().parent
_CACHE_FORMAT = 2
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SHOWN_INPUT = 60
_SPECIAL: dict[str, type[BaseModel]] = {
    "lexicon.yaml": LexiconFile,
    "stance.yaml": LexiconFile,
    "kinds.yaml": LexiconFile,
    "traits.yaml": TraitFile,
    "grading.yaml": GradingFile,
}


@dataclass(frozen=True)
class _Source:
    """A rule file: its name in messages, and whether it only lends what a user's own files lack."""

    path: Path
    name: str
    lends: bool = False


@dataclass(frozen=True)
class RuleSet:
    """All rules that judge a document.

    Attributes:
        files: the rule files by stage, rules in file order.
        lexicons: word lists by name.
        digest: SHA-256 of the files' contents, first 12 hex digits.
        origin: rule id, ``@word list`` or ``trait:id`` -> ``file:line``; packaged files are named ``rules/…``.
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

    A folder of one's own brings its own rules; word lists, traits and grading that it does not define are borrowed from
    the packaged rules.

    Raises:
        RuleFileError: listing every problem of every file.
    """
    contents = {source: source.path.read_bytes() for source in _sources(folder)}
    digest = _hash([__version__.encode(), *contents.values()])[:12]
    names = "\n".join(source.name for source in contents)
    kept_as = f"rules-{_hash([b'%d' % _CACHE_FORMAT, digest.encode(), names.encode()])[:16]}"
    plain = cache.read(kept_as)
    if plain is None:
        plain = _checked(contents)
        cache.write(kept_as, plain)
    return _from_plain(plain, digest)


def _hash(parts: list[bytes]) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _sources(folder: Path | None) -> list[_Source]:
    """The files of a folder, and behind those of one's own the packaged ones as lenders."""
    home = packaged_rules()
    packaged = [_Source(path, f"rules/{path.name}") for path in _yaml_files(home)]
    if folder is None or folder.resolve() == home.resolve():
        return packaged
    if not folder.is_dir():
        raise RuleFileError([f"{folder.as_posix()}: no such folder of rules; name a folder that holds *.yaml rule files"])
    own = [_Source(path, path.as_posix()) for path in _yaml_files(folder)]
    if not own:
        raise RuleFileError([f"{folder.as_posix()}: no *.yaml rule files; name a folder that holds some"])
    return own + [replace(source, lends=True) for source in packaged]


def _yaml_files(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])


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
    """Finds the line of a key path in a composed YAML file."""

    def __init__(self, root: Any) -> None:
        self.root = root

    def line(self, path: tuple[int | str, ...]) -> int:
        """The 1-based line of the deepest step of the path that the file has."""
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

    def repeated(self) -> Iterator[tuple[int, str]]:
        """Line and name of every key that its mapping has already, of which YAML would silently keep the last."""
        waiting, seen = [self.root], set()
        while waiting:
            node = waiting.pop()
            if id(node) in seen or not isinstance(node, yaml.CollectionNode):
                continue
            seen.add(id(node))
            if isinstance(node, yaml.SequenceNode):
                waiting.extend(node.value)
                continue
            keys: set[object] = set()
            for key, value in node.value:
                waiting.append(value)
                if isinstance(key, yaml.ScalarNode) and key.value in keys:
                    yield key.start_mark.line + 1, key.value
                keys.add(key.value if isinstance(key, yaml.ScalarNode) else id(key))


def _checked(contents: dict[_Source, bytes]) -> dict[str, Any]:
    """The contents of all files as plain data, or every problem at once."""
    problems: list[str] = []
    plain: dict[str, Any] = {"files": [], "lexicons": {}, "traits": [], "grading": None, "origin": {}}
    parsed = [(source, _parse_file(source, data, problems)) for source, data in contents.items()]
    broken = bool(problems)
    for source, file in parsed:
        if file is not None:
            _merge(source, *file, plain, problems)
    problems.extend(rulecheck.dead_ends(plain))
    if not broken:  # a name that nothing seems to bear may stand in what could not be read
        problems.extend(rulecheck.unknown_names(plain))
    if plain["grading"] is None and not problems:
        problems.append("rules/grading.yaml: missing; install the package anew")
    if problems:
        raise RuleFileError(problems)
    return plain


def _parse_file(source: _Source, data: bytes, problems: list[str]) -> tuple[dict[str, Any], _Lines] | None:
    """The sound part of a file as plain data, with its lines; what is wrong with it is added to the problems."""
    try:
        raw, lines = _parse_yaml(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        problems.append(f"{source.name}:{_line_at(data, error.start)}: not valid UTF-8; save the file as UTF-8")
        return None
    except yaml.reader.ReaderError as error:
        problems.append(f"{source.name}:{_line_at(data, error.position)}: a control character, which YAML does not allow; remove it")
        return None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problems.append(f"{source.name}:{line}: not valid YAML: {error.problem}; quote the value or mend the indentation")
        return None
    except (ValueError, RecursionError) as error:
        problems.append(f"{source.name}:1: cannot be read as YAML: {error}; mend or quote that value")
        return None
    problems.extend(f"{source.name}:{line}: the key '{key}' stands here a second time; merge the two" for line, key in lines.repeated())
    try:
        _SPECIAL.get(source.path.name, RuleFile).model_validate(raw)
    except ValidationError as error:
        problems.extend(f"{source.name}:{lines.line(e['loc'])}: {_told(dict(e))}" for e in error.errors())
        raw = _without_broken(raw, [e["loc"] for e in error.errors() if e["type"] != "extra_forbidden" or len(e["loc"]) > 1])
    return None if raw is None else (raw, lines)


def _without_broken(raw: Any, places: list[tuple[int | str, ...]]) -> dict[str, Any] | None:
    """A file less the rules, traits and word lists that are wrong, so that the rest is checked in the same run."""
    if not isinstance(raw, dict) or any(len(place) < 2 for place in places):
        return None
    gone = {place[:2] for place in places}
    kept = {key: [None if (key, i) in gone else entry for i, entry in enumerate(raw[key])] for key in ("rules", "traits") if key in raw}
    lists = {name: words for name, words in raw.get("lexicons", {}).items() if ("lexicons", name) not in gone}
    return {**raw, **kept, "lexicons": lists}


def _parse_yaml(text: str) -> tuple[Any, _Lines]:
    loader = _LOADER(text)
    try:
        root = loader.get_single_node()
        return (None if root is None else loader.construct_document(root)), _Lines(root)
    finally:
        loader.dispose()


def _line_at(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _told(error: dict[str, Any]) -> str:
    """A pydantic error in the words of somebody who writes a rule file."""
    place = ".".join(str(step) for step in error["loc"]) or "the file"
    if error["type"] == "extra_forbidden":
        return f"unknown key '{error['loc'][-1]}' ({place}); remove it or see CONTRIBUTING.md for the keys"
    if error["type"] == "missing":
        return f"missing key '{error['loc'][-1]}' ({place}); add it"
    if error["type"] == "model_type":
        return f"{place}: must be a mapping of keys to values; see CONTRIBUTING.md for the keys"
    found = str(error.get("input"))
    shown = found if len(found) <= _SHOWN_INPUT else found[:_SHOWN_INPUT] + "…"
    return f"{place}: {error['msg'][0].lower()}{error['msg'][1:]}; mend {shown!r}"


def _merge(source: _Source, raw: dict[str, Any], lines: _Lines, plain: dict[str, Any], problems: list[str]) -> None:
    """Add a file to the rules gathered so far; a lender gives only names that nobody has defined."""
    _merge_lists(source, raw, lines, plain, problems)
    _merge_traits(source, raw, lines, plain, problems)
    if "grading" in raw and plain["grading"] is None:
        plain["grading"] = raw["grading"]
    if "rules" in raw and not source.lends:
        _merge_rules(source, raw, lines, plain, problems)


def _merge_lists(source: _Source, raw: dict[str, Any], lines: _Lines, plain: dict[str, Any], problems: list[str]) -> None:
    for name, words in raw.get("lexicons", {}).items():
        if _claim(f"@{name}", f"word list '{name}'", source, lines.line(("lexicons", name)), plain, problems):
            plain["lexicons"][name] = words


def _merge_traits(source: _Source, raw: dict[str, Any], lines: _Lines, plain: dict[str, Any], problems: list[str]) -> None:
    """Borrowed traits come first, so that one's own may be ruled out by them."""
    new = [
        trait for i, trait in enumerate(raw.get("traits", ()))
        if trait and _claim(f"trait:{trait['id']}", f"trait '{trait['id']}'", source, lines.line(("traits", i)), plain, problems)
    ]  # fmt: skip
    plain["traits"] = new + plain["traits"] if source.lends else plain["traits"] + new


def _merge_rules(source: _Source, raw: dict[str, Any], lines: _Lines, plain: dict[str, Any], problems: list[str]) -> None:
    """Rules of one stage may stand in several files; the first gives the title."""
    new = [
        rule for i, rule in enumerate(raw["rules"])
        if rule and _claim(rule["id"], f"rule '{rule['id']}'", source, lines.line(("rules", i)), plain, problems)
    ]  # fmt: skip
    same = next((file for file in plain["files"] if file["stage"] == raw["stage"]), None)
    if same is None:
        plain["files"].append({"stage": raw["stage"], "title": raw["title"], "rules": new})
    else:
        same["rules"] = same["rules"] + new


def _claim(key: str, what: str, source: _Source, line: int, plain: dict[str, Any], problems: list[str]) -> bool:
    """Whether a name is still free; if so it is this file's from now on."""
    first = plain["origin"].get(key)
    if first is None:
        plain["origin"][key] = f"{source.name}:{line}"
        return True
    if not source.lends:
        problems.append(f"{source.name}:{line}: duplicate {what}, first at {first}; rename or remove one")
    return False
