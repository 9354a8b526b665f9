"""A RuleSet compiled to spaCy matchers, and a Document cut into units with every phrase that occurs in them."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from operator import attrgetter

from spacy.matcher import Matcher as TokenMatcher
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from mlsd_lint.errors import RuleFileError
from mlsd_lint.model import Block, BlockKind, Document, Hit, Unit
from mlsd_lint.rule import Rule
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.tokens import normal_form, tokenise

_START = attrgetter("start")
_BATCH_TOKENS = 4000
_BLOCK_END = "\x1e"
_SENTENCE_END = frozenset((".", "!", "?", "...", "\n"))
_CLOSERS = frozenset((")", '"', "”", "’", "'", "]", "*"))
_CUE_PREFIX = "stance-"
_KEY_WORDS = 7
_PATTERN_KEYS = frozenset(("ORTH", "TEXT", "LOWER", "NORM", "LENGTH", "OP"))
# lists so general that a combination is never looked up by them
_GENERAL_LISTS = frozenset("time rate money percent size count cadence people plan reason compare threshold system".split())


@dataclass(frozen=True, slots=True)
class Combination:
    """Groups of word lists that must all occur in one statement; each group is a set of list numbers."""

    rule: str
    groups: tuple[frozenset[int], ...]
    text: str


@dataclass
class BlockWords:
    """The tokens of a block: words as written, in lower case, their normal forms, and their offsets in the block's text."""

    words: list[str]
    lower: list[str]
    forms: list[str]
    starts: list[int]
    ends: list[int]
    hits: list[Hit] = field(default_factory=list)


@dataclass
class Matched:
    """A document with the words, phrases and units of every block.

    Attributes:
        lists: per block, the numbers of the word lists that occur; empty for a block that frames no other.
    """

    document: Document
    blocks: list[BlockWords]
    units: list[Unit]
    lists: list[set[int]]


