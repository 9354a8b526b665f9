"""A RuleSet compiled to spaCy matchers, and a Document cut into units with every phrase that occurs in them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from spacy.matcher import Matcher as TokenMatcher
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from mlsd_lint.model import Block, BlockKind, Document, Hit, Unit
from mlsd_lint.phrases import PhraseTables
from mlsd_lint.tokens import normal_form, tokenise

_START = attrgetter("start")
_NO_LISTS: set[int] = set()
_BATCH_TOKENS = 4000
_BLOCK_END = "\x1e"
_SENTENCE_END = frozenset((".", "!", "?", "...", "\n"))
_CLOSERS = frozenset((")", '"', "”", "’", "'", "]", "*"))
_KEY_WORDS = 7


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
    """

    def __init__(self, tables: PhraseTables) -> None:
        self.tables = tables
        self._vocab = Vocab()
        self._phrase_matcher = PhraseMatcher(self._vocab)
        self._keys: dict[int, list[int]] = {}
        self._waiting = dict(tables.waiting)
        self._terms_of: dict[frozenset[int], frozenset[int]] = {}
        self._token_matcher = TokenMatcher(self._vocab)
        self._pattern_terms: dict[int, int] = {}
        for term, pattern in tables.patterns.items():
            key = f"pattern {term}"
            self._token_matcher.add(key, [pattern])
            self._pattern_terms[self._vocab.strings[key]] = term

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
        lists = [self.lists_in(block) if frames[index] else _NO_LISTS for index, block in enumerate(blocks)]
        return Matched(document, blocks, units, lists)

    def _words(self, block: Block) -> BlockWords:
        tokens = tokenise(block.text)
        words = [t[0] for t in tokens]
        lower = [w.lower().replace("’", "'") for w in words]
        return BlockWords(words, lower, [normal_form(w) for w in words], [t[1] for t in tokens], [t[2] for t in tokens])

    def _add_phrases_for(self, forms: set[str]) -> None:
        """Hand spaCy the phrases that can occur in a text of these words; the others would only cost start-up time."""
        for form in forms & self._waiting.keys():
            later = []
            for term in self._waiting[form]:
                phrase = self.tables.forms[term]
                words = phrase.split(" ")
                if forms.issuperset(words):
                    self._add(term, phrase, words)
                else:
                    later.append(term)
            self._waiting[form] = later

    def _add(self, term: int, phrase: str, words: list[str]) -> None:
        key = self._vocab.strings.add(phrase)
        if key not in self._keys:
            self._phrase_matcher.add(phrase, [Doc(self._vocab, words=words)])
            self._keys[key] = []
        self._keys[key].append(term)

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
        doc = Doc(self._vocab, words=forms)
        keys, exact = self._keys, self.tables.exact
        found = [(start, -end, term) for key, start, end in self._phrase_matcher(doc) for term in keys[key]]
        if self._pattern_terms:
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
        lists_of, roles, cues_of = self.tables.lists_of, self.tables.roles, self.tables.cues_of
        unit.lists = set().union(*map(lists_of, by_term))
        unit.topical = [hit for hit in hits if hit.term in roles]
        for term in by_term:
            for number in cues_of(term):
                unit.cues.setdefault(number, []).extend(by_term[term])
        for places in unit.cues.values():
            places.sort(key=_START)

    def lists_in(self, words: BlockWords) -> set[int]:
        """Numbers of the word lists that a block can meet for those it frames: not by a number, sign or tiny word, nor a general list."""
        lists_of, tiny = self.tables.lists_of, self.tables.tiny_terms
        return set().union(*(lists_of(hit.term) for hit in words.hits if hit.term not in tiny)) - self.tables.general_lists

    def hits_in(self, unit: Unit, group: frozenset[int]) -> list[Hit]:
        """The hits of a unit whose phrases belong to one of the word lists."""
        terms = self._terms_of.get(group)
        if terms is None:
            terms = self._terms_of[group] = frozenset(term for number in group for term in self.tables.terms_in(number))
        return [hit for term in sorted(terms & unit.by_term.keys()) for hit in unit.by_term[term]]


def _units(block: Block, words: BlockWords) -> Iterator[Unit]:
    """Sentences of a paragraph or item; a heading, row or line of code as one unit."""
    count = len(words.words)
    if not count:
        return
    whole = block.kind in (BlockKind.HEADING, BlockKind.ROW, BlockKind.HEADER, BlockKind.CODE) or "->" in words.forms
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
