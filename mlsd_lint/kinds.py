"""What sort of document a text is: a design, an unfilled template, no ML design at all, or in another language."""

from __future__ import annotations

import re
from collections import Counter

from mlsd_lint.matcher import Matched, Matcher
from mlsd_lint.model import BlockKind, Kind, Stance, Status, TopicResult
from mlsd_lint.ruleset import RuleSet

_LANGUAGE_SAMPLE = 50_000
_LAST_LATIN = 0x24F
_LEAST_FUNCTION_WORDS = 10
_FUNCTION_WORDS = {
    "English": "the of and to is in for with that are on be".split(),
    "German": "der die das und ist nicht mit ein eine für auf wird werden".split(),
    "French": "le la les des est une dans pour que avec sur sont".split(),
    "Spanish": "el los las una para que con por del es son como".split(),
    "Portuguese": "os uma para que com não dos das é são como pelo".split(),
    "Italian": "il gli una per che con non della sono dei nel come".split(),
    "Dutch": "het een van zijn niet voor met wordt op dat aan ook".split(),
    "Polish": "nie jest się na do że przez dla jako oraz są lub".split(),
    "Turkish": "ve bir için bu ile olarak da de olan veya gibi daha".split(),
    "Vietnamese": "và của là các cho được một trong không với những".split(),
    "Indonesian": "yang dan di untuk dengan dari pada ini adalah atau".split(),
}


def find_kind(ruleset: RuleSet, matcher: Matcher, matched: Matched, topics: tuple[TopicResult, ...]) -> tuple[Kind, str]:
    """What sort of document it is, and the reason in one sentence ("" for a design)."""
    limits = ruleset.grading.kinds
    document = matched.document
    words = sum(sum(form[0].isalnum() or form == "#" for form in block.forms) for block in matched.blocks)
    language = foreign_language(document.source, limits.foreign_letters, limits.foreign_words)
    if language:
        return Kind.LANGUAGE, f"The text is {language}; the rules read English only."
    body = [u for u in matched.units if u.content and not u.given and document.blocks[u.block].kind is not BlockKind.HEADING]
    if not body:
        return Kind.TEMPLATE, "There are headings but no text; fill in the sections."
    unanswered = sum(u.stance in (Stance.QUESTION, Stance.PLACEHOLDER, Stance.DEFERRED) for u in body) / len(body)
    covered = sum(t.status is Status.COVERED for t in topics)
    called_form = _heading_with(matcher, matched, "kind-template")
    open_form = unanswered >= limits.unanswered and covered <= limits.template_topics and words >= limits.least_words
    if open_form or (called_form and unanswered >= limits.unanswered_form):
        return Kind.TEMPLATE, f"{unanswered:.0%} of its statements are prompts, open boxes or placeholders; answer them and lint again."
    if words < limits.least_words:
        return Kind.DESIGN, ""
    trade = matcher.tables.list_number("kind-ml")
    density = 1000 * sum(trade in matcher.tables.lists_of(h.term) for u in matched.units for h in u.hits) / words
    if density < limits.trade_words and covered < limits.design_topics:
        return Kind.NOT_ML, f"Only {density:.0f} of 1000 words speak of machine learning; lint the design of the ML system instead."
    reference = _reference_heading(matcher, matched, limits.reference_headings)
    if reference:
        return Kind.NOT_ML, f"It reads as teaching or reference text (heading “{reference}”), not as the design of one system."
    return Kind.DESIGN, ""


def _heading_with(matcher: Matcher, matched: Matched, name: str) -> str:
    number = matcher.tables.list_number(name)
    for block in matched.document.blocks:
        if block.kind is BlockKind.HEADING and number in matched.lists[block.index]:
            return block.text.strip()
    return ""


def _reference_heading(matcher: Matcher, matched: Matched, least: int) -> str:
    """The title where it says glossary, lecture and the like, or the first of several headings of teaching material."""
    headings = [b for b in matched.document.blocks if b.kind is BlockKind.HEADING]
    if headings and matcher.tables.list_number("kind-reference") in matched.lists[headings[0].index]:
        return headings[0].text.strip()
    lesson = matcher.tables.list_number("kind-lesson")
    marked = [b for b in headings if lesson in matched.lists[b.index]]
    return marked[0].text.strip() if len(marked) >= least else ""


def foreign_language(source: str, letters: float, words: float) -> str:
    """Name the script or language of a text that is not English, "" for English.

    Args:
        letters: share of letters outside the Latin script from which a text counts as foreign, 0-1.
        words: factor by which the function words of another language must outnumber the English ones.
    """
    sample = source[:_LANGUAGE_SAMPLE]
    alphabetic = [c for c in sample if c.isalpha()]
    if not alphabetic:
        return ""
    foreign = sum(ord(c) > _LAST_LATIN for c in alphabetic)
    if foreign / len(alphabetic) >= letters:
        return "not in the Latin script"
    tokens = Counter(re.findall(r"[^\W\d_]+", sample.lower()))
    counts = {name: sum(tokens[w] for w in common) for name, common in _FUNCTION_WORDS.items()}
    best = max(counts, key=counts.__getitem__)
    if best != "English" and counts[best] >= _LEAST_FUNCTION_WORDS and counts[best] >= words * counts["English"]:
        return f"in {best}"
    return ""
