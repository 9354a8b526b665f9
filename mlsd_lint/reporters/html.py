"""One self-contained page: grades, topics and the documents themselves, marked in place."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any

from mlsd_lint import __version__
from mlsd_lint.model import DocumentReport, Evidence, Finding, Kind, Region, Report, StageScore, Status, TopicResult
from mlsd_lint.reporters.layout import clean, shorten
from mlsd_lint.reporters.marking import Drawing, Mark, draw
from mlsd_lint.reporters.options import Options

if TYPE_CHECKING:
    from jinja2 import Environment

_GAPS = 5
_BLIND_SPOTS = 6
_DEEPEST = 5
_QUOTED = 220
_FINDING = "finding"
_SYMBOLS = {"covered": "✓", "mentioned": "~", "missing": "✗", "not-applicable": "·", _FINDING: "!"}
_CALLED = {"covered": "Covered", "mentioned": "Mentioned", "missing": "Missing", "not-applicable": "Not asked", _FINDING: "Finding"}
_STANCES = {
    "asserted": "stated", "question": "only asked", "negated": "denied", "deferred": "put off", "placeholder": "a placeholder",
    "general": "about the field in general",
}  # fmt: skip


def render(report: Report, options: Options) -> str:
    """Render a report as one HTML file that loads nothing; with more than one document it opens with an index of them."""
    several = len(report.documents) + len(report.errors) > 1
    level = 2 if several else 1
    documents = [_DocumentPage(document, options, number, level) for number, document in enumerate(report.documents, 1)]
    style, script = _asset("page.css"), _asset("page.js")
    page = _environment().get_template("page.html.j2").render(
        documents=documents, errors=report.errors, several=several, level=level, index=_Index(documents, options), style=style, script=script,
        policy=_policy(style, script), version=__version__, digest=options.digest, symbols=_SYMBOLS, called=_CALLED, deepest=_DEEPEST,
    )  # fmt: skip
    return page + "\n"


def _environment() -> Environment:
    # pages are the only thing that needs Jinja, so other formats do not wait for it
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(loader=PackageLoader("mlsd_lint.reporters"), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)


def _safe(html: str) -> Any:
    """HTML of this package's own making, which is not escaped again."""
    from markupsafe import Markup

    return Markup(html)  # noqa: S704 - comes from marking.py, which escapes, or from a file of the package


def _asset(name: str) -> Any:
    return _safe(resources.files("mlsd_lint.reporters").joinpath("templates", name).read_text(encoding="utf-8").strip())


def _policy(style: str, script: str) -> str:
    """A content security policy under which nothing runs or loads but the style and the script of the page."""
    allowed = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (script, style))
    return "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'".format(*allowed)


@dataclass(slots=True)
class _Place:
    """A place to show: the words that stand there, and where a click leads."""

    quote: str
    line: int
    href: str = ""
    stance: str = ""


@dataclass(slots=True)
class _Note:
    """What a mark says when it is pointed at."""

    kind: str
    rule: str
    title: str
    stage: int
    told: tuple[str, ...]
    region: Region
    depth: int = 0
    level: str = ""


@dataclass(slots=True)
class _Gap:
    """A finding as it is listed."""

    finding: Finding
    question: str
    status: str
    place: _Place
    related: list[tuple[str, _Place]] = field(default_factory=list)


@dataclass(slots=True)
class _Topic:
    """A row of the topic table."""

    rule: str
    title: str
    ask: str
    status: str
    depth: int
    reason: str
    level: str
    places: list[_Place]


@dataclass(slots=True)
class _Stage:
    """A stage with the rows of its topics."""

    score: StageScore
    topics: list[_Topic]


