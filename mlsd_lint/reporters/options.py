"""What a reporter is told besides the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsd_lint.rule import Rule


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a reporter.

    Attributes:
        rules: the rules that were asked, by id; titles, questions and reasons are taken from them.
        digest: identifies the rule set, 12 hex digits.
        color: whether to use ANSI colours.
        explain_score: whether to show the arithmetic of the score.
        show_suppressed: whether to list the findings that are suppressed, which are always counted.
    """

    rules: Mapping[str, Rule]
    digest: str
    color: bool = False
    explain_score: bool = False
    show_suppressed: bool = False
