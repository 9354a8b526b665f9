"""What a document itself asks not to report, in comments and front matter, and what is wrong with such requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mlsd_lint.errors import nearest
from mlsd_lint.fingerprint import fingerprint
from mlsd_lint.judge import in_order
from mlsd_lint.model import BlockKind, Comment, Document, Finding, Kind, Region, Suppressed
from mlsd_lint.ruleset import RuleSet, YamlError, read_yaml
from mlsd_lint.toml import TomlError, TomlFile

UNUSED, UNKNOWN, MALFORMED = "unused-suppression", "unknown-suppression", "malformed-suppression"
NOTICES = {UNUSED: "Unused suppression", UNKNOWN: "Unknown name in a suppression", MALFORMED: "Malformed suppression"}

_KEY = "mlsd-lint"
_FORM = "<!-- mlsd-lint disable=RULE reason: … -->"
_VERBS = ("disable", "disable-document", "disable-section", "disable-next")
_HELP = {
    UNUSED: "A suppression that nothing needs any more would hide the next finding of that rule. Remove it, or the name.",
    UNKNOWN: "A name that no rule bears suppresses nothing. mlsd-lint rules lists the names.",
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


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    rule: Annotated[str, Field(min_length=1)]
    reason: str = ""


def _as_entry(value: object) -> object:
    return {"rule": value} if isinstance(value, str) else value


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    disable: tuple[Annotated[_Entry, BeforeValidator(_as_entry)], ...]


def names_of(ruleset: RuleSet) -> dict[str, frozenset[str]]:
    """What a configuration or a suppression may name, and the rules that each name stands for."""
    smells = [smell.id for smell in ruleset.smells]
    known = {rule: frozenset((rule,)) for rule in (*ruleset.rules, *smells, *(kind.value for kind in Kind if kind is not Kind.DESIGN))}
    known["smells"] = frozenset(smells)
    for stage in ruleset.stage_titles:
        known[f"stage:{stage}"] = frozenset(rule for rule, home in ruleset.stage_of.items() if home == stage)
    return known


def suppress(
    ruleset: RuleSet, document: Document, kind: Kind, found: tuple[Finding, ...], *, require_reason: bool
) -> tuple[tuple[Finding, ...], tuple[Suppressed, ...]]:
    """The findings to report, with those about the requests themselves, and the findings that the document suppresses.

    Args:
        found: all findings of the document, most important first.
        require_reason: whether a request without a reason counts as malformed.
    """
    requests, notices = _requests(document, require_reason)
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


def _requests(document: Document, require_reason: bool) -> tuple[list[_Request], list[Finding]]:
    """The sound requests of a document in reading order, and findings about the others."""
    requests: list[_Request] = []
    notices: list[Finding] = []
    for region, read in (*_front_matter(document), *_comments(document)):
        try:
            request = read()
            if require_reason and not request.reason:
                raise _Malformed("it gives no reason, which the configuration requires (require-reason); add 'reason: …'")
        except _Malformed as error:
            notices.append(_notice(document, MALFORMED, region, f"This suppression counts for nothing: {error}."))
        else:
            requests.append(request)
    return requests, notices


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


def _front_matter(document: Document) -> Iterator[tuple[Region, Callable[[], _Request]]]:
    """The requests in the front matter; where one cannot be read, none counts."""
    if _KEY not in document.front_matter:
        return
    text = "\n".join(["", *document.front_matter.rstrip("\r\n").split("\n")[1:-1]])
    try:
        data, line = _toml(text) if document.front_matter.startswith("+++") else read_yaml(text)
    except (YamlError, TomlError) as error:
        yield document.line_region(error.line), partial(_refuse, error.message)
        return
    if not isinstance(data, dict) or _KEY not in data:
        return
    try:
        asked = _FrontMatter.model_validate(data[_KEY])
    except ValidationError as error:
        entries = error.errors()
        misspelt = [entry for entry in entries if entry["type"] == "extra_forbidden"]
        for entry in misspelt or entries:
            yield document.line_region(line((_KEY, *entry["loc"]))), partial(_refuse, _told(dict(entry)))
        return
    for number, wanted in enumerate(asked.disable):
        region = document.line_region(line((_KEY, "disable", number)))
        yield region, partial(_from_entry, document, wanted, region)


def _toml(text: str) -> tuple[Any, Callable[[tuple[int | str, ...]], int]]:
    file = TomlFile(text)
    return file.data, file.line


def _refuse(message: str) -> _Request:
    raise _Malformed(message)


def _from_entry(document: Document, entry: _Entry, region: Region) -> _Request:
    return _Request((entry.rule,), " ".join(entry.reason.split()), f"front matter, line {region.line}", region, 0, len(document.source) + 1)


def _told(error: dict[str, Any]) -> str:
    """What is wrong with the shape of the front matter's entry."""
    place = ".".join(str(step) for step in (_KEY, *error["loc"]) if isinstance(step, str))
    if error["type"] == "extra_forbidden":
        return f"unknown key '{place}'; the form is {_KEY}: {{disable: [{{rule: …, reason: …}}]}}"
    return f"'{place}' cannot be read; the form is {_KEY}: {{disable: [{{rule: …, reason: …}}]}}"