class Matcher:
    """Finds every phrase of a rule set in one pass over a document.

    Texts are compared by the normal form of their words (see ``tokens.normal_form``), which stands in for the ORTH of
    the spaCy tokens, so that one entry of the PhraseMatcher finds all inflections.

    Attributes:
        list_names: number -> name of a word list ("" for lists written out in a rule).
        terms: number -> the phrase as its author wrote it.
        lists_of: term -> numbers of the word lists it belongs to.
        roles_of: term -> (rule, class) pairs; class is named, strong, weak, heading, context, except or unless.
        wide_lists: numbers of lists so general that a heading cannot stand in for them.
        combinations: all, and ``by_list`` the numbers of those to try when a list occurs.
    """

    def __init__(self, ruleset: RuleSet) -> None:
        self.ruleset = ruleset
        self.vocab = Vocab()
        self.terms: list[str] = []
        self.list_names: list[str] = []
        self.lists_of: list[set[int]] = []
        self.roles_of: list[list[tuple[str, str]]] = []
        self.combinations: list[Combination] = []
        self.by_list: dict[int, list[int]] = defaultdict(list)
        self._exact: dict[int, list[str]] = {}
        self._term_number: dict[str, int] = {}
        self._list_number: dict[object, int] = {}
        self._terms_by_forms: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._list_terms: list[list[int]] = []
        self._problems: list[str] = []
        self._token_matcher: TokenMatcher | None = None
        self._pattern_terms: dict[int, int] = {}
        self._compile()
        if self._problems:
            raise RuleFileError(self._problems)

    # ---- compiling

    def _compile(self) -> None:
        for name in self.ruleset.lexicons:
            self._lexicon(name)
        for rule in self.ruleset.rules.values():
            self._compile_rule(rule)
        for trait in self.ruleset.traits:
            where = f"trait:{trait.id}"
            self._roles(where, "strong", trait.phrases)
            self._roles(where, "except", trait.exclude)
            self._combine(where, trait.together, "traits.yaml")
        self._choose_anchors()
        self.wide_lists = {n for n, name in enumerate(self.list_names) if name in _GENERAL_LISTS or self._is_wide(n)}
        self._frozen_lists = [frozenset(lists) for lists in self.lists_of]
        self._cues_of = [
            tuple(number for number in lists if self.list_names[number].startswith(_CUE_PREFIX)) for lists in self.lists_of
        ]
        self._has_role = [bool(roles) for roles in self.roles_of]
        self._terms_of_group: dict[frozenset[int], frozenset[int]] = {}
        self._phrase_matcher = PhraseMatcher(self.vocab)
        self._keys: dict[int, list[int]] = {}
        self._waiting = _by_rarest_form(self._terms_by_forms)

    def _compile_rule(self, rule: Rule) -> None:
        phrases = rule.phrases
        for role, words in (
            ("named", phrases.named), ("strong", phrases.strong), ("weak", phrases.weak), ("heading", rule.headings),
            ("context", rule.contexts), ("except", rule.exclude), ("unless", rule.unless),
        ):  # fmt: skip
            self._roles(rule.id, role, words)
        for number, roles in enumerate(self.roles_of):
            own = {role for name, role in roles if name == rule.id}
            if "except" in own and own & {"named", "strong", "weak"}:
                where = self.ruleset.origin.get(rule.id, rule.id)
                same = f"excepts {self.terms[number]!r}, the same words as one of its phrases, so that phrase can never match"
                self._problems.append(f"{where}: rule '{rule.id}' {same}; remove one")
        self._combine(rule.id, rule.together, self.ruleset.origin.get(rule.id, rule.id))
        for pattern in rule.patterns:
            self._pattern(rule, pattern)

    def _roles(self, rule: str, role: str, words: Iterable[str]) -> None:
        for text in words:
            for part in text.split(" | "):
                for term in self._terms_of(part.strip(), rule):
                    self.roles_of[term].append((rule, role))

    def _terms_of(self, text: str, rule: str) -> list[int]:
        if text.startswith("@"):
            return self._list_terms[self._lexicon(text[1:])]
        return self._term(text, rule)

    def _lexicon(self, name: str) -> int:
        number = self._list_number.get(name)
        if number is None:
            number = self._new_list(name, name)
            for text in self.ruleset.lexicons[name]:
                members = self._list_terms[self._lexicon(text[1:])] if text.startswith("@") else self._term(text, f"@{name}")
                self._join(number, members)
        return number

    def _new_list(self, key: object, name: str) -> int:
        number = self._list_number[key] = len(self.list_names)
        self.list_names.append(name)
        self._list_terms.append([])
        return number

    def _join(self, number: int, terms: Iterable[int]) -> None:
        for term in terms:
            if number not in self.lists_of[term]:
                self.lists_of[term].add(number)
                self._list_terms[number].append(term)

    def _term(self, text: str, owner: str) -> list[int]:
        """Numbers of the terms that a phrase stands for: one, and one more without its hyphens."""
        found = []
        for variant in {text, text.replace("-", "")} if "-" in text.strip("-<>") and "->" not in text else (text,):
            number = self._term_number.get(variant)
            if number is None:
                number = self._new_term(variant, owner)
            if number >= 0:
                found.append(number)
        return found

    def _new_term(self, text: str, owner: str) -> int:
        exact = text.startswith("=") and len(text) > 1 and text[1] not in "= "
        plain = text[1:] if exact else text
        words = [word for word, _, _ in tokenise(plain)]
        if not words:
            self._problems.append(f"{self.ruleset.origin.get(owner, owner)}: the phrase {text!r} holds no word, so it can never match; remove or mend it")
            self._term_number[text] = -1
            return -1
        forms = tuple(map(normal_form, words))
        literal = [word.lower() for word in words] if exact else None
        for known in self._terms_by_forms[forms]:
            if self._exact.get(known) == literal:
                self._term_number[text] = known
                return known
        number = self._term_number[text] = len(self.terms)
        self.terms.append(text)
        self.lists_of.append(set())
        self.roles_of.append([])
        self._terms_by_forms[forms].append(number)
        if literal is not None:
            self._exact[number] = literal
        return number

    def _combine(self, rule: str, groups_list: tuple[tuple[str, ...], ...], origin: str) -> None:
        for groups in groups_list:
            compiled = []
            for group in groups:
                lists, inline = set(), []
                for part in (p.strip() for p in group.split(" | ")):
                    if part.startswith("@"):
                        lists.add(self._lexicon(part[1:]))
                    elif part:
                        inline.append(part)
                if inline:
                    key = tuple(sorted(inline))
                    number = self._list_number.get(key)
                    if number is None:
                        number = self._new_list(key, "")
                        for text in inline:
                            self._join(number, self._term(text, rule))
                    lists.add(number)
                if not lists:
                    self._problems.append(f"{origin}: rule '{rule}' has an empty group in 'together', so it can never match; fill it")
                compiled.append(frozenset(lists))
            self.combinations.append(Combination(rule, tuple(compiled), " + ".join(groups)))

    def _choose_anchors(self) -> None:
        """Look a combination up by its most specific group, so that few are tried per statement."""
        for number, combination in enumerate(self.combinations):
            groups = tuple(sorted(combination.groups, key=self._generality))
            self.combinations[number] = replace(combination, groups=groups)
            for listed in groups[0]:
                self.by_list[listed].append(number)

    def _is_wide(self, number: int) -> bool:
        """Whether a list holds a bare number, sign or word of one or two letters, which says nothing in a heading."""
        return any(len(self.terms[term].lstrip("=")) <= 2 for term in self._list_terms[number])

    def _generality(self, group: frozenset[int]) -> int:
        """A guess at how often a group occurs: its phrases, each by the number of lists that also name it."""
        return sum(
            1_000_000 if self.list_names[n] in _GENERAL_LISTS else sum(len(self.lists_of[t]) for t in self._list_terms[n])
            for n in group
        )

    def _pattern(self, rule: Rule, pattern: tuple[dict[str, object], ...]) -> None:
        where = self.ruleset.origin.get(rule.id, rule.id)
        for token in pattern:
            unknown = set(token) - _PATTERN_KEYS
            if unknown:
                keys = ", ".join(sorted(_PATTERN_KEYS))
                self._problems.append(f"{where}: rule '{rule.id}' has a pattern on {', '.join(sorted(unknown))}, which can never match; use {keys}")
                return
            for value in token.values():
                for text in _texts(value):
                    if len(tokenise(text)) > 1:
                        why = f"has a pattern on {text!r}, which is more than one token and can never match"
                        self._problems.append(f"{where}: rule '{rule.id}' {why}; write one token each")
                        return
        if self._token_matcher is None:
            self._token_matcher = TokenMatcher(self.vocab)
        number = len(self.terms)
        self.terms.append(f"pattern {pattern}")
        self.lists_of.append(set())
        self.roles_of.append([(rule.id, "strong")])
        key = f"p{number}"
        self._token_matcher.add(key, [[_normal_pattern(token) for token in pattern]])
        self._pattern_terms[self.vocab.strings[key]] = number

    # ---- matching

    def match(self, document: Document) -> Matched:
        """Cut a document into units and find every phrase of the rule set in them."""
        blocks = [self._words(block) for block in document.blocks]
        self._add_phrases_for({form for block in blocks for form in block.forms})
        self._find(blocks)
        framing = {index for block in document.blocks for index in block.context}
        frames = [index in framing or block.kind is BlockKind.HEADING for index, block in enumerate(document.blocks)]
        units = [unit for block, words in zip(document.blocks, blocks, strict=True) for unit in _units(block, words)]
        for unit in units:
            self._fill(unit, blocks[unit.block])
        lists = [self.lists_in(block) if frames[index] else set() for index, block in enumerate(blocks)]
        return Matched(document, blocks, units, lists)

    def _words(self, block: Block) -> BlockWords:
        tokens = tokenise(block.text)
        words = [t[0] for t in tokens]
        lower = [w.lower().replace("’", "'") for w in words]
        return BlockWords(words, lower, [normal_form(w) for w in words], [t[1] for t in tokens], [t[2] for t in tokens])

    def _add_phrases_for(self, forms: set[str]) -> None:
        """Hand spaCy the phrases that can occur in a text of these words; the others would only cost start-up time."""
        for form in forms & self._waiting.keys():
            for phrase in self._waiting.pop(form):
                key = " ".join(phrase)
                self._phrase_matcher.add(key, [Doc(self.vocab, words=list(phrase))])
                self._keys[self.vocab.strings[key]] = self._terms_by_forms[phrase]

    def _find(self, blocks: list[BlockWords]) -> None:
        batch: list[BlockWords] = []
        size = 0
        for block in blocks:
            batch.append(block)
            size += len(block.forms) + 1
            if size >= _BATCH_TOKENS:
                self._find_in(batch)
                batch, size = [], 0
        if batch:
            self._find_in(batch)

    def _find_in(self, batch: list[BlockWords]) -> None:
        forms: list[str] = []
        firsts: list[int] = []
        for block in batch:
            firsts.append(len(forms))
            forms.extend(block.forms)
            forms.append(_BLOCK_END)
        doc = Doc(self.vocab, words=forms)
        keys, exact = self._keys, self._exact
        found = [(start, -end, term) for key, start, end in self._phrase_matcher(doc) for term in keys[key]]
        if self._token_matcher is not None:
            found += [(start, -end, self._pattern_terms[key]) for key, start, end in self._token_matcher(doc)]
        found.sort()
        at, last = 0, len(firsts) - 1
        for start, negative_end, term in found:
            while at < last and firsts[at + 1] <= start:
                at += 1
            first, block = firsts[at], batch[at]
            start, end = start - first, -negative_end - first
            if term in exact and exact[term] != block.lower[start:end]:
                continue
            block.hits.append(Hit(term, start, end))

    def _fill(self, unit: Unit, words: BlockWords) -> None:
        """Give a unit the hits that lie within it, and the word lists they stand for."""
        first = bisect_left(words.hits, unit.start, key=_START)
        last = bisect_left(words.hits, unit.end, lo=first, key=_START)
        unit.hits = hits = [hit for hit in words.hits[first:last] if hit.end <= unit.end]
        by_term: dict[int, list[Hit]] = unit.by_term
        for hit in hits:
            by_term.setdefault(hit.term, []).append(hit)
        frozen, has_role, cues_of = self._frozen_lists, self._has_role, self._cues_of
        unit.lists = set().union(*(frozen[term] for term in by_term))
        unit.topical = [hit for hit in hits if has_role[hit.term]]
        for term, places in by_term.items():
            for number in cues_of[term]:
                unit.cues.setdefault(number, []).extend(places)

    def lists_in(self, words: BlockWords) -> set[int]:
        """Numbers of the word lists that occur in a block."""
        return set().union(*(self._frozen_lists[hit.term] for hit in words.hits))

    def hits_in(self, unit: Unit, group: frozenset[int]) -> list[Hit]:
        """The hits of a unit whose phrases belong to one of the word lists."""
        terms = self._terms_of_group.get(group)
        if terms is None:
            terms = self._terms_of_group[group] = frozenset(term for number in group for term in self._list_terms[number])
        return [hit for term in terms & unit.by_term.keys() for hit in unit.by_term[term]]

    def list_number(self, name: str) -> int:
        """Number of a named word list, -1 where the rule set has none."""
        return self._list_number.get(name, -1)