class _DocumentPage:
    """What the page shows of one document."""

    def __init__(self, report: DocumentReport, options: Options, number: int, level: int) -> None:
        self.report, self.options = report, options
        self.prefix = f"d{number}-"
        self.graded = report.kind is Kind.DESIGN and report.scorecard.grade is not None
        self.path = clean(report.path)
        self.score = f"{report.scorecard.score:.1f}"
        self.grade = report.scorecard.grade or ""
        self.kind_sentence = " ".join(finding.message for finding in report.findings[:1]) or report.kind_reason
        self.traits = ", ".join(trait.title for trait in report.traits)
        self.arithmetic = report.scorecard.arithmetic if options.explain_score else ()
        self._topic_of = {topic.rule: topic for topic in report.topics}
        self._finding_of = {finding.rule: finding for finding in report.findings}
        self.notes = list(self._evidence_notes()) + list(self._finding_notes())
        marks = [Mark(note.region.start, note.region.end, note.kind) for note in self.notes]
        self._drawing: Drawing = draw(report.source, report.path, marks, self.prefix, level + 2)
        self._note_at = {(note.rule, note.region.start, note.region.end): number for number, note in reversed(list(enumerate(self.notes)))}

    @cached_property
    def drawing(self) -> Any:
        return _safe(self._drawing.html)

    @cached_property
    def counts(self) -> list[tuple[str, int]]:
        """How many topics have each status that occurs."""
        counted = Counter(topic.status.value for topic in self.report.topics)
        return [(status.value, counted[status.value]) for status in Status if counted[status.value]]

    @cached_property
    def marked(self) -> list[tuple[str, int]]:
        """How many notes there are of each kind that occurs."""
        counted = Counter(note.kind for note in self.notes)
        return [(kind, counted[kind]) for kind in _CALLED if counted[kind]]

    @cached_property
    def levels(self) -> str:
        """How many findings there are of each level, in words."""
        counted = Counter(finding.level for finding in self.report.findings)
        return ", ".join(f"{counted[level]} {level}{'s' * (counted[level] > 1)}" for level in ("error", "warning", "note") if counted[level])

    @cached_property
    def stages(self) -> list[_Stage]:
        return [_Stage(score, [self._row(topic) for topic in self.report.topics if topic.stage == score.stage]) for score in self.report.scorecard.stages]

    @cached_property
    def gaps(self) -> list[_Gap]:
        return [self._gap(finding) for finding in self.report.findings] if self.report.kind is Kind.DESIGN else []

    @property
    def first_gaps(self) -> list[_Gap]:
        return self.gaps[:_GAPS]

    @property
    def other_gaps(self) -> list[_Gap]:
        return self.gaps[_GAPS:]

    @cached_property
    def suppressed(self) -> list[tuple[_Gap, str, str]]:
        return [(self._gap(item.finding), item.by, item.reason) for item in self.report.suppressed]

    def topic(self, rule: str) -> TopicResult | None:
        """The result of a topic, or None where it was not asked."""
        return self._topic_of.get(rule)

    def _gap(self, finding: Finding) -> _Gap:
        rule, topic = self.options.rules.get(finding.rule), self._topic_of.get(finding.rule)
        if rule is None or topic is None:
            status, question = _FINDING, finding.message
        else:
            status, question = topic.status.value, rule.ask
        related = [(place.note, self._place(place.region, place.text, finding.rule)) for place in finding.related]
        return _Gap(finding, question, status, self._place(finding.region, self._cut(finding.region), finding.rule), related)

    def _row(self, topic: TopicResult) -> _Topic:
        rule, finding = self.options.rules.get(topic.rule), self._finding_of.get(topic.rule)
        places = [self._place(item.region, item.statement, topic.rule, item.stance.value) for item in topic.evidence]
        return _Topic(
            topic.rule, self._title(topic.rule), rule.ask if rule else "", topic.status.value, topic.depth, clean(topic.reason),
            finding.level if finding else "", places,
        )  # fmt: skip

    def _title(self, rule: str) -> str:
        known, finding = self.options.rules.get(rule), self._finding_of.get(rule)
        return known.title if known else finding.title if finding else rule

    def _cut(self, region: Region) -> str:
        return self.report.source[region.start : region.end]

    def _place(self, region: Region, words: str, rule: str, stance: str = "") -> _Place:
        return _Place(shorten(clean(words), _QUOTED), region.line, self._href(region, rule), _STANCES.get(stance, stance))

    def _href(self, region: Region, rule: str) -> str:
        """Where a place is seen: at its mark, else at its line or the last one before it."""
        note = self._note_at.get((rule, region.start, region.end))
        if note is not None and note in self._drawing.anchors:
            return f"#{self._drawing.anchors[note]}"
        line = self._drawing.line_before(region.line)
        return f"#{self.prefix}L{line}" if line is not None else f"#{self.prefix}document"

    def _evidence_notes(self) -> Iterator[_Note]:
        for topic in self.report.topics:
            finding = self._finding_of.get(topic.rule)
            for item in topic.evidence:
                yield _Note(
                    topic.status.value, topic.rule, self._title(topic.rule), topic.stage, tuple(self._told(topic, item)), item.region,
                    topic.depth, finding.level if finding else "",
                )  # fmt: skip

    def _told(self, topic: TopicResult, item: Evidence) -> Iterator[str]:
        if topic.status is not Status.COVERED:
            yield f"{topic.reason[:1].upper()}{topic.reason[1:]}."
        if item.rule != topic.rule:
            yield f"Follows from {self._title(item.rule)}."
        signs = ", ".join(f"{name} {weight:+.2f}" for name, weight in item.signs)
        yield f"{_STANCES.get(item.stance.value, item.stance.value).capitalize()}: {signs}." if signs else ""

    def _finding_notes(self) -> Iterator[_Note]:
        """Notes of the findings that no piece of evidence has shown already."""
        for finding in self.report.findings:
            topic = self._topic_of.get(finding.rule)
            stage = topic.stage if topic else 0
            if topic is None or topic.status is not Status.MENTIONED:
                kind = topic.status.value if topic else _FINDING
                yield _Note(kind, finding.rule, finding.title, stage, (finding.message, finding.help), finding.region, 0, finding.level)
            for place in finding.related:
                yield _Note(_FINDING, finding.rule, finding.title, stage, (place.note, finding.message), place.region, 0, finding.level)


