"""The report for people: the grade, the most important gaps, a bar per stage, and every topic with the line that shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mlsd_lint.model import DocumentReport, Finding, Kind, Region, Report, RequirementResult, StageScore, Status, Suppressed, TopicResult
from mlsd_lint.reporters.findings import count_levels
from mlsd_lint.reporters.layout import WIDTH, Pen, clean, columns, excerpt, pad, quote, shorten, unmarked, wrap
from mlsd_lint.reporters.options import Options

_GAPS = 5
_LONGEST_BAR = 20
_DEEPEST = 5
_WIDEST_NAME = 22
_SYMBOLS = {Status.COVERED: "✓", Status.MENTIONED: "~", Status.MISSING: "✗", Status.NOT_APPLICABLE: "·"}
_COLORS = {Status.COVERED: "green", Status.MENTIONED: "yellow", Status.MISSING: "red", Status.NOT_APPLICABLE: None}
_COUNTED_AS = {Status.COVERED: "covered", Status.MENTIONED: "mentioned", Status.MISSING: "missing", Status.NOT_APPLICABLE: "not asked"}
_GRADE_COLORS = {"A": "green", "B": "green", "C": "yellow", "D": "yellow"}
_LEVEL_COLORS = {"error": "red", "warning": "yellow", "note": "blue"}
_KINDS = {
    Kind.TEMPLATE: "This is a template that nobody has filled in.",
    Kind.NOT_ML: "This is not the design of a machine-learning system.",
    Kind.LANGUAGE: "This is not written in English, the only language that the rules know.",
}


def render(report: Report, options: Options) -> str:
    """Render a report in at most 80 columns (long paths excepted); empty where no document could be read."""
    if not report.documents:
        return ""
    page = _Page(options)
    parts = [page.document(document) for document in report.documents]
    if len(parts) + len(report.errors) > 1:
        parts = [[*part, "", page.rule()] for part in parts] + [page.summary(report)]
    if any(document.kind is Kind.DESIGN for document in report.documents):
        parts.append(page.legend())
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


class _Page:
    """Turns each part of a report into lines."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.pen = Pen(options.color)
        self.name_width = min(_WIDEST_NAME, max((len(rule) for rule in options.rules), default=0))
        self.indent = 4 + self.name_width + 1

    # ---- one document

    def document(self, document: DocumentReport) -> list[str]:
        if document.kind is not Kind.DESIGN:
            return [*self._title(document), *wrap(_kind_sentence(document)), *self._notices(document), *self._suppressed(document)]
        weak = [finding for finding in document.findings if self._is_weak_spot(finding)]
        gaps = [finding for finding in document.findings if finding.rule in self.options.rules and finding not in weak]
        numbers = {finding.rule: number for number, finding in enumerate(gaps[:_GAPS], 1)}
        suppressed = {entry.finding.rule: entry for entry in document.suppressed}
        lines = [*self._header(document), "", *self._gaps(document, gaps)]
        if weak:
            lines += ["", *self._weak_spots(document, weak)]
        lines += [*self._profiles(document), *self._notices(document), *self._suppressed(document), "", *self._bars(document.scorecard.stages)]
        if self.options.explain_score:
            lines += ["", *self._arithmetic(document)]
        for stage in document.scorecard.stages:
            topics = [topic for topic in document.topics if topic.stage == stage.stage]
            lines += ["", *self._stage(stage, topics, {finding.rule: finding for finding in gaps}, suppressed, numbers)]
        return lines

    def _profiles(self, document: DocumentReport) -> Iterator[str]:
        """What each profile asks beyond the topics: how much of it is said, what is not, and where the rest stands."""
        levels = {finding.rule: finding.level for finding in document.findings}
        for profile in dict.fromkeys(result.profile for result in document.requirements):
            results = [result for result in document.requirements if result.profile == profile]
            said = sum(result.met for result in results)
            yield from ("", f"{self.pen(f'Asked of this kind: {profile}', bold=True)}: {said} of {len(results)} said")
            for result in sorted(results, key=lambda result: result.met):
                yield from self._requirement(result, levels.get(result.rule))

    def _requirement(self, result: RequirementResult, level: str | None) -> Iterator[str]:
        status = Status.COVERED if result.met else Status.MISSING
        name = f"  {self.pen(_SYMBOLS[status], _COLORS[status])} {pad(result.rule.partition('/')[2], self.name_width)} "
        room = WIDTH - self.indent
        if result.place is not None:
            where = f"line {result.place.region.line:<3} "
            yield name + where + quote(unmarked(clean(result.place.text)), room - columns(where))
        elif result.met or level is None:
            yield f"{name}{'said' if result.met else 'suppressed'}"
        else:
            first, *rest = self._levelled(level, result.ask, room)
            yield from (name + first, *(" " * self.indent + line for line in rest))

    def _notices(self, document: DocumentReport) -> Iterator[str]:
        """The findings that are about no topic, such as a suppression that nothing needs."""
        known = {*self.options.rules, document.kind.value, *(result.rule for result in document.requirements)}
        notices = [finding for finding in document.findings if finding.rule not in known and not self._is_weak_spot(finding)]
        if notices:
            yield from ("", f"{self.pen('Other findings', bold=True)}: {count_levels(notices)}")
        for finding in notices:
            yield self._named(f"line {finding.line}: ", finding.title, finding)
            yield from wrap(clean(finding.message), 5)

    def _is_weak_spot(self, finding: Finding) -> bool:
        return bool(finding.related) or finding.rule in self.options.smells

    def _suppressed(self, document: DocumentReport) -> Iterator[str]:
        """How many findings are suppressed, and each of them where that is asked for."""
        if not document.suppressed:
            return
        yield ""
        counts = Counter(entry.by.partition(",")[0] for entry in document.suppressed)
        told = ", ".join(f"{count} by {by}" for by, count in sorted(counts.items()))
        yield f"{self.pen('Suppressed', bold=True)}: {told}{'' if self.options.show_suppressed else ' (--show-suppressed lists them)'}"
        for entry in document.suppressed if self.options.show_suppressed else ():
            finding = entry.finding
            yield self._named("", finding.title, finding)
            yield from wrap(clean(f"{entry.by}{': ' if entry.reason else ''}{entry.reason}"), 5)

    def _title(self, document: DocumentReport) -> list[str]:
        return self._spread(self.pen(clean(document.path), bold=True), self._grade(document)).splitlines()

    def _spread(self, left: str, right: str) -> str:
        """Two texts at the two ends of a line, or on two lines where one is too short."""
        space = WIDTH - columns(left) - columns(right)
        return left + (" " * space if space > 1 else "\n") + right

    def _header(self, document: DocumentReport) -> list[str]:
        counts = Counter(topic.status for topic in document.topics)
        counted = (self.pen(f"{_SYMBOLS[status]} {counts[status]} {name}", _COLORS[status]) for status, name in _COUNTED_AS.items() if counts[status])
        traits = ", ".join(f"{trait.title} ({trait.where})" for trait in document.traits)
        rubric = [self.pen(f"rubric: {document.rubric}", dim=True)] if document.rubric else []
        return [*self._title(document), "   ".join((*counted, *rubric)), *wrap(f"Traits: {traits}" if traits else "")]

    def _grade(self, document: DocumentReport) -> str:
        if document.scorecard.grade is None:
            return self.pen("not graded", dim=True)
        return f"{self._letter(document)}  {document.scorecard.score:.1f}/100"

    def _letter(self, document: DocumentReport) -> str:
        letter = document.scorecard.grade or "-"
        return self.pen(letter, _GRADE_COLORS.get(letter, "red"), bold=True)

    def _gaps(self, document: DocumentReport, gaps: list[Finding]) -> list[str]:
        if not gaps and any(entry.finding.rule in self.options.rules for entry in document.suppressed):
            return [self.pen("No gaps but those that are suppressed.", "green")]
        if not gaps:
            return [self.pen("No gaps: every topic that is asked is covered.", "green")]
        topics = {topic.rule: topic for topic in document.topics}
        title = "Gaps" if len(gaps) <= _GAPS else f"Most important gaps ({_GAPS} of {len(gaps)})"
        lines = [f"{self.pen(title, bold=True)}: {count_levels(gaps)}"]
        for number, gap in enumerate(gaps[:_GAPS], 1):
            rule, topic = self.options.rules[gap.rule], topics[gap.rule]
            lines.append(self._named(f"{number}. ", rule.title, gap))
            if topic.status is Status.MENTIONED:
                lines += wrap(f"Only mentioned, line {gap.line}: {clean(topic.reason)}", 5)
            lines += [*wrap(rule.ask, 5), *self._dim(wrap(rule.why, 5))]
        return lines

    def _named(self, lead: str, title: str, finding: Finding) -> str:
        """A title at the left end of a line, the level and the rule at the right."""
        return self._spread(f"  {lead}{self.pen(title, bold=True)}", f"{self._level(finding.level)}  {self.pen(finding.rule, dim=True)}")

    def _weak_spots(self, document: DocumentReport, weak: list[Finding]) -> Iterator[str]:
        """Findings of places that are there, and weak: each with all places that it rests on."""
        yield f"{self.pen('Weak spots', bold=True)}: {count_levels(weak)}"
        for number, finding in enumerate(weak, 1):
            title = self.pen(clean(finding.title), bold=True)
            yield from self._spread(f"  {number}. {title}", f"{self._level(finding.level)}  {self.pen(clean(finding.rule), dim=True)}").splitlines()
            yield from (shorten(line, WIDTH) for line in wrap(clean(finding.message), 5))
            yield _quoted(finding.region, document.source[finding.region.start : finding.region.end], "")
            for place in finding.related:
                yield _quoted(place.region, place.text, clean(place.note))
            yield from self._dim(wrap(clean(finding.help), 5))

    def _level(self, level: str) -> str:
        return self.pen(level, _LEVEL_COLORS[level])

    def _dim(self, lines: list[str]) -> list[str]:
        return [self.pen(line, dim=True) for line in lines]

    # ---- stages

    def _bars(self, stages: tuple[StageScore, ...]) -> Iterator[str]:
        title_width = max((columns(stage.title) for stage in stages), default=0)
        length = max(8, min(_LONGEST_BAR, WIDTH - title_width - 17))
        for stage in stages:
            label = f"{stage.stage:>2} {pad(stage.title, title_width)}"
            if stage.score is None:
                yield f"{label} {self.pen('not asked', dim=True)}"
                continue
            full = round(stage.score / 100 * length)
            bar = self.pen("█" * full, _GRADE_COLORS.get(stage.grade or "", "red")) + self.pen("░" * (length - full), dim=True)
            yield f"{label} {bar} {stage.score:>5.1f} {f'{stage.covered}/{stage.applicable}':>5}"

    def _arithmetic(self, document: DocumentReport) -> Iterator[str]:
        yield self.pen("How the score came about", bold=True)
        for line in document.scorecard.arithmetic:
            yield from wrap(line, 2)

    def _stage(
        self, stage: StageScore, topics: list[TopicResult], findings: dict[str, Finding], suppressed: dict[str, Suppressed], numbers: dict[str, int]
    ) -> Iterator[str]:
        yield self.pen(f"{stage.stage}  {stage.title}", bold=True)
        for status in _SYMBOLS:
            for topic in topics:
                if topic.status is status:
                    yield from self._topic(topic, findings.get(topic.rule), suppressed, numbers.get(topic.rule))

    def _topic(self, topic: TopicResult, finding: Finding | None, suppressed: dict[str, Suppressed], number: int | None) -> Iterator[str]:
        told = list(self._told(topic, finding, suppressed, number)) or [""]
        yield f"  {self.pen(_SYMBOLS[topic.status], _COLORS[topic.status])} {pad(topic.rule, self.name_width)} {told[0]}".rstrip()
        for line in told[1:]:
            yield " " * self.indent + line

    def _told(self, topic: TopicResult, finding: Finding | None, suppressed: dict[str, Suppressed], number: int | None) -> Iterator[str]:
        """What stands beside a topic's name."""
        room = WIDTH - self.indent - max(0, len(topic.rule) - self.name_width)
        if topic.status is Status.COVERED:
            dots = self.pen("●" * topic.depth, "green") + self.pen("○" * (_DEEPEST - topic.depth), dim=True)
            yield f"{pad(_place(topic, room - _DEEPEST - 1), room - _DEEPEST)}{dots}"
            return
        if topic.status is Status.NOT_APPLICABLE:
            yield from self._dim(wrap(clean(topic.reason), width=room))
            return
        if topic.rule in suppressed:
            entry = suppressed[topic.rule]
            yield from self._dim(wrap(clean(f"suppressed, {entry.by}{': ' if entry.reason else ''}{entry.reason}"), width=room))
            return
        rule = self.options.rules[topic.rule]
        level = finding.level if finding else rule.level
        if topic.status is Status.MENTIONED:
            yield from self._levelled(level, clean(topic.reason), room)
            yield _place(topic, room)
            return
        if number is not None:
            yield f"{self._level(level)}: see gap {number} above"
            return
        yield from self._levelled(level, rule.ask, room)
        yield from self._dim(wrap(rule.why, width=room))

    def _levelled(self, level: str, text: str, room: int) -> Iterator[str]:
        first, *rest = wrap(f"{level}: {text}", width=room)
        yield first.replace(level, self._level(level), 1)
        yield from rest

    # ---- after a document, and after all of them

    def rule(self) -> str:
        """A line between documents."""
        return self.pen("─" * WIDTH, dim=True)

    def summary(self, report: Report) -> list[str]:
        """One line per document."""
        lines = [self.pen("Summary", bold=True)]
        paths = [*(document.path for document in report.documents), *(error.path for error in report.errors)]
        width = min(WIDTH - 35, max(columns(clean(path)) for path in paths))
        for document in report.documents:
            name = pad(clean(document.path), width)
            if document.scorecard.grade is None:
                lines.append(f"  -         {name}  {self.pen(document.kind.value, dim=True)}")
                continue
            lines.append(f"  {self._letter(document)}  {document.scorecard.score:>5.1f}  {name}  {count_levels(document.findings) or 'no gaps'}")
        for error in report.errors:
            lines.append(f"  {self.pen('!', 'red', bold=True)}         {pad(clean(error.path), width)}  could not be read")
        return lines

    def legend(self) -> list[str]:
        """What the signs mean and where to go on from here."""
        dots = "●" * _DEEPEST
        return self._dim([
            f"{dots} how far a topic is worked out, from a bare statement to its operation",
            "mlsd-lint explain RULE   what is asked, and why",
            "mlsd-lint why RULE FILE  what was seen, and how the status came about",
        ])  # fmt: skip


def _kind_sentence(document: DocumentReport) -> str:
    told = next((finding.message for finding in document.findings if finding.rule == document.kind.value), None)
    if told:
        return clean(told)
    return " ".join(filter(None, (_KINDS[document.kind], clean(document.kind_reason))))


def _quoted(region: Region, text: str, note: str) -> str:
    """A line with a place of a finding: where it is, what it shows and what it says."""
    where = f"     line {region.line:<3} "
    if not text.strip():
        return where + shorten(note, WIDTH - columns(where)) if note else where.rstrip()
    if note:
        where += f"{shorten(note, WIDTH // 2 - columns(where))}: "
    return where + quote(unmarked(text), WIDTH - columns(where))


def _place(topic: TopicResult, room: int) -> str:
    """The line that shows a topic, with a short quotation."""
    if not topic.evidence:
        return shorten(clean(topic.reason), room)
    best = topic.evidence[0]
    where = f"line {best.region.line:<3} "
    return where + quote(excerpt(best.statement, best.text, room - columns(where) - 2), room - columns(where))