def _by_rarest_form(phrases: Iterable[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    """Phrases by that word of theirs which the fewest phrases share."""
    phrases = list(phrases)
    shared = Counter(form for phrase in phrases for form in phrase)
    waiting: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for phrase in phrases:
        waiting[min(phrase, key=shared.__getitem__)].append(phrase)
    return waiting


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


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


def _units(block: Block, words: BlockWords) -> Iterator[Unit]:
    """Sentences of a paragraph or item; a heading, row or line of code as one unit."""
    count = len(words.words)
    if not count:
        return
    whole = block.kind in (BlockKind.HEADING, BlockKind.ROW, BlockKind.HEADER, BlockKind.CODE)
    for start, end in [(0, count)] if whole else _sentences(words.words):
        unit = Unit(block.index, start, end, key_end=start)
        unit.content = sum(1 for w in words.words[start:end] if len(w) > 2 and w[0].isalnum() or w[0].isdigit())
        if start == 0:
            unit.key_end = _key_end(block, words)
        yield unit


def _sentences(words: list[str]) -> Iterator[tuple[int, int]]:
    start, i, count = 0, 0, len(words)
    while i < count:
        word = words[i]
        i += 1
        if word not in _SENTENCE_END:
            continue
        while i < count and (words[i] in _SENTENCE_END or words[i] in _CLOSERS):
            i += 1
        if word == "." and i < count and not (words[i][0].isupper() or words[i][0].isdigit() or words[i] in ('"', "“", "`", "(", "[", "-", "—", "<")):
            continue
        if word == "." and i - start <= 2 and words[start][0].isdigit():
            continue
        yield start, i
        start = i
    if start < count:
        yield start, count


def _key_end(block: Block, words: BlockWords) -> int:
    """Index of the first token after a leading "Key:" (or bold key, or first cell of a row), 0 where there is none."""
    if block.kind is BlockKind.ROW:
        return bisect_left(words.starts, block.cells[1][0]) if len(block.cells) > 1 else 0
    if block.kind is BlockKind.HEADING:
        return 0
    bold = bisect_left(words.starts, block.bold_end) if 0 < block.bold_end < len(block.text) else 0
    if bold and bold <= _KEY_WORDS + 3 and (words.words[bold - 1] in ":.?" or (bold < len(words.words) and words.words[bold] in (":", "-", "–", "—", "("))):
        return bold + (words.words[bold] in (":", "-", "–", "—")) if bold < len(words.words) else bold
    for i, word in enumerate(words.words[: _KEY_WORDS + 1]):
        if word in (":", "=", "→", "->") and i and i + 1 < len(words.words) and not (words.words[i - 1][0].isdigit() and words.words[i + 1][0].isdigit()):
            return i + 1
        if word in ("–", "—", "-") and 0 < i <= 4 and block.kind is BlockKind.ITEM:
            return i + 1
        if word in _SENTENCE_END or word in (",", ";"):
            return 0
    return 0
