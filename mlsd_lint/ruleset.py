"""YAML rule files to one checked RuleSet: every error of every file at once, each at its file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from mlsd_lint import __version__, cache, rulecheck
from mlsd_lint.errors import ConfigError, RuleFileError, nearest
from mlsd_lint.rule import (
    LAUNCH_TOPICS,
    TOPICS,
    Coaching,
    CoachingFile,
    Grading,
    GradingFile,
    LexiconFile,
    Profile,
    Requirement,
    Rule,
    RuleFile,
    Scenario,
    ScenarioFile,
    Smell,
    SmellFile,
    Standard,
    Trait,
    TraitFile,
)  # fmt: skip

_PACKAGE = Path(__file__).resolve().parent
_CACHE_FORMAT = 5
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SHOWN_INPUT = 60
_SPECIAL: dict[str, type[BaseModel]] = {
    "lexicon.yaml": LexiconFile,
    "stance.yaml": LexiconFile,
    "kinds.yaml": LexiconFile,
    "traits.yaml": TraitFile,
    "grading.yaml": GradingFile,
    "coach.yaml": CoachingFile,
}


class YamlError(ValueError):
    """A text is not YAML.

    Attributes:
        line: 1-based line of the mistake.
        message: what is wrong and how to mend it, without the line.
    """

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.message = message


@dataclass(frozen=True)
class RuleSet:
    """All rules that judge a document.

    Attributes:
        files: the rule files by stage, rules in file order.
        lexicons: word lists by name.
        digest: SHA-256 of the files' contents, first 12 hex digits.
        rubric: the one that the rules are asked by; "" for all rules of all rubrics.
        origin: id of a rule or smell, ``@word list`` or ``trait:id`` -> ``file:line``; packaged files are named ``rules/…``.
    """

    files: tuple[RuleFile, ...]
    lexicons: dict[str, tuple[str, ...]]
    traits: tuple[Trait, ...]
    smells: tuple[Smell, ...]
    profiles: tuple[Profile, ...]
    grading: Grading
    coaching: Coaching
    digest: str
    origin: dict[str, str]

    rubric: str = ""

    @cached_property
    def default_rubric(self) -> str:
        """The first rubric of grading.yaml."""
        return next(iter(self.grading.rubrics))

    @property
    def stage_weights(self) -> dict[int, float]:
        """Weight of each stage in the rubric."""
        return self.grading.rubrics[self.rubric or self.default_rubric]

    def for_rubric(self, name: str) -> RuleSet:
        """The rules that a rubric asks, with its weights; "" is the default one. Raises KeyError for an unknown name."""
        return self._by_rubric[name or self.default_rubric]

    @cached_property
    def _by_rubric(self) -> dict[str, RuleSet]:
        def asked(rubric: str) -> tuple[RuleFile, ...]:
            files = (f.model_copy(update={"rules": tuple(r for r in f.rules if not r.rubrics or rubric in r.rubrics)}) for f in self.files)
            return tuple(file for file in files if file.rules)

        return {rubric: replace(self, files=asked(rubric), rubric=rubric) for rubric in self.grading.rubrics}

    @cached_property
    def trait_names(self) -> frozenset[str]:
        """What a setting may name as a trait, a "-" before it aside."""
        return frozenset(trait.id for trait in self.traits)

    @cached_property
    def profile_names(self) -> frozenset[str]:
        """What a setting may name as a profile; "none" asks none."""
        return frozenset((*(profile.profile for profile in self.profiles), "none"))

    @cached_property
    def requirements(self) -> dict[str, tuple[Profile, Requirement]]:
        """The requirements of all profiles, each with its profile, by the name under which they are reported."""
        return {profile.full_id(asked): (profile, asked) for profile in self.profiles for asked in profile.requirements}

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """Rules by id, in stage order."""
        return {rule.id: rule for file in self.files for rule in file.rules}

    @cached_property
    def named(self) -> dict[str, Rule | Smell]:
        """Rules in stage order, then smells, by id."""
        return {**self.rules, **{smell.id: smell for smell in self.smells}}

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
    home = packaged_rules()
    plain, digest = _packaged(home)
    if folder is None or folder.resolve() == home.resolve():
        return _from_plain(plain, digest)
    contents = _own_contents(folder)
    return _from_plain(_checked(contents, lender=plain), _hash([digest.encode(), *contents.values()]))


def load_packs(folders: tuple[Path, ...]) -> RuleSet:
    """The packaged rules with those of the folders put over them: a rule, smell, word list or trait replaces the one of its name.

    Raises:
        RuleFileError: listing every problem of every file of the first folder that has some.
    """
    plain, digest = _packaged(packaged_rules())
    for folder in folders:
        contents = _own_contents(folder)
        plain = _laid_over(plain, _checked(contents, lender=plain))
        digest = _hash([digest.encode(), *contents.values()])
    return _from_plain(plain, digest)


def _laid_over(base: dict[str, Any], pack: dict[str, Any]) -> dict[str, Any]:
    """Checked rules and smells over others; what the pack borrowed from the others it holds already."""
    own = {rule["id"]: rule for file in pack["files"] for rule in file["rules"]}
    files = [{**file, "rules": [own.pop(rule["id"], rule) for rule in file["rules"]]} for file in base["files"]]
    files += [{**file, "rules": [rule for rule in file["rules"] if rule["id"] in own]} for file in pack["files"]]
    smells = {smell["id"]: smell for smell in (*base["smells"], *pack["smells"])}
    profiles = {profile["profile"]: profile for profile in (*base["profiles"], *pack["profiles"])}
    return {
        **pack, "files": _by_stage(files), "smells": list(smells.values()), "profiles": list(profiles.values()),
        "origin": base["origin"] | pack["origin"],
    }  # fmt: skip


def scenarios(profile: str, folder: Path | None = None) -> tuple[Scenario, ...]:
    """The mock questions of a profile, at least one, in the order of their file.

    Raises:
        RuleFileError: there is no file of them, or with every problem of it.
    """
    shown, raw, lines = _on_demand("scenarios", profile, folder)
    try:
        return ScenarioFile.model_validate(raw).root
    except ValidationError as error:
        raise RuleFileError([f"{shown}:{lines.line(e['loc'])}: {_told(dict(e))}" for e in error.errors()]) from error


def _on_demand(kind: str, name: str, folder: Path | None) -> tuple[str, Any, _Lines]:
    """A file that only some commands need: its name for messages, its plain data and its lines."""
    home = folder or packaged_rules()
    shown = f"{'rules' if folder is None else folder.as_posix()}/{kind}/{name}.yaml"
    file = home / kind / f"{name}.yaml"
    if not file.is_file():
        raise RuleFileError([f"{shown}: no such file; write it or name another profile"])
    try:
        raw, lines = _parse_yaml(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RuleFileError([f"{shown}:1: not valid UTF-8; save the file as UTF-8"]) from error
    except YamlError as error:
        raise RuleFileError([f"{shown}:{error.line}: {error.message}"]) from error
    problems = [f"{shown}:{line}: the key '{key}' stands here a second time; merge the two" for line, key in lines.repeated()]
    if problems:
        raise RuleFileError(problems)
    return shown, raw, lines


def _by_stage(files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One file for each stage, titled as the first of them."""
    found: dict[int, dict[str, Any]] = {}
    for file in files:
        first = found.setdefault(file["stage"], {**file, "rules": []})
        first["rules"] = [*first["rules"], *file["rules"]]
    return [file for file in found.values() if file["rules"]]


