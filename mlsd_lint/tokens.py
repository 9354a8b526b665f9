"""What counts as one word, and when two words are the same."""

from __future__ import annotations

import re
from functools import lru_cache

import Stemmer

_TOKEN = re.compile(
    r"""
    e\.\s?g\. | i\.e\. | \bvs\. | \bapprox\. | \bfig\. | \bca\.(?=\s*\d) | \bno\.(?=\s*\d) | \betc\.(?=\s+[a-z(,])
  | --?> | ={1,2}> | [→⇒➜➔⟶] | >= | <= | != | \.{3,}
  | (?:(?<![\w.])\.)?\d+(?:[.,\u202f\u00a0]\d+)*(?:[kKMB](?![^\W\d_]))?
  | [^\W\d_](?:[^\W_]|['’](?=[^\W\d_]))*
  | [^\s\w]
  | \n
    """,
    re.VERBOSE,
)
_WORDLIKE = re.compile(r"[^\W_]")
_JOINERS = frozenset("-‐‑‒–")
_NUMBER_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
    " twenty thirty forty fifty sixty seventy eighty ninety"
    " dozen hundred thousand million billion".split()
)
# rhythms, which the stemmer would make the same as their unit ("weekly", "week")
_UNSTEMMED = frozenset("hourly daily nightly weekly biweekly fortnightly monthly quarterly yearly".split())
_SAME_SIGN = {
    **dict.fromkeys("→⇒➜➔⟶", "->"), "-->": "->", "=>": "->", "==>": "->",
    "≥": ">=", "≤": "<=", "–": "-", "—": "-", "−": "-", "‒": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "…": "...",
}  # fmt: skip
_BRITISH = ((re.compile(r"(?<=\w{3})is(?=(?:e|es|ed|ing|er|ers|ation|ations|able)$)"), "iz"),
            (re.compile(r"(?<=[a-z]{3})our(?=s?$|ed$|ing$|al$|ite)"), "or"),
            (re.compile(r"(?<=[aeiouy][b-df-hj-np-tv-z][aeiou])ll(?=(?:ed|ing|er|ers)$)"), "l"),
            (re.compile(r"(?<=[a-z]{3})ence(?=s?$)|(?<=[a-z]{3})ense(?=s?$)"), "ens"),
            (re.compile(r"(?<=[a-z]{3})tre(?=s?$|d$)"), "ter"))  # fmt: skip
_stem = Stemmer.Stemmer("english").stemWord


def tokenise(text: str) -> list[tuple[str, int, int]]:
    """Cut text into words, numbers and signs.

    A number and its unit are two tokens ("50ms" is "50", "ms"); hyphens and underscores inside a compound separate its
    words without being tokens themselves ("auto-scaling" is "auto", "scaling").

    Args:
        text: visible text of one block.

    Returns:
        ``(word, start, end)`` with character offsets into ``text``, in order, never overlapping.
    """
    found = [(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
    if not any(c in text for c in _JOINERS):
        return found
    last = len(text) - 1
    return [
        t for t in found
        if t[0] not in _JOINERS or t[1] == 0 or t[1] == last
        or not (_WORDLIKE.match(text[t[1] - 1]) and _WORDLIKE.match(text[t[2]]) and not (text[t[1] - 1].isdigit() and text[t[2]].isdigit()))
    ]  # fmt: skip


@lru_cache(maxsize=100_000)
def normal_form(word: str) -> str:
    """The form under which words are compared: Snowball stem of the lower-cased word, ``#`` for any number.

    British and American spellings share a form, as do typographic variants of a sign. Porter's English ("Porter2")
    stemmer is used: https://snowballstem.org/algorithms/english/stemmer.html.
    """
    first = word[0]
    if first.isdigit() or word[1:2].isdigit() and first == ".":
        return "#"
    if word in _SAME_SIGN:
        return _SAME_SIGN[word]
    if not (first.isalpha()):
        return "..." if word.startswith("...") else word
    lower = word.lower().replace("’", "'").removesuffix("'s")
    if lower in _NUMBER_WORDS or (lower[-1] == "s" and lower[:-1] in _NUMBER_WORDS):
        return "#"
    if lower in _UNSTEMMED:
        return lower
    for pattern, replacement in _BRITISH:
        lower = pattern.sub(replacement, lower)
    return str(_stem(lower))


def phrase_forms(phrase: str) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """What a phrase is compared by: the normal forms of its words, and the words themselves where it is exact ("=shap")."""
    exact = phrase.startswith("=") and phrase[1:2] not in ("", "=", " ")
    words = [word for word, _, _ in tokenise(phrase[1:] if exact else phrase)]
    return tuple(map(normal_form, words)), tuple(word.lower() for word in words) if exact else None
