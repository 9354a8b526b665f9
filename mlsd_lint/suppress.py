"""What a document itself asks not to report, in comments and front matter, and what is wrong with such requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from mlsd_lint.errors import nearest
from mlsd_lint.fingerprint import fingerprint
from mlsd_lint.front_matter import Entry, FrontMatter
from mlsd_lint.judge import in_order
from mlsd_lint.model import BlockKind, Comment, Document, Finding, Kind, Region, Suppressed
from mlsd_lint.ruleset import RuleSet

UNUSED, UNKNOWN, MALFORMED = "unused-suppression", "unknown-suppression", "malformed-suppression"
NOTICES = {UNUSED: "Unused suppression", UNKNOWN: "Unknown name in a comment or the front matter", MALFORMED: "Malformed suppression"}

_FORM = "<!-- mlsd-lint disable=RULE reason: … -->"
_VERBS = ("disable", "disable-document", "disable-section", "disable-next")
_HELP = {
    UNUSED: "A suppression that nothing needs any more would hide the next finding of that rule. Remove it, or the name.",
    UNKNOWN: "A name that nothing bears does nothing. mlsd-lint rules lists the names of rules.",
    MALFORMED: f"What cannot be read suppresses nothing. Write {_FORM}, or disable-section= or disable-next= in place of disable=.",
}
_ADDRESSED = re.compile(r"\s*mlsd[-_ ]?lint\b", re.IGNORECASE)
_LINE_START = re.compile(r"\n[ \t]*(?:>[ \t]*)*")
_REQUEST = re.compile(r"mlsd-lint\s+(?P<verb>[\w-]+)\s*=\s*(?P<names>[^\s,]+(?:\s*,\s*[^\s,]+)*)(?P<rest>.*)")
_REASON = re.compile(r"\s+reason\s*:\s*(.+)")


@dataclass(frozen=True, slots=True)
class _Request:
    """A sound request, for findings that point into the half-open source range."""

    names: tuple[str, ...]
    reason: str
    by: str
    region: Region
    start: int
    end: int


class _Malformed(ValueError):
    """A request that cannot be read; says what is wrong with it."""


def names_of(ruleset: RuleSet) -> dict[str, frozenset[str]]:
    """What a configuration or a suppression may name, and the rules that each name stands for."""
    smells = [smell.id for smell in ruleset.smells]
    known = {rule: frozenset((rule,)) for rule in (*ruleset.rules, *smells, *(kind.value for kind in Kind if kind is not Kind.DESIGN))}
    known["smells"] = frozenset(smells)
    known["profiles"] = frozenset(ruleset.requirements)
    known |= {name: frozenset((name,)) for name in ruleset.requirements}
    for stage in ruleset.stage_titles:
        known[f"stage:{stage}"] = frozenset(rule for rule, home in ruleset.stage_of.items() if home == stage)
    return known


def suppress(
    ruleset: RuleSet, document: Document, front: FrontMatter, kind: Kind, found: tuple[Finding, ...], *, require_reason: bool
) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
    """The findings to report, with those about the requests themselves, and the findings that the document suppresses.

    Args:
        found: all findings of the document, most important first.
        require_reason: whether a request without a reason counts as malformed.
    """
    requests, notices = _requests(ruleset, document, front, require_reason)
    if not requests and not notices:
        return found, ()
    known = names_of(ruleset) | {finding.rule: frozenset((finding.rule,)) for finding in found}
    kept, suppressed = [], []
    used: set[tuple[int, str]] = set()
    for finding in found:
        using = [(request, name) for request in requests for name in request.names if _concerns(request, known.get(name, frozenset()), finding)]
        used.update((id(request), name) for request, name in using)
        if using:
            suppressed.append(Suppressed(finding, using[0][0].by, using[0][0].reason))
        else:
            kept.append(finding)
    for request in requests:
        for name in request.names:
            if name not in known:
                mend = nearest(name, known) or "mlsd-lint rules lists the names."
                notices.append(_notice(document, UNKNOWN, request.region, f"No rule is called '{name}'; {mend}"))
            elif (id(request), name) not in used and _judged(known[name], kind):
                notices.append(_notice(document, UNUSED, request.region, f"There is no finding of '{name}' here to suppress."))
    return in_order((*kept, *notices)), tuple(suppressed)


def _concerns(request: _Request, rules: frozenset[str], finding: Finding) -> bool:
    return finding.rule in rules and request.start <= finding.region.start < request.end


def _judged(rules: frozenset[str], kind: Kind) -> bool:
    """Whether rules have been asked at all: topics are asked of designs only."""
    return kind is Kind.DESIGN or kind.value in rules


def _notice(document: Document, rule: str, region: Region, message: str) -> Finding:
    return Finding(rule, NOTICES[rule], "warning", message, region, _HELP[rule], fingerprint=fingerprint(document, rule, (region,)))


def _requests(ruleset: RuleSet, document: Document, front: FrontMatter, require_reason: bool) -> tuple[list[_Request], list[Finding]]:
    """The sound requests of a document in reading order, and findings about the others."""
    requests: list[_Request] = []
    notices = list(_unknown_names(ruleset, document, front))
    for region, read in (*_front_matter(document, front), *_comments(document)):
        try:
            request = read()
            if require_reason and not request.reason:
                raise _Malformed("it gives no reason, which the configuration requires (require-reason); add 'reason: …'")
        except _Malformed as error:
            notices.append(_notice(document, MALFORMED, region, f"This suppression counts for nothing: {error}."))
        else:
            requests.append(request)
    return requests, notices


def _unknown_names(ruleset: RuleSet, document: Document, front: FrontMatter) -> Iterator[Finding]:
    """Findings about traits and profiles of the front matter that there are not."""
    traits, profiles = front.asked.traits, front.asked.profile or ()
    for key, names, known in (("traits", traits, ruleset.trait_names), ("profile", profiles, ruleset.profile_names)):
        for number, name in enumerate(names):
            if name.removeprefix("-") not in known:
                mend = nearest(name, known) or f"known are {', '.join(sorted(known))}"
                yield _notice(document, UNKNOWN, front.region((key, number)), f"The front matter names '{name}' under {key}, which there is not; {mend}")


# ---- comments


def _comments(document: Document) -> Iterator[tuple[Region, Callable[[], _Request]]]:
    for comment in document.comments:
        if _ADDRESSED.match(comment.text):
            region = document.region(comment.start, comment.end)
            yield region, partial(_from_comment, document, comment, region)


def _from_comment(document: Document, comment: Comment, region: Region) -> _Request:
    text = _LINE_START.sub(" ", comment.text).strip()
    if not comment.closed:
        raise _Malformed("the comment never ends; close it with '-->'")
    found = _REQUEST.fullmatch(text)
    if found is None:
        raise _Malformed(f"write '{_FORM[5:-4]}'")
    verb = found["verb"]
    if verb not in _VERBS:
        raise _Malformed(f"'{verb}' is none of {', '.join(_VERBS)}")
    reason = _REASON.fullmatch(found["rest"])
    if found["rest"].strip() and reason is None:
        raise _Malformed("only 'reason: …' may follow the names, which have commas between them")
    names = tuple(name.strip() for name in found["names"].split(","))
    start, end = _range(document, comment, verb)
    return _Request(names, " ".join(reason[1].split()) if reason else "", f"comment, line {region.line}", region, start, end)


def _range(document: Document, comment: Comment, verb: str) -> tuple[int, int]:
    """The half-open source range that a request is for."""
    if verb == "disable-section":
        return _section(document, comment.start)
    if verb == "disable-next":
        if comment.next is None:
            raise _Malformed("no block follows it; move it above the block that it is for")
        return comment.next
    return 0, len(document.source) + 1


def _section(document: Document, place: int) -> tuple[int, int]:
    """The section of the nearest heading above a place, with its sub-sections; before the first heading, what stands there."""
    start, level = 0, 0
    for block in document.blocks:
        if block.kind is not BlockKind.HEADING:
            continue
        at = block.spans[0].source
        if at > place and block.level <= (level or block.level):
            return start, at
        if at <= place:
            start, level = document.source.rfind("\n", 0, at) + 1, block.level
    return start, len(document.source) + 1


# ---- front matter


def _front_matter(document: Document, front: FrontMatter) -> Iterator[tuple[Region, Callable[[], _Request]]]:
    """The requests in the front matter; where one cannot be read, none counts."""
    for region, message in front.problems:
        yield region, partial(_refuse, message)
    for number, entry in enumerate(front.asked.disable):
        region = front.region(("disable", number))
        yield region, partial(_from_entry, document, entry, region)


def _refuse(message: str) -> _Request:
    raise _Malformed(message)


def _from_entry(document: Document, entry: Entry, region: Region) -> _Request:
    return _Request((entry.rule,), " ".join(entry.reason.split()), f"front matter, line {region.line}", region, 0, len(document.source) + 1)
