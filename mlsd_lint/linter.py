"""The pipeline: parse, match, judge, score."""

from __future__ import annotations

from typing import NamedTuple

from mlsd_lint import front_matter, judge, phrases, profiles
from mlsd_lint.evidence import EvidenceFinder
from mlsd_lint.kinds import find_kind
from mlsd_lint.markdown import parse
from mlsd_lint.matcher import Matcher
from mlsd_lint.model import DocumentReport, Judging, Kind
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.score import score
from mlsd_lint.smells import Judged, SmellFinder
from mlsd_lint.suppress import suppress
from mlsd_lint.traits import find_traits

# pieces of evidence per topic that can change its status or depth, or be shown
ENOUGH = 12
_DEFAULT = Judging()


class Examined(NamedTuple):
    """A report and what led to it: ``judged`` has all topics and traits, even of a document that is reported as no design."""

    report: DocumentReport
    judged: Judged


class Linter:
    """Reviews documents against one rule set, compiled once."""

    def __init__(self, ruleset: RuleSet) -> None:
        """Raises RuleFileError where a rule can never match."""
        self.ruleset = ruleset
        self.matcher = Matcher(phrases.tables(ruleset))
        self.finder = EvidenceFinder(self.matcher, ruleset)
        self.smells = SmellFinder(self.matcher, ruleset)

    def lint(self, data: bytes, path: str, judging: Judging = _DEFAULT) -> DocumentReport:
        """Review one document.

        Args:
            data: the file's bytes.
            path: the file's name for the report, with forward slashes.
            judging: what the repository sets; the document's front matter adds to it.

        Raises:
            DocumentError: the bytes are not a readable document.
        """
        return self.examine(data, path, ENOUGH, judging).report

    def examine(self, data: bytes, path: str, most: int | None = None, judging: Judging = _DEFAULT) -> Examined:
        """Review one document and keep what led to the report, with all evidence or the best ``most`` pieces of each rule."""
        asked = self.ruleset.for_rubric(judging.rubric)
        document = parse(data, path)
        front = front_matter.read(document)
        matched = self.matcher.match(document)
        evidence = self.finder.find(matched, most)
        traits = find_traits(self.ruleset, self.matcher, matched, (*judging.traits, *front.asked.traits))
        topics = judge.judge_topics(asked, evidence, traits)
        judged = Judged(matched, evidence, topics, traits)
        kind, reason = find_kind(self.ruleset, self.matcher, matched, topics)
        if kind is Kind.DESIGN:
            reading = self.smells.reading(judged)
            smells = self.smells.find_in(reading)
            named = judging.profiles if front.asked.profile is None else front.asked.profile
            requirements = profiles.judge(profiles.chosen(self.ruleset, traits, named), self.smells, reading)
            unmet = profiles.findings(self.ruleset, requirements, document)
            found = judge.in_order((*judge.findings(asked, topics, document, traits), *smells, *unmet))
        else:
            topics, traits, smells, requirements = judge.not_judged(topics, kind), (), (), ()
            found = (judge.kind_finding(document, kind, reason),)
        scorecard = score(asked, topics, smells)
        kept, suppressed = suppress(self.ruleset, document, front, kind, found, require_reason=judging.require_reason)
        report = DocumentReport(path, kind, reason, traits, scorecard, topics, kept, document.source, suppressed, asked.rubric, requirements)
        return Examined(report, judged)
