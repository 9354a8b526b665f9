"""Decides how a statement is meant: asserted, asked, negated, deferred, a placeholder, or about the field in general."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from importlib import resources

from mlsd_lint.matcher import BlockWords, Matched, Matcher
from mlsd_lint.model import Block, BlockKind, Hit, OpenCell, Stance, Unit
from mlsd_lint.phrases import TRAIT_PREFIX

_YEAR = re.compile(r"(?:19|20)\d\d")
_FORM_FIELDS = re.compile(r"(?:(?:<[^<>]+>|\{\{[^{}]+\}\})[\s,;|/-]*)+")
_WORD = re.compile(r"[^\W_]")
_QUESTION_OPENERS = frozenset(
    "what which who whom whose why when where how do does did is are was were will would should shall can could has have may any".split()
)
_QUOTES = frozenset('"“”«»')
_REASON_SIGNS = frozenset((";", ":", "—", "–"))
_OPENERS = frozenset(("(", "[", "<", "_", "*", "-", "–", "—"))
_YEAR_LEADS = frozenset(("in", "since", "after"))
_FULL_SENTENCE = 4
_GAP_REACH = 5
_LOCAL_REACH = 3
_SHORT = 9
_SHORT_KEY = 5
_BARE_REFUSAL = 3
# before "often" and "common" they compare and tell nothing of the field: "twice as often", "how often"
_COMPARING = frozenset("as how more less too so".split())
_JOINERS = frozenset(("and", "&", "/", ",", "or", "vs"))
_LASTING = frozenset((Stance.GENERAL, Stance.DEFERRED))
_LEAST_PROMPT_WORDS = 4
_LONGEST_SECTION_NAME = 7
_PARTICIPLE = re.compile(
    r"\w{2,}(?:ed|en|own)$|^(?:built|sent|kept|run|set|held|split|cut|put|read|fed|done|made|drawn|shut|lent|sold|bought|caught|taught"
    r"|found|told|won|hidden|bound|paid|laid|met|spread|fit)$"
)
_BE = frozenset("is are was were be been being gets get isn't aren't".split())
_ADVERB = re.compile(r"ly$|^(?:not|also|then|now|still|only|always|never|first|again|both|all|once|thus)$")
_NO_PARTICIPLE = frozenset("often even open then when seven been golden hidden need indeed".split())
_PERFECT = frozenset("haven't hasn't hadn't nobody".split())
_HAVE = frozenset("have has had one".split())
_FIRST_PERSON = frozenset("we our ours us i my we'll we've we're".split())
_DETERMINERS = frozenset("the each every our this these those its their his her all one no".split())
_SUBJECT_REACH = 2
_TRADE_ROLES = frozenset(("named", "strong", "heading"))
_NOTHING_SAID = frozenset("applicable needed required planned yet any defined decided relevant available known considered".split())
_DEFERRAL_LEADS = frozenset("in until till to for at with by : - – — ( the next a our".split())
_MODALS = frozenset("can may could might should".split())
_ADVERB_REACH = 2
_QUANTITIES = ("time", "rate", "money", "percent", "size", "count", "cadence")


class StanceReader:
    """Reads the stance of every unit of a document, by the cue lists of rules/stance.yaml."""

    def __init__(self, matcher: Matcher) -> None:
        number = matcher.tables.list_number
        self._placeholder = number("stance-placeholder")
        self._deferred = number("stance-deferred")
        self._deferred_short = number("stance-deferred-short")
        self._gap = number("stance-gap")
        self._gap_verb = number("stance-gap-verb")
        self._negation = number("stance-negation")
        self._reason = number("stance-reason")
        self._general = number("stance-general")
        self._ours = number("stance-ours")
        self._imperative = number("stance-imperative")
        self._opinion = number("stance-opinion")
        self._ours_or_plan = {number("stance-ours"), number("plan")}
        self._anchors = {number("reason"), *(number(name) for name in _QUANTITIES)}
        self._tool = frozenset((number("tool"),))
        self._generic_verb = number("stance-generic-verb")
        self._hits_in = matcher.hits_in
        self._roles_of = matcher.tables.roles_of
        self._lists_of = matcher.tables.lists_of
        self._prompt = number("stance-prompt")
        self._wh = number("stance-wh")
        self._you = number("stance-you")
        self._sections = (
            (number("section-deferred"), Stance.DEFERRED),
            (number("section-negated"), Stance.NEGATED),
            (number("section-general"), Stance.GENERAL),
        )
        self._scenario = number("section-scenario")
        self._quantities = {number(name) for name in _QUANTITIES}
        self._terms = matcher.tables.terms
        self._known_prompts = _known_prompts()

    def read(self, matched: Matched) -> None:
        """Set ``stance``, ``cue``, ``reasoned`` and ``given`` of every unit."""
        scenarios = [self._scenario_heading(matched, block) for block in matched.document.blocks]
        sections = [self._section(matched, block) for block in matched.document.blocks]
        leads: dict[int, tuple[Stance, str]] = {}
        for unit in matched.units:
            block, words = matched.document.blocks[unit.block], matched.blocks[unit.block]
            unit.reasoned = self._reasoned(unit, words)
            if scenarios[unit.block]:
                unit.stance, unit.cue, unit.given = Stance.PLACEHOLDER, f"section “{scenarios[unit.block]}”", True
                continue
            if prompt_hash(words.forms[unit.start : unit.end]) in self._known_prompts:
                unit.stance, unit.cue = Stance.PLACEHOLDER, "line of a public template"
                continue
            unit.stance, unit.cue = self._decide(unit, block, words)
            if unit.stance is Stance.ASSERTED and sections[unit.block] and block.kind is not BlockKind.HEADING:
                stance, cue = sections[unit.block]  # type: ignore[misc]
                if not (stance is Stance.NEGATED and unit.reasoned):
                    unit.stance, unit.cue = stance, cue
            if unit.stance is Stance.ASSERTED:
                self._heed_lead(unit, block, leads)
            if block.leads and unit.stance in _LASTING:
                leads[block.index] = unit.stance, f"lead-in “{block.text.strip()}”"

    def _heed_lead(self, unit: Unit, block: Block, leads: dict[int, tuple[Stance, str]]) -> None:
        """What a lead-in puts off or says of the field in general ("Such systems usually have:") is no more definite in its items."""
        told = next((leads[index] for index in block.context if index in leads), None)
        if told is not None and self._ours_or_plan.isdisjoint(unit.lists) and self._quantities.isdisjoint(unit.lists):
            unit.stance, unit.cue = told

    def locally_negated(self, unit: Unit, words: BlockWords, hit: Hit) -> str:
        """The negation just before a phrase ("no drift monitoring"), "" where there is none or a reason is given."""
        if unit.reasoned:
            return ""
        for i in range(max(unit.start, hit.start - _LOCAL_REACH), hit.start):
            word = words.words[i].lower()
            if word in ("no", "lacks", "lack", "nor", "neither"):
                return word
        return ""

    def _scenario_heading(self, matched: Matched, block: Block) -> str:
        """The heading above a quoted question that the document answers, "" for any other block."""
        if not block.quoted or block.kind is BlockKind.HEADING:
            return ""
        nearest = next((index for index in block.context if matched.document.blocks[index].kind is BlockKind.HEADING), None)
        if nearest is None or self._scenario not in matched.lists[nearest] or len(matched.blocks[nearest].words) > _LONGEST_SECTION_NAME:
            return ""
        return matched.document.blocks[nearest].text.strip()

    def _section(self, matched: Matched, block: Block) -> tuple[Stance, str] | None:
        for index in block.context:
            frame = matched.document.blocks[index]
            if frame.kind is not BlockKind.HEADING and not frame.leads:
                continue
            lists = matched.lists[index]
            for number, stance in self._sections:
                if number not in lists or len(matched.blocks[index].words) > _LONGEST_SECTION_NAME:
                    continue
                if not (stance is Stance.NEGATED and self._named_second(matched, index, number)):
                    return stance, f"section “{frame.text.strip()}”"
        return None

    def _named_second(self, matched: Matched, index: int, number: int) -> bool:
        """Whether a heading names something else first ("Goals and non-goals"), so that its section is not all of the named sort."""
        words = matched.blocks[index]
        named = next(h for h in words.hits if number in self._lists_of(h.term))
        return not _JOINERS.isdisjoint(words.lower[: named.start])

    def _decide(self, unit: Unit, block: Block, words: BlockWords) -> tuple[Stance, str]:
        text = words.words
        unit.open_cells = self._open_cells(unit, block, words)
        if unit.open_cells and not _has_filled_cell(unit, block, words):
            return unit.open_cells[0].stance, unit.open_cells[0].cue
        placeholder = not unit.open_cells and self._placeholder_cue(unit, block, words)
        if placeholder:
            return Stance.PLACEHOLDER, placeholder
        if block.kind is BlockKind.HEADING:
            return Stance.ASSERTED, ""
        if not unit.open_cells and self._is_question(unit, words):
            return Stance.QUESTION, "?"
        if block.task is False:
            return Stance.DEFERRED, "box not ticked"
        gap = self._gap_cue(unit, words)
        if gap:
            return Stance.NEGATED, gap
        deferred = self._deferred_cue(unit, words)
        if deferred and not (unit.reasoned and self._has(unit, self._negation)):
            return Stance.DEFERRED, deferred
        if self._bare_negation(unit, text):
            return Stance.NEGATED, text[unit.key_end] if unit.key_end < unit.end else text[unit.start]
        general = self._general_cue(unit, block, words)
        if general:
            return Stance.GENERAL, general
        return Stance.ASSERTED, ""

    def _open_cells(self, unit: Unit, block: Block, words: BlockWords) -> tuple[OpenCell, ...]:
        """The cells of a row, its first excepted, that ask or wait to be filled; what the other cells say holds all the same."""
        if block.kind is not BlockKind.ROW or len(block.cells) <= 1:
            return ()
        found = []
        for start, end in _cell_ranges(block, words)[1:]:
            waiting = next((h for h in unit.cues.get(self._placeholder, ()) if start <= h.start and h.end <= end), None)
            if waiting is not None and sum(1 for w in words.words[start:end] if _WORD.match(w)) < _LEAST_PROMPT_WORDS + waiting.end - waiting.start:
                found.append(OpenCell(start, end, Stance.PLACEHOLDER, self._terms[waiting.term].lstrip("=")))
            elif start < end and words.words[end - 1] == "?":
                found.append(OpenCell(start, end, Stance.QUESTION, "?"))
        return tuple(found)

    # ---- cues

    def _has(self, unit: Unit, number: int) -> bool:
        return number in unit.lists

    def _first(self, unit: Unit, number: int) -> str:
        return self._terms[unit.cues[number][0].term].lstrip("=")

    def _reasoned(self, unit: Unit, words: BlockWords) -> bool:
        negations = unit.cues.get(self._negation)
        first = words.words[unit.start].lower()
        if self._has(unit, self._reason) or (first == "as" and "," in words.words[unit.start : unit.end]):
            return True
        if not negations:
            return False
        for i in range(unit.start, unit.end):
            if words.words[i] in _REASON_SIGNS and i + 4 < unit.end and (i > negations[0].start or negations[0].start > i + 1):
                return words.words[i] != ":" or i >= unit.key_end or negations[0].start < i
        return False

    def _placeholder_cue(self, unit: Unit, block: Block, words: BlockWords) -> str:
        text = words.words
        value_start = unit.key_end or unit.start
        value = [w for w in text[value_start : unit.end] if _WORD.match(w)]
        if _is_blank_form(block.text, unit, words, value_start):
            return "<…>"
        if not value and "..." in words.forms[unit.start : unit.end]:
            return "…"
        hits = unit.cues.get(self._placeholder)
        if hits:
            outside = [w for w in self._outside(words, unit, hits) if _WORD.match(w)]
            if len(outside) < 5 or not _in_brackets(words, unit, hits[0]):
                return self._first(unit, self._placeholder)
        if block.kind is not BlockKind.CODE and any(self._is_prompt(unit, block, words, start) for start in {unit.start, value_start}):
            return "prompt"
        return ""

    def _outside(self, words: BlockWords, unit: Unit, hits: list[Hit]) -> list[str]:
        """Words of the value outside the brackets that hold the placeholder."""
        start, end = hits[0].start, hits[0].end
        while start > unit.start and words.words[start - 1] not in ("(", "["):
            start -= 1
        while end < unit.end and words.words[end] not in (")", "]"):
            end += 1
        return words.words[unit.key_end or unit.start : start] + words.words[end : unit.end]

    def _is_prompt(self, unit: Unit, block: Block, words: BlockWords, value_start: int) -> bool:
        text = words.words
        first = value_start
        while first < unit.end and text[first] in _OPENERS:
            first += 1
        if first >= unit.end:
            return False
        bracketed = text[value_start] in ("(", "[", "<") or (first > value_start and text[value_start] != "-") or block.italic
        you = self._has(unit, self._you)
        starts = {h.start for h in unit.cues.get(self._prompt, ())}
        follows = {h.start for h in unit.cues.get(self._wh, ())}
        if first in starts and (first + 1 in follows or you or bracketed or block.quoted):
            return you or bracketed or not _FIRST_PERSON.intersection(w.lower() for w in text[unit.start : unit.end])
        if you and (block.quoted or bracketed or text[first].lower() == "if"):
            return True
        if not block.quoted:
            return False
        return self._is_question(unit, words) or text[first].lower() in _QUESTION_OPENERS or any(start + 1 in follows for start in starts)

    def _is_question(self, unit: Unit, words: BlockWords) -> bool:
        text = words.words
        last = unit.end - 1
        while last > unit.start and (text[last] in (")", '"', "”", "*", "_", "`", "]") or not text[last].strip()):
            last -= 1
        if text[last] != "?":
            return False
        first = unit.key_end if unit.key_end < last else unit.start
        opener = text[first].lower() if first < unit.end else ""
        measured = bool(self._quantities & unit.lists) and opener not in _QUESTION_OPENERS
        return not measured

    def _gap_cue(self, unit: Unit, words: BlockWords) -> str:
        """The admission that something is not done: a reason makes "no test is planned" a decision, but not "no idea"."""
        if self._has(unit, self._gap):
            return self._first(unit, self._gap)
        negations, verbs = unit.cues.get(self._negation), unit.cues.get(self._gap_verb)
        if not negations or not verbs:
            return ""
        for verb in verbs:
            for negation in negations:
                if unit.reasoned and not _is_perfect(words, negation):
                    continue
                if words.words[negation.start].lower() == "without" or _is_habit(words, negation) or _in_quotes(words, unit, negation):
                    continue
                if 0 < verb.start - negation.start <= _GAP_REACH and not any(w in (",", ";", ":") for w in words.words[negation.end : verb.start]):
                    return " ".join(words.words[negation.start : verb.end])
        return ""

    def _deferred_cue(self, unit: Unit, words: BlockWords) -> str:
        if self._has(unit, self._deferred):
            return self._first(unit, self._deferred)
        tail = [w.lower() for w in words.words[unit.start : unit.end] if _WORD.match(w)][-1:]
        if unit.content <= _SHORT and tail in (["later"], ["eventually"], ["someday"]) and self._quantities.isdisjoint(unit.lists):
            return tail[0]
        short = [h for h in unit.cues.get(self._deferred_short, ()) if h.start > unit.start and words.words[h.start - 1].lower() in _DEFERRAL_LEADS]
        if short and unit.content <= _SHORT and not self._has(unit, self._ours):
            return self._terms[short[0].term].lstrip("=")
        return ""

    def _bare_negation(self, unit: Unit, text: list[str]) -> bool:
        hits = unit.cues.get(self._negation, [])
        value = [w for w in text[unit.key_end or unit.start : unit.end] if _WORD.match(w)]
        if not hits or unit.reasoned or hits[0].start < unit.key_end:
            return False
        if len(value) <= _BARE_REFUSAL and value[0].lower() in ("no", "without", "none"):
            return True
        return len(value) == 1 or (len(value) == 2 and value[1].lower() in _NOTHING_SAID)

    def _general_cue(self, unit: Unit, block: Block, words: BlockWords) -> str:
        """What marks a remark about the field: a cue of its own, or a full sentence with nothing that ties it to a system."""
        keyed = unit.start < unit.key_end and (unit.key_end <= unit.start + _SHORT_KEY or block.bold_end > 0)
        if block.kind not in (BlockKind.PARAGRAPH, BlockKind.ITEM) or keyed:
            return ""
        text = words.words
        year = self._lone_year(unit, text)
        ours = not self._ours_or_plan.isdisjoint(unit.lists)
        remarks = [h for h in unit.cues.get(self._general, ()) if h.start == unit.start or text[h.start - 1].lower() not in _COMPARING]
        if remarks and not (ours or self._is_imperative(unit)):
            return self._terms[remarks[0].term].lstrip("=")
        anchored = not self._anchors.isdisjoint(unit.lists)
        measured = not self._quantities.isdisjoint(unit.lists)
        if year and not (ours or measured or self._is_plan(unit, words)):
            return year
        if ours or anchored or block.kind is BlockKind.ITEM or text[unit.end - 1] != "." or unit.content < _FULL_SENTENCE:
            return ""
        if not self._has(unit, self._generic_verb) or self._is_plan(unit, words) or self._has_name(unit, words):
            return ""
        return "nothing ties it to this system" if self._topic_is_subject(unit, words) else ""

    @staticmethod
    def _lone_year(unit: Unit, text: list[str]) -> str:
        """The year of a citation or of an event in the field ("since 2018"); several years are a range of data."""
        years = [i for i in range(unit.start + 1, unit.end) if _YEAR.fullmatch(text[i])]
        if len(years) != 1:
            return ""
        before, after = text[years[0] - 1].lower(), text[years[0] + 1] if years[0] + 1 < unit.end else ""
        return text[years[0]] if before in _YEAR_LEADS or (before == "," and after == ")") else ""

    def _topic_is_subject(self, unit: Unit, words: BlockWords) -> bool:
        """Whether the sentence begins with a term of the trade and no determiner ("Batch inference is cheaper")."""
        if words.words[unit.start].lower() in _DETERMINERS:
            return False
        return any(hit.start <= unit.start + _SUBJECT_REACH and self.is_trade_term(hit.term) for hit in unit.topical)

    def is_trade_term(self, term: int) -> bool:
        """Whether a rule counts the term as saying something of its topic."""
        return any(role in _TRADE_ROLES and not rule.startswith(TRAIT_PREFIX) for rule, role in self._roles_of(term))

    def _is_plan(self, unit: Unit, words: BlockWords) -> bool:
        """Whether the sentence is in the imperative or a passive of doing ("rows are dropped")."""
        if self._is_imperative(unit):
            return True
        opinions = {h.start for h in unit.cues.get(self._opinion, ())}
        for i in range(unit.start, unit.end - 1):
            if words.words[i].lower() not in _BE or (i > unit.start and words.words[i - 1].lower() in _MODALS):
                continue
            for j in range(i + 1, min(unit.end, i + 2 + _ADVERB_REACH)):
                if j > i + 1 and not _ADVERB.search(words.words[j - 1].lower()):
                    break
                if _PARTICIPLE.search(words.words[j].lower()) and words.words[j].lower() not in _NO_PARTICIPLE:
                    if j not in opinions:
                        return True
                    break
        return False

    def _is_imperative(self, unit: Unit) -> bool:
        return any(h.start == unit.start for h in unit.cues.get(self._imperative, ()))

    def _has_name(self, unit: Unit, words: BlockWords) -> bool:
        """Whether digits, a product or another proper name stand in the sentence: a capitalised word that is no acronym."""
        text = words.words
        if any(hit.end - hit.start == 1 and text[hit.start][0].isupper() for hit in self._hits_in(unit, self._tool)):
            return True
        return any(w[0].isdigit() or (w[0].isupper() and not w.rstrip("s").isupper() and len(w) > 2) for w in text[unit.start + 1 : unit.end])


def _cell_ranges(block: Block, words: BlockWords) -> list[tuple[int, int]]:
    """The half-open token ranges of the cells of a row, the signs between them left out."""
    ranges = []
    for first, last in block.cells:
        start, end = bisect_left(words.starts, first), bisect_left(words.starts, last)
        while end > start and words.words[end - 1] == "|":
            end -= 1
        ranges.append((start, end))
    return ranges


def _has_filled_cell(unit: Unit, block: Block, words: BlockWords) -> bool:
    """Whether a cell that is not open says something: a few words, a term of the trade or a number."""
    opened = {(cell.start, cell.end) for cell in unit.open_cells}
    filled = (place for place in _cell_ranges(block, words)[1:] if place not in opened)
    return any(
        sum(1 for w in words.words[start:end] if _WORD.match(w)) >= _FULL_SENTENCE
        or any(start <= h.start < end for h in unit.topical)
        or any(w[0].isdigit() for w in words.words[start:end])
        for start, end in filled
    )


def _is_blank_form(text: str, unit: Unit, words: BlockWords, value_start: int) -> bool:
    """Whether the value is one form field such as "<requests per second>" or "{{ owner }}"."""
    if value_start >= unit.end:
        return False
    value = text[words.starts[value_start] : words.ends[unit.end - 1]]
    return bool(_FORM_FIELDS.fullmatch(value.strip(" .*_|")))


def _is_perfect(words: BlockWords, negation: Hit) -> bool:
    """Whether the negation speaks of what has not happened ("we have not chosen", "no one has"): no decision, even with a reason."""
    word = words.words[negation.end - 1].lower().replace("’", "'")
    before = words.words[negation.start - 1].lower() if negation.start else ""
    return word in _PERFECT or before in _HAVE or (negation.end - negation.start > 1 and word == "one")


def _in_quotes(words: BlockWords, unit: Unit, hit: Hit) -> bool:
    """Whether a hit stands in quoted speech ("I don't know"), which is not the author's own."""
    return sum(w in _QUOTES for w in words.words[unit.start : hit.start]) % 2 == 1


