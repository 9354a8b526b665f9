"""What several reporters ask of findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mlsd_lint.model import Finding
from mlsd_lint.reporters.options import Options

LEVELS = ("error", "warning", "note")


def count_levels(findings: Iterable[Finding]) -> str:
    """How many findings there are of each level, as in "2 errors, 1 note"; empty where there are none."""
    counts = Counter(finding.level for finding in findings)
    return ", ".join(f"{counts[level]} {level}{'s' * (counts[level] > 1)}" for level in LEVELS if counts[level])


def is_weak_spot(finding: Finding, options: Options) -> bool:
    """Whether a finding is about what the document says, not about a topic that it leaves out."""
    return bool(finding.related) or finding.rule not in options.rules


def related_places(finding: Finding) -> list[str]:
    """The further places of a finding, each as "line 7: says the opposite: “never retrained”"."""
    return [": ".join(filter(None, (f"line {place.region.line}", place.note, place.text and f"“{place.text}”"))) for place in finding.related]
