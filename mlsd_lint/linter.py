"""The pipeline: parse, match, judge, score."""

from __future__ import annotations

from typing import NamedTuple

from mlsd_lint import judge, phrases
from mlsd_lint.evidence import EvidenceFinder
from mlsd_lint.kinds import find_kind
from mlsd_lint.markdown import parse
from mlsd_lint.matcher import Matcher
from mlsd_lint.model import DocumentReport, Kind
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.score import score
from mlsd_lint.smells import Judged, SmellFinder
from mlsd_lint.suppress import suppress
from mlsd_lint.traits import find_traits

# pieces of evidence per topic that can change its status or depth, or be shown
ENOUGH = 12


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

    def lint(self, data: bytes, path: str, *, require_reason: bool = False) -> DocumentReport:
        """Review one document.

        Args:
            data: the file's bytes.
            path: the file's name for the report, with forward slashes.
            require_reason: whether a suppression must give a reason to count.

        Raises:
            DocumentError: the bytes are not a readable document.
        """
        return self.examine(data, path, ENOUGH, require_reason=require_reason).report

    def examine(self, data: bytes, path: str, most: int | None = None, *, require_reason: bool = False) -> Examined:
        """Review one document and keep what led to the report, with all evidence or the best ``most`` pieces of each rule."""
        document = parse(data, path)
        matched = self.matcher.match(document)
        evidence = self.finder.find(matched, most)
        traits = find_traits(self.ruleset, self.matcher, matched)
        topics = judge.judge_topics(self.ruleset, evidence, traits)
        judged = Judged(matched, evidence, topics, traits)
        kind, reason = find_kind(self.ruleset, self.matcher, matched, topics)
        if kind is Kind.DESIGN:
            smells = self.smells.find(judged)
            found = judge.in_order((*judge.findings(self.ruleset, topics, document, traits), *smells))
        else:
            topics, traits, smells = judge.not_judged(topics, kind), (), ()
            found = (judge.kind_finding(document, kind, reason),)
        scorecard = score(self.ruleset, topics, smells)
        kept, suppressed = suppress(self.ruleset, document, kind, found, require_reason=require_reason)
        return Examined(DocumentReport(path, kind, reason, traits, scorecard, topics, kept, document.source, suppressed), judged)
