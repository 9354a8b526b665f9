"""What no single key of a rule file shows: names that lead nowhere, and phrases and patterns that can never match."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from mlsd_lint.rule import LAUNCH_TOPICS, TOPICS
from mlsd_lint.tokens import phrase_forms, tokenise

_PATTERN_KEYS = ("TEXT", "LOWER", "NORM", "ORTH", "LENGTH", "OP")
_CHOICES = ("IN", "NOT_IN")
_OPERATOR = re.compile(r"[!?+*]|\{\d+(?:,\d*)?\}|\{,\d+\}")
_STAGE_OF = {topic: stage for by_stage in (TOPICS, LAUNCH_TOPICS) for stage, topics in by_stage.items() for topic in topics}

_CUE_LISTS = ("stance-", "section-")
_SMELL_FILE = re.compile(r"(?:^|/)smells[^/]*\.ya?ml:\d+:")

Plain = dict[str, Any]


def unknown_names(plain: Plain) -> Iterator[str]:
    """Problems ``file:line: what; mend`` for references to word lists and traits that do not exist.

    Args:
        plain: rule files as plain data of the right shape: ``files``, ``lexicons``, ``traits`` and ``origin``, which
            gives the place of each rule, ``@word list`` and ``trait:id``.
    """
    lists = plain["lexicons"]
    for name, words in lists.items():
        yield from _unknown_lists(_place(plain, f"@{name}", f"word list '{name}'"), {"it": words}, lists)
    traits: set[str] = set()
    for trait in plain["traits"]:
        where = _place(plain, f"trait:{trait['id']}", f"trait '{trait['id']}'")
        yield from _unknown_lists(where, _texts_of(trait), lists)
        for unknown in sorted(set(trait.get("without", ())) - traits):
            yield f"{where} is ruled out by '{unknown}', which no trait before it is called; move or mend it"
        traits.add(trait["id"])
    for rule in (rule for file in plain["files"] for rule in file["rules"]):
        where = _place(plain, rule["id"], f"rule '{rule['id']}'")
        yield from _unknown_lists(where, _texts_of(rule), lists)
        applies = rule.get("applies", {})
        yield from _unknown_traits(where, {*applies.get("unless", ()), *applies.get("level", ())}, traits)
    for smell in plain["smells"]:
        yield from _unknown_in_conditions(_place(plain, smell["id"], f"smell '{smell['id']}'"), smell, lists, traits)
    for profile in plain["profiles"]:
        where = _place(plain, f"profile:{profile['profile']}", f"profile '{profile['profile']}'")
        yield from _unknown_traits(where, {*profile["traits"], *profile.get("without", ())}, traits)
        for asked in profile["requirements"]:
            full = f"{profile['profile']}/{asked['id']}"
            yield from _unknown_in_conditions(_place(plain, full, f"requirement '{full}'"), asked, lists, traits)
    yield from _coaching_problems(plain)


def _unknown_in_conditions(where: str, entry: Plain, lists: dict[str, list[str]], traits: set[str]) -> Iterator[str]:
    """Names in the conditions of a smell or requirement that lead nowhere."""
    yield from _unknown_lists(where, {"it": _groups_in(entry)}, lists)
    applies = entry.get("applies", {})
    yield from _unknown_traits(where, {*applies.get("unless", ()), *applies.get("level", ()), *_values_of(entry, "trait")}, traits)
    for unknown in sorted(set(_values_of(entry, "topic")) - set(_STAGE_OF)):
        yield f"{where} names '{unknown}', which is no topic of the framework; {_nearest_topic(unknown)}"


def _unknown_traits(where: str, named: set[str], traits: set[str]) -> Iterator[str]:
    for unknown in sorted(named - traits):
        yield f"{where} names the unknown trait '{unknown}'; {_nearest(unknown, traits, 'known traits: ' + ', '.join(sorted(traits)))}"

def _coaching_problems(plain: Plain) -> Iterator[str]:
    """Unknown names in what is asked before what, and topics that wait for themselves."""
    coaching = plain["coaching"] or {}
    after: dict[str, list[str]] = coaching.get("after", {})
    for topic, before in after.items():
        where = _place(plain, f"coaching:{topic}", f"'{topic}'")
        for unknown in sorted({topic, *before} - set(_STAGE_OF)):
            yield f"{where} names '{unknown}', which is no topic of the framework; {_nearest_topic(unknown)}"
        waiting, seen = list(before), set[str]()
        while waiting:
            other = waiting.pop()
            if other not in seen:
                seen.add(other)
                waiting.extend(after.get(other, ()))
        if topic in seen:
            yield f"{where} is asked after itself, by way of {', '.join(sorted(seen))}; remove one of them"


def dead_ends(plain: Plain, borrowed: dict[str, list[str]]) -> Iterator[str]:
    """Problems of rules that judge no topic, and of phrases and patterns that can never match.

    Args:
        plain: as above.
        borrowed: word lists that ``plain`` may name without having them.
    """
    lists = borrowed | plain["lexicons"]
    for name, words in plain["lexicons"].items():
        where = _place(plain, f"@{name}", f"word list '{name}'")
        yield from _dead_phrases(where, {"it": words})
        if name.startswith(_CUE_LISTS) or _SMELL_FILE.search(where):
            yield from _loose_numbers(where, words)
    for trait in plain["traits"]:
        yield from _dead_phrases(_place(plain, f"trait:{trait['id']}", f"trait '{trait['id']}'"), _texts_of(trait))
    for smell in plain["smells"]:
        where = _place(plain, smell["id"], f"smell '{smell['id']}'")
        yield from _dead_phrases(where, {"conditions": _groups_in(smell)})
        yield from _loose_numbers(where, _groups_in(smell))
    for profile in plain["profiles"]:
        for asked in profile["requirements"]:
            full = f"{profile['profile']}/{asked['id']}"
            yield from _dead_phrases(_place(plain, full, f"requirement '{full}'"), {"conditions": _groups_in(asked)})
    for file in plain["files"]:
        for rule in file["rules"]:
            where = _place(plain, rule["id"], f"rule '{rule['id']}'")
            yield from _topic_problems(where, rule["id"], file["stage"])
            for unknown in sorted(set(rule.get("implied_by", ())) - set(_STAGE_OF)):
                yield f"{where} is implied by '{unknown}', which is no topic of the framework; {_nearest_topic(unknown)}"
            yield from _dead_phrases(where, _texts_of(rule))
            yield from _except_problems(where, rule, lists)
            for pattern in rule.get("patterns", ()):
                yield from _pattern_problems(where, pattern)


def _groups_in(smell: Plain) -> list[str]:
    """Every group of phrases in the conditions of a smell or requirement."""
    return [text for key in ("says", "with", "besides", "under", "not_under", "about", "of") for text in _values_of(smell, key)]


def _values_of(entry: Any, key: str) -> Iterator[str]:
    """The texts under a key, at any depth of an entry; lists are taken apart."""
    if isinstance(entry, list):
        for part in entry:
            yield from _values_of(part, key)
    elif isinstance(entry, dict):
        for name, value in entry.items():
            if name == key:
                yield from value if isinstance(value, list) else [value]
            else:
                yield from _values_of(value, key)


def _place(plain: Plain, key: str, what: str) -> str:
    return f"{plain['origin'][key]}: {what}"


def _topic_problems(where: str, topic: str, stage: int) -> Iterator[str]:
    home = _STAGE_OF.get(topic)
    if home is None:
        yield f"{where} judges no topic of the framework; {_nearest_topic(topic)}"
    elif home != stage:
        yield f"{where} belongs to stage {home}, not {stage}; move it to a file with 'stage: {home}'"


def _nearest_topic(name: str) -> str:
    return _nearest(name, _STAGE_OF, "see `mlsd-lint rules` for the topics")


def _nearest(name: str, known: Iterable[str], otherwise: str) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    return f"did you mean '{near[0]}'?" if near else otherwise


# ---- phrases


def _texts_of(entry: Plain) -> dict[str, list[str]]:
    """The phrases of a rule or trait by the key under which they stand; a combination gives one text for each group."""
    phrases = entry.get("phrases", {})
    by_key = {f"phrases.{role}": words for role, words in phrases.items()} if isinstance(phrases, dict) else {"phrases": phrases}
    by_key |= {key: entry.get(key, []) for key in ("headings", "contexts", "except", "unless")}
    return by_key | {"together": [group for groups in entry.get("together", ()) for group in groups]}


def _unknown_lists(where: str, texts: dict[str, list[str]], lists: dict[str, list[str]]) -> Iterator[str]:
    named = {part[1:] for group in texts.values() for text in group for part in _alternatives(text) if part.startswith("@")}
    for name in sorted(named - set(lists)):
        yield f"{where} uses the unknown word list '@{name}'; {_nearest(name, lists, 'define it under lexicons')}"


def _dead_phrases(where: str, texts: dict[str, list[str]]) -> Iterator[str]:
    for key, text in ((key, text) for key, group in texts.items() for text in group):
        parts = [part for part in _alternatives(text) if part]
        if not parts:
            yield f"{where} has an empty group in '{key}', so it can never match; fill or remove it"
        for part in parts:
            if not part.startswith("@") and not phrase_forms(part)[0]:
                yield f"{where} has the phrase {part!r}, which holds no word and can never match; remove or mend it"


def _loose_numbers(where: str, texts: Iterable[str]) -> Iterator[str]:
    """A number joined to letters reads like a name, yet any number would do; rules say "gpt-4" and live with it, for one sign of many."""
    for phrase in dict.fromkeys(part for text in texts for part in _alternatives(text) if not part.startswith(("@", "="))):
        words = tokenise(phrase)
        joined = [(a[0], b[0]) for a, b in pairwise(words) if phrase[a[2] : b[1]] in ("", "-")]
        if any(a[0].isdigit() and b[0].isalpha() or a[0].isalpha() and b[0].isdigit() for a, b in joined):
            read = " ".join("#" if word[0].isdigit() else word for word, _, _ in words)
            yield f"{where} has the phrase {phrase!r}, which any number fits; write '={phrase}' for this one only, or '{read}' for any"


def _alternatives(text: str) -> list[str]:
    return [part.strip() for part in f" {text} ".split(" | ")]


def _except_problems(where: str, rule: Plain, lists: dict[str, list[str]]) -> Iterator[str]:
    """An exception that takes away every occurrence of a phrase makes the phrase useless."""
    phrases = {phrase_forms(phrase): phrase for words in rule.get("phrases", {}).values() for phrase in _spelled_out(words, lists)}
    for phrase in _spelled_out(rule.get("except", ()), lists):
        same = phrases.get(phrase_forms(phrase))
        if same is not None:
            yield f"{where} excepts {phrase!r}, so its phrase {same!r} of the same stems can never match; remove one or write '=' before it"


def _spelled_out(texts: Iterable[str], lists: dict[str, list[str]], inside: frozenset[str] = frozenset()) -> Iterator[str]:
    """Phrases with the word lists among them replaced by their phrases."""
    for part in (part for text in texts for part in _alternatives(text) if part):
        name = part.removeprefix("@")
        if name == part:
            yield part
        elif name in lists and name not in inside:
            yield from _spelled_out(lists[name], lists, inside | {name})


# ---- token patterns


def _pattern_problems(where: str, pattern: list[Plain]) -> Iterator[str]:
    if not pattern:
        yield f"{where} has a pattern without tokens, which can never match; fill or remove it"
    for token in pattern:
        for key, value in token.items():
            problem = _key_problem(key, value)
            if problem:
                yield f"{where} has a pattern {problem}"


def _key_problem(key: str, value: Any) -> str:
    """What keeps one key of a token from ever matching, "" where nothing does."""
    if key not in _PATTERN_KEYS:
        return f"on {key}, which can never match, because documents are cut into words only; use {', '.join(_PATTERN_KEYS)}"
    if key == "OP":
        return "" if _OPERATOR.fullmatch(str(value)) else f"with the operator {value!r}; use !, ?, +, * or {{n,m}}"
    if key == "LENGTH":
        return "" if isinstance(value, int | dict) else f"on the length {value!r}, which can never match; use a number"
    if isinstance(value, str):
        return _word_problem(value)
    if not isinstance(value, dict) or not set(value) <= {"REGEX", *_CHOICES}:
        return f"on {key} {value!r}, which can never match; use a word, REGEX, IN or NOT_IN"
    if "REGEX" in value and not _is_regex(value["REGEX"]):
        return f"with the regular expression {value['REGEX']!r}, which cannot be read; mend it"
    return next(filter(None, (_word_problem(word) for choice in _CHOICES for word in value.get(choice, ()))), "")


def _word_problem(word: object) -> str:
    count = len(tokenise(word)) if isinstance(word, str) else 0
    return "" if count == 1 else f"on {word!r}, which is not one word and can never match; write one token for each word"


def _is_regex(value: object) -> bool:
    try:
        re.compile(str(value))
    except re.error:
        return False
    return True
