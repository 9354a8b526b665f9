"""The pipeline: parse, match, judge, score."""

from __future__ import annotations

from mlsd_lint import judge, phrases
from mlsd_lint.evidence import EvidenceFinder
from mlsd_lint.kinds import find_kind
from mlsd_lint.markdown import parse
from mlsd_lint.matcher import Matcher
from mlsd_lint.model import DocumentReport, Evidence, Kind
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.score import score
from mlsd_lint.smells import SmellFinder
from mlsd_lint.suppress import suppress
from mlsd_lint.traits import find_traits

# pieces of evidence per topic that can change its status or depth, or be shown
_ENOUGH = 12


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
        report, _ = self.examine(data, path, _ENOUGH, require_reason=require_reason)
        return report

    def examine(
        self, data: bytes, path: str, most: int | None = None, *, require_reason: bool = False
    ) -> tuple[DocumentReport, dict[str, list[Evidence]]]:
        """Review one document and keep its evidence by rule, all of it or the best ``most`` of each rule."""
        document = parse(data, path)
        matched = self.matcher.match(document)
        evidence = self.finder.find(matched, most)
        traits = find_traits(self.ruleset, self.matcher, matched)
        topics = judge.judge_topics(self.ruleset, evidence, traits)
        kind, reason = find_kind(self.ruleset, self.matcher, matched, topics)
        if kind is Kind.DESIGN:
            smells = self.smells.find(matched, evidence, topics, traits)
            found = judge.in_order((*judge.findings(self.ruleset, topics, document, traits), *smells))
        else:
            topics, traits, smells = judge.not_judged(topics, kind), (), ()
            found = (judge.kind_finding(document, kind, reason),)
        scorecard = score(self.ruleset, topics, smells)
        kept, suppressed = suppress(self.ruleset, document, kind, found, require_reason=require_reason)
        return DocumentReport(path, kind, reason, traits, scorecard, topics, kept, document.source, suppressed), evidence