def _is_habit(words: BlockWords, negation: Hit) -> bool:
    """Whether "nobody" and the like tell a habit ("nobody looks at them") and not what has not been done."""
    if words.words[negation.start].lower() not in ("nobody", "no") or (words.words[negation.start].lower() == "no" and negation.end - negation.start == 1):
        return False
    follower = words.words[negation.end].lower() if negation.end < len(words.words) else ""
    return follower not in _HAVE and not follower.endswith("ed") and follower not in ("knows", "knew")


def _in_brackets(words: BlockWords, unit: Unit, hit: Hit) -> bool:
    return any(w in ("(", "[") for w in words.words[unit.start : hit.start])


def prompt_hash(forms: list[str]) -> str:
    """The hash by which a sentence of a public template is known, "" for one too short to be told from chance.

    Args:
        forms: normal forms of the sentence's tokens.
    """
    wordlike = [form for form in forms if _WORD.match(form)]
    if len(wordlike) < _LEAST_PROMPT_WORDS:
        return ""
    return hashlib.sha256(" ".join(wordlike).encode()).hexdigest()[:16]


def _known_prompts() -> frozenset[str]:
    """Hashes of normalised lines of public design-document templates; the text itself is not shipped."""
    data = resources.files("mlsd_lint").joinpath("template_lines.txt").read_text(encoding="ascii")
    return frozenset(line for line in data.splitlines() if line and not line.startswith("#"))
