"""A RuleSet compiled to tables: every phrase once, the word lists and rules it belongs to, and the combinations."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mlsd_lint import cache
from mlsd_lint.rule import Condition, Rule
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.tokens import normal_form, phrase_forms

CUE_PREFIX = "stance-"
TRAIT_PREFIX = "trait:"
# lists so general that a combination is never looked up by them
_GENERAL_LISTS = frozenset("time rate money percent size count cadence people plan reason compare threshold system".split())
_SHORT_WORD = 2


@dataclass(frozen=True, slots=True)
class Combination:
    """Groups of word lists that must all occur in one statement, rarest first; each group is a set of list numbers."""

    rule: str
    groups: tuple[frozenset[int], ...]


@dataclass
class PhraseTables:
    """What a matcher needs of a rule set.

    Attributes:
        terms: number -> the phrase as its author wrote it.
        forms: number -> normal forms of its words, joined by blanks.
        exact: number -> its words in lower case, for a phrase that must stand as written.
        list_names: number -> name of a word list, "" for one written out in a rule.
        lists: term -> numbers of the word lists that it belongs to.
        waiting: word -> terms that hold it and no word shared by fewer phrases.
        roles: term -> (rule, class) pairs; class is named, strong, weak, heading, context, except or unless.
        combinations: of all rules, and of traits under "trait:<id>".
        patterns: term -> spaCy token pattern.
        groups: group of a condition, as its author wrote it -> numbers of its word lists.
    """

    terms: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    exact: dict[int, list[str]] = field(default_factory=dict)
    list_names: list[str] = field(default_factory=list)
    lists: list[list[int]] = field(default_factory=list)
    waiting: dict[str, list[int]] = field(default_factory=dict)
    roles: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    combinations: list[Combination] = field(default_factory=list)
    patterns: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    groups: dict[str, frozenset[int]] = field(default_factory=dict)

    @cached_property
    def _cue_lists(self) -> frozenset[int]:
        return frozenset(number for number, name in enumerate(self.list_names) if name.startswith(CUE_PREFIX))

    def lists_of(self, term: int) -> frozenset[int]:
        """Numbers of the word lists that a term belongs to."""
        found = self._lists_of.get(term)
        if found is None:
            found = self._lists_of[term] = frozenset(self.lists[term])
        return found

    @cached_property
    def _lists_of(self) -> dict[int, frozenset[int]]:
        return {}

    def terms_in(self, number: int) -> list[int]:
        """The terms of a word list."""
        return self._terms_in.get(number, [])

    @cached_property
    def _terms_in(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for term, numbers in enumerate(self.lists):
            for number in numbers:
                found[number].append(term)
        return dict(found)

    def cues_of(self, term: int) -> frozenset[int]:
        """Numbers of the stance cue lists that a term belongs to."""
        return self.lists_of(term) & self._cue_lists

    @cached_property
    def by_list(self) -> dict[int, list[int]]:
        """Word list -> numbers of the combinations whose rarest group it belongs to."""
        found: dict[int, list[int]] = defaultdict(list)
        for number, combination in enumerate(self.combinations):
            for listed in combination.groups[0]:
                found[listed].append(number)
        return dict(found)

    @cached_property
    def general_lists(self) -> frozenset[int]:
        """Numbers of lists so general that a heading cannot stand in for them."""
        return frozenset(number for number, name in enumerate(self.list_names) if name in _GENERAL_LISTS)

    @cached_property
    def tiny_terms(self) -> frozenset[int]:
        """Terms that are a bare number, sign or word of one or two letters, which says nothing in a heading."""
        return frozenset(number for number, term in enumerate(self.terms) if len(term.lstrip("=")) <= _SHORT_WORD)

    def list_number(self, name: str) -> int:
        """Number of a named word list, -1 where the rule set has none."""
        return self._numbers.get(name, -1)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.list_names) if name}

    def roles_of(self, term: int) -> list[tuple[str, str]]:
        """The (rule, class) pairs of a term."""
        return self.roles.get(term, _NO_ROLES)


_NO_ROLES: list[tuple[str, str]] = []


def tables(ruleset: RuleSet) -> PhraseTables:
    """The tables of a rule set, from the cache where its files have not changed.

    A change of the code that makes them makes them anew, too.
    """
    code = b"".join((Path(__file__).parent / name).read_bytes() for name in ("phrases.py", "tokens.py"))
    selected = " ".join(ruleset.rules).encode()
    name = f"phrases-{ruleset.digest}-{hashlib.sha256(code + selected).hexdigest()[:8]}"
    kept = cache.read(name)
    if kept is not None:
        return _from_plain(kept)
    made = _Compiler(ruleset).compile()
    cache.write(name, _to_plain(made))
    return made


def _to_plain(made: PhraseTables) -> list[Any]:
    return [
        made.terms, made.forms, list(made.exact.items()), made.list_names, made.lists, made.waiting, list(made.roles.items()),
        [[c.rule, [sorted(g) for g in c.groups]] for c in made.combinations], list(made.patterns.items()),
        [[text, sorted(group)] for text, group in made.groups.items()],
    ]  # fmt: skip


def _from_plain(kept: list[Any]) -> PhraseTables:
    terms, forms, exact, list_names, lists, waiting, roles, combinations, patterns, groups = kept
    return PhraseTables(
        terms, forms, dict(exact), list_names, lists, waiting, {term: [(rule, role) for rule, role in pairs] for term, pairs in roles},
        [Combination(rule, tuple(map(frozenset, parts))) for rule, parts in combinations], dict(patterns),
        {text: frozenset(group) for text, group in groups},
    )  # fmt: skip


def groups_of(conditions: list[Condition]) -> Iterator[str]:
    """Every group of phrases in some conditions."""
    waiting = list(conditions)
    while waiting:
        condition = waiting.pop()
        waiting += (*condition.all, *condition.any, *condition.none)
        yield from condition.says
        yield from filter(None, (condition.holding, condition.besides, condition.under, condition.not_under, condition.about))
        if condition.conflict is not None:
            yield condition.conflict.of
            yield from filter(None, (condition.conflict.limit, condition.conflict.aside))
        if condition.exceeds is not None:
            yield from (*condition.exceeds.more.says, *condition.exceeds.less.says)


class _Compiler:
    """Collects phrases, giving each a number. ``rulecheck`` has seen to it that every one can match."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.ruleset = ruleset
        self.made = PhraseTables()
        self._term_number: dict[str, int] = {}
        self._list_number: dict[object, int] = {}
        self._terms_by_forms: dict[str, list[int]] = defaultdict(list)
        self._list_terms: list[dict[int, None]] = []

    def compile(self) -> PhraseTables:
        for name in self.ruleset.lexicons:
            self._lexicon(name)
        for rule in self.ruleset.rules.values():
            self._rule(rule)
        for trait in self.ruleset.traits:
            where = f"{TRAIT_PREFIX}{trait.id}"
            self._roles(where, "strong", trait.phrases)
            self._roles(where, "except", trait.exclude)
            self._combine(where, trait.together)
        conditions = [c for smell in self.ruleset.smells for c in (smell.when, smell.also, smell.without, smell.unless)]
        conditions += [c for _, asked in self.ruleset.requirements.values() for c in (asked.met, asked.unless)]
        self.made.groups |= {text: self._group(text) for text in groups_of([c for c in conditions if c is not None])}
        self._order_groups()
        self._let_wait()
        return self.made

    def _rule(self, rule: Rule) -> None:
        phrases = rule.phrases
        for role, words in (
            ("named", phrases.named), ("strong", phrases.strong), ("weak", phrases.weak), ("heading", rule.headings),
            ("context", rule.contexts), ("except", rule.exclude), ("unless", rule.unless),
        ):  # fmt: skip
            self._roles(rule.id, role, words)
        self._combine(rule.id, rule.together)
        for pattern in rule.patterns:
            self._pattern(rule, list(pattern))

    def _roles(self, rule: str, role: str, words: Iterable[str]) -> None:
        for text in words:
            for part in text.split(" | "):
                for term in self._terms_of(part.strip()):
                    self.made.roles.setdefault(term, []).append((rule, role))

    def _terms_of(self, text: str) -> list[int]:
        if text.startswith("@"):
            return list(self._list_terms[self._lexicon(text[1:])])
        return self._term(text)

    def _lexicon(self, name: str) -> int:
        number = self._list_number.get(name)
        if number is None:
            number = self._new_list(name, name)
            for text in self.ruleset.lexicons[name]:
                self._join(number, self._terms_of(text))
        return number

    def _new_list(self, key: object, name: str) -> int:
        number = self._list_number[key] = len(self.made.list_names)
        self.made.list_names.append(name)
        self._list_terms.append({})
        return number

    def _join(self, number: int, terms: Iterable[int]) -> None:
        for term in terms:
            if term not in self._list_terms[number]:
                self._list_terms[number][term] = None
                self.made.lists[term].append(number)

    def _term(self, text: str) -> list[int]:
        """Numbers of the terms that a phrase stands for: one, and one more without its hyphens."""
        hyphened = "-" in text.strip("-<>") and "->" not in text
        variants = (text, text.replace("-", "")) if hyphened else (text,)
        return list(dict.fromkeys(map(self._number, variants)))

    def _number(self, text: str) -> int:
        number = self._term_number.get(text)
        return self._new_term(text) if number is None else number

    def _new_term(self, text: str) -> int:
        words, exact = phrase_forms(text)
        forms, literal = " ".join(words), None if exact is None else list(exact)
        for known in self._terms_by_forms[forms]:
            if self.made.exact.get(known) == literal:
                self._term_number[text] = known
                return known
        number = self._term_number[text] = len(self.made.terms)
        self.made.terms.append(text)
        self.made.forms.append(forms)
        self.made.lists.append([])
        self._terms_by_forms[forms].append(number)
        if literal is not None:
            self.made.exact[number] = literal
        return number

    def _combine(self, rule: str, combinations: tuple[tuple[str, ...], ...]) -> None:
        self.made.combinations += [Combination(rule, tuple(map(self._group, groups))) for groups in combinations]

    def _group(self, group: str) -> frozenset[int]:
        parts = [part for part in (p.strip() for p in group.split(" | ")) if part]
        lists = {self._lexicon(part[1:]) for part in parts if part.startswith("@")}
        inline = [part for part in parts if not part.startswith("@")]
        if inline:
            lists.add(self._inline_list(inline))
        return frozenset(lists)

    def _inline_list(self, inline: list[str]) -> int:
        key = tuple(sorted(inline))
        number = self._list_number.get(key)
        if number is None:
            number = self._new_list(key, "")
            for text in inline:
                self._join(number, self._term(text))
        return number

    def _order_groups(self) -> None:
        """Put the rarest group of a combination first: it is looked up by that one, so that few are tried per statement."""
        generality = [
            1_000_000 if name in _GENERAL_LISTS else sum(len(self.made.lists[t]) for t in terms)
            for name, terms in zip(self.made.list_names, self._list_terms, strict=True)
        ]
        self.made.combinations = [
            Combination(c.rule, tuple(sorted(c.groups, key=lambda group: sum(generality[n] for n in group)))) for c in self.made.combinations
        ]

    def _let_wait(self) -> None:
        """Put every phrase under that word of it which the fewest phrases share."""
        split = {term: forms.split(" ") for term, forms in enumerate(self.made.forms) if forms}
        shared = Counter(form for words in split.values() for form in words)
        for term, words in split.items():
            self.made.waiting.setdefault(min(words, key=shared.__getitem__), []).append(term)

    def _pattern(self, rule: Rule, pattern: list[dict[str, Any]]) -> None:
        number = len(self.made.terms)
        self.made.terms.append(f"pattern {pattern}")
        self.made.forms.append("")
        self.made.lists.append([])
        self.made.roles[number] = [(rule.id, "strong")]
        self.made.patterns[number] = [_normal_pattern(token) for token in pattern]


def _normal_pattern(token: dict[str, object]) -> dict[str, object]:
    """The matcher sees normal forms as ORTH, so every text in a pattern is brought to its normal form."""

    def normal(value: object) -> object:
        if isinstance(value, str):
            return normal_form(value)
        if isinstance(value, dict):
            return {k: v if k == "REGEX" else normal(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [normal(v) for v in value]
        return value

    return {("ORTH" if k in ("TEXT", "LOWER", "NORM") else k): (v if k in ("OP", "LENGTH") else normal(v)) for k, v in token.items()}