def _packaged(home: Path) -> tuple[dict[str, Any], str]:
    """The packaged rules as plain data, from the cache where they have not changed, and their digest."""
    contents = {f"rules/{path.relative_to(home).as_posix()}": path.read_bytes() for path in _yaml_files(home)}
    digest = _hash([__version__.encode(), *contents.values()])
    kept_as = f"rules-{_CACHE_FORMAT}-{digest}"
    plain = cache.read(kept_as)
    if plain is None:
        plain = _checked(contents)
        cache.write(kept_as, plain)
    return plain, digest


def _own_contents(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        raise RuleFileError([f"{folder.as_posix()}: no such folder of rules; name a folder that holds *.yaml rule files"])
    contents = {path.as_posix(): path.read_bytes() for path in _yaml_files(folder)}
    if not contents:
        raise RuleFileError([f"{folder.as_posix()}: no *.yaml rule files; name a folder that holds some"])
    return contents


def _yaml_files(folder: Path) -> list[Path]:
    """The rule files of a folder, with its profiles behind them."""
    return [path for place in (folder, folder / "profiles") for path in sorted([*place.glob("*.yaml"), *place.glob("*.yml")])]


def _hash(parts: list[bytes]) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def _from_plain(plain: dict[str, Any], digest: str) -> RuleSet:
    files = tuple(RuleFile.model_validate(f) for f in plain["files"])
    return RuleSet(
        files=tuple(sorted(files, key=lambda f: f.stage)),
        lexicons={name: tuple(words) for name, words in plain["lexicons"].items()},
        traits=TraitFile.model_validate({"traits": plain["traits"]}).traits,
        smells=SmellFile.model_validate({"smells": plain["smells"]}).smells,
        profiles=tuple(Profile.model_validate(p) for p in plain["profiles"]),
        grading=Grading.model_validate(plain["grading"]),
        coaching=Coaching.model_validate(plain["coaching"]),
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


def _checked(contents: dict[str, bytes], lender: dict[str, Any] | None = None) -> dict[str, Any]:
    """Files (name -> bytes) as plain data, or every problem at once; names that they lack are borrowed from the lender."""
    problems: list[str] = []
    plain: dict[str, Any] = {key: [] for key in ("files", "traits", "smells", "profiles")}
    plain |= {"lexicons": {}, "grading": None, "coaching": None, "origin": {}}
    parsed = [(name, _parse_file(name, data, problems)) for name, data in contents.items()]
    unread = bool(problems)
    for name, file in parsed:
        if file is not None:
            _merge(name, *file, plain, problems)
    problems.extend(rulecheck.dead_ends(plain, lender["lexicons"] if lender else {}))
    if lender is not None:
        plain = _borrowed(plain, lender)
    if not unread:  # a name that nothing seems to bear may stand in what could not be read
        problems.extend(rulecheck.unknown_names(plain))
    if not problems:
        needed = (("grading", "grading.yaml"), ("coaching", "coach.yaml"))
        problems.extend(f"rules/{name}: missing; install the package anew" for key, name in needed if plain[key] is None)
    if problems:
        raise RuleFileError(problems)
    return plain


def _borrowed(plain: dict[str, Any], lender: dict[str, Any]) -> dict[str, Any]:
    """A user's rules with the lender's word lists, traits and grading where the user has none of that name."""
    own = {trait["id"]: trait for trait in plain["traits"]}
    traits = [own.pop(trait["id"], trait) for trait in lender["traits"]]
    return {
        "files": plain["files"],
        "smells": plain["smells"],
        "profiles": plain["profiles"],
        "lexicons": lender["lexicons"] | plain["lexicons"],
        "traits": traits + list(own.values()),
        "grading": plain["grading"] or lender["grading"],
        "coaching": plain["coaching"] or lender["coaching"],
        "origin": {key: place for key, place in lender["origin"].items() if key.startswith(("@", "trait:", "coaching:"))} | plain["origin"],
    }


def _parse_file(name: str, data: bytes, problems: list[str]) -> tuple[dict[str, Any], _Lines] | None:
    """The sound part of a file as plain data, with its lines; what is wrong with it is added to the problems."""
    read = _read_file(name, data, problems)
    if read is None:
        return None
    raw, lines = read
    try:
        _shape_of(name).model_validate(raw)
    except ValidationError as error:
        problems.extend(f"{name}:{lines.line(e['loc'])}: {_told(dict(e))}" for e in error.errors())
        raw = _without_broken(raw, [e["loc"] for e in error.errors() if e["type"] != "extra_forbidden" or len(e["loc"]) > 1])
    return None if raw is None else (raw, lines)


def _read_file(name: str, data: bytes, problems: list[str]) -> tuple[Any, _Lines] | None:
    """A file as plain data of any shape, with its lines; None where it cannot be read."""
    try:
        raw, lines = _parse_yaml(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(f"{name}:{line}: not valid UTF-8; save the file as UTF-8")
        return None
    except YamlError as error:
        problems.append(f"{name}:{error.line}: {error.message}")
        return None
    problems.extend(f"{name}:{line}: the key '{key}' stands here a second time; merge the two" for line, key in lines.repeated())
    return raw, lines


def _shape_of(name: str) -> type[BaseModel]:
    file = PurePosixPath(name).name
    if PurePosixPath(name).parent.name == "profiles":
        return Profile
    return SmellFile if file.startswith("smells") else _SPECIAL.get(file, RuleFile)


def _without_broken(raw: Any, places: list[tuple[int | str, ...]]) -> dict[str, Any] | None:
    """A file less the rules, traits and word lists that are wrong, so that the rest is checked in the same run."""
    if not isinstance(raw, dict) or any(len(place) < 2 for place in places):
        return None
    gone = {place[:2] for place in places}
    lists_of_entries = [key for key in ("rules", "traits", "smells", "requirements") if key in raw]
    kept = {key: [None if (key, i) in gone else entry for i, entry in enumerate(raw[key])] for key in lists_of_entries}
    lists = {name: words for name, words in raw.get("lexicons", {}).items() if ("lexicons", name) not in gone}
    return {**raw, **kept, "lexicons": lists}


def read_yaml(text: str) -> tuple[Any, Callable[[tuple[int | str, ...]], int]]:
    """The plain data of a YAML text of anybody's, and a function that gives the 1-based line of a path of keys.

    Raises:
        YamlError: the text is not YAML, or asks for more than plain data.
    """
    data, lines = _parse_yaml(text)
    return data, lines.line


def _parse_yaml(text: str) -> tuple[Any, _Lines]:
    try:
        loader = _LOADER(text)
        try:
            root = loader.get_single_node()
            return (None if root is None else loader.construct_document(root)), _Lines(root)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(line, f"not valid YAML: {error.problem}; quote the value or mend the indentation") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlError(line, "a control character, which YAML does not allow; remove it") from error
    except (ValueError, RecursionError) as error:
        raise YamlError(1, f"cannot be read as YAML: {error}; mend or quote that value") from error


def _told(error: dict[str, Any]) -> str:
    """A pydantic error in the words of somebody who writes a rule file."""
    place = ".".join(str(step) for step in error["loc"]) or "the file"
    if error["type"] == "extra_forbidden":
        return f"unknown key '{error['loc'][-1]}' ({place}); remove it or see CONTRIBUTING.md for the keys"
    if error["type"] == "missing":
        return f"missing key '{error['loc'][-1]}' ({place}); add it"
    if error["type"] == "model_type":
        return f"{place}: must be a mapping of keys to values; see CONTRIBUTING.md for the keys"
    told = error["msg"].replace("Tuple", "List").replace("tuple", "list").replace(" after validation", "").removeprefix("Value error, ")
    return f"{place}: {told[0].lower()}{told[1:]}; mend {_shown(error.get('input'))}"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "the list"
    if isinstance(value, dict):
        return "the mapping"
    text = str(value)
    return repr(text if len(text) <= _SHOWN_INPUT else text[:_SHOWN_INPUT] + "…")


def _merge(name: str, raw: dict[str, Any], lines: _Lines, plain: dict[str, Any], problems: list[str]) -> None:
    """Add a file to the rules gathered so far; each name may be given once."""

    def claim(key: str, what: str, place: tuple[str | int, ...]) -> bool:
        first = plain["origin"].get(key)
        where = f"{name}:{lines.line(place)}"
        if first is not None:
            problems.append(f"{where}: duplicate {what}, first at {first}; rename or remove one")
            return False
        plain["origin"][key] = where
        return True

    for title, words in raw.get("lexicons", {}).items():
        if claim(f"@{title}", f"word list '{title}'", ("lexicons", title)):
            plain["lexicons"][title] = words
    if "profile" in raw:
        named = f"{raw['profile']}/"
        kept = [asked for i, asked in enumerate(raw["requirements"]) if asked and claim(named + asked["id"], "requirement", ("requirements", i))]
        if claim(f"profile:{raw['profile']}", f"profile '{raw['profile']}'", ("profile",)):
            plain["profiles"].append({**raw, "requirements": kept})
        return
    for i, trait in enumerate(raw.get("traits", ())):
        if trait and claim(f"trait:{trait['id']}", f"trait '{trait['id']}'", ("traits", i)):
            plain["traits"].append(trait)
    for i, smell in enumerate(raw.get("smells", ())):
        if smell and claim(smell["id"], f"smell '{smell['id']}'", ("smells", i)):
            plain["smells"].append(smell)
    plain["grading"] = raw.get("grading", plain["grading"])
    plain["coaching"] = raw.get("coaching", plain["coaching"])
    plain["origin"] |= {f"coaching:{topic}": f"{name}:{lines.line(('coaching', 'after', topic))}" for topic in raw.get("coaching", {}).get("after", ())}
    if "rules" not in raw:
        return
    rules = [rule for i, rule in enumerate(raw["rules"]) if rule and claim(rule["id"], f"rule '{rule['id']}'", ("rules", i))]
    same = next((file for file in plain["files"] if file["stage"] == raw["stage"]), None)
    if same is None:
        plain["files"].append({"stage": raw["stage"], "title": raw["title"], "rules": rules})
    else:
        same["rules"] += rules


# ---- standards


def standard_names() -> list[str]:
    """The standards that ship with the package, by name."""
    return [path.stem for path in _yaml_files(_standards())]


def standard(name: str) -> Standard:
    """A standard that ships with the package, or the one in a file of one's own, named by its path (``*.yaml`` or ``*.yml``).

    Raises:
        ConfigError: there is no such standard or file.
        RuleFileError: listing every problem of its file.
    """
    if name.endswith((".yaml", ".yml")):
        return _standard_in(Path(name), Path(name).as_posix())
    known = standard_names()
    if name not in known:
        raise ConfigError(f"unknown standard '{name}'; {nearest(name, known) or 'mlsd-lint standards lists what there is'}")
    return _standard_in(_standards() / f"{name}.yaml", f"rules/standards/{name}.yaml")


def _standards() -> Path:
    return packaged_rules() / "standards"


def _standard_in(file: Path, name: str) -> Standard:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"--standard: {name}: {(error.strerror or str(error)).lower()}; name a file that can be read") from error
    problems: list[str] = []
    read = _read_file(name, data, problems)
    if read is None:
        raise RuleFileError(problems)
    raw, lines = read
    try:
        found = Standard.model_validate(raw)
    except ValidationError as error:
        problems.extend(f"{name}:{lines.line(e['loc'])}: {_told(dict(e))}" for e in error.errors())
        raise RuleFileError(problems) from error
    problems.extend(f"{name}:{lines.line(place)}: {problem}" for place, problem in _unsound_items(found))
    if problems:
        raise RuleFileError(problems)
    return found


def _unsound_items(found: Standard) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Key path and problem of every item whose id is taken, and of every topic, smell and trait that there is not."""
    rules = load()
    known = {
        "topics": ("topic", {topic for topics in (*TOPICS.values(), *LAUNCH_TOPICS.values()) for topic in topics}),
        "smells": ("smell", {smell.id for smell in rules.smells}),
        "only": ("trait", {trait.id for trait in rules.traits}),
    }
    taken: set[str] = set()
    for i, item in enumerate(found.items):
        if item.id in taken:
            yield ("items", i), f"the item '{item.id}' stands here a second time; rename or remove one"
        taken.add(item.id)
        for key, (what, names) in known.items():
            for j, name in enumerate(getattr(item, key)):
                if name not in names:
                    mend = nearest(name, sorted(names)) or f"name a {what} that there is, or remove it"
                    yield ("items", i, key, j), f"item '{item.id}' names the unknown {what} '{name}'; {mend}"