@dataclass(slots=True)
class _BlindSpot:
    """A topic that documents leave open: how many of those that are asked miss it, and how many only mention it."""

    rule: str
    title: str
    ask: str
    asked: int
    missing: int
    mentioned: int


class _Index:
    """What is known of all documents together."""

    def __init__(self, documents: Sequence[_DocumentPage], options: Options) -> None:
        self.graded = [document for document in documents if document.graded]
        present = {topic.rule: topic.stage for document in self.graded for topic in document.report.topics}
        self.titles = {rule: options.rules[rule].title if rule in options.rules else rule for rule in present}
        self.stages = list(self._stages(present))
        spots = [self._spot(rule, options) for rule in present]
        left_open = [spot for spot in spots if spot.missing + spot.mentioned]
        # worst first: the share of designs that leave it open, then how openly they do
        self.blind_spots = sorted(left_open, key=lambda s: (-(s.missing + s.mentioned) / s.asked, -s.missing, -s.asked, s.title))[:_BLIND_SPOTS]

    def cell(self, document: _DocumentPage, rule: str) -> Mapping[str, Any]:
        """What the heat map shows of a topic: status, depth, and the value to sort by ("" is always last)."""
        topic = document.topic(rule)
        if topic is None or topic.status is Status.NOT_APPLICABLE:
            return {"status": Status.NOT_APPLICABLE.value, "depth": 0, "value": ""}
        value = {Status.MISSING: 0, Status.MENTIONED: 1}.get(topic.status, 1 + topic.depth)
        return {"status": topic.status.value, "depth": topic.depth, "value": value}

    def _stages(self, present: Mapping[str, int]) -> Iterator[tuple[int, str, list[str]]]:
        titles = {stage.stage: stage.title for document in self.graded for stage in document.report.scorecard.stages}
        for number in sorted(set(present.values())):
            yield number, titles.get(number, ""), [rule for rule, stage in present.items() if stage == number]

    def _spot(self, rule: str, options: Options) -> _BlindSpot:
        counted = Counter(topic.status for document in self.graded if (topic := document.topic(rule)))
        asked = sum(counted.values()) - counted[Status.NOT_APPLICABLE]
        known = options.rules.get(rule)
        return _BlindSpot(rule, self.titles[rule], known.ask if known else "", asked, counted[Status.MISSING], counted[Status.MENTIONED])
