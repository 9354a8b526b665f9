"""What a reporter is told besides the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mlsd_lint.rule import Rule


class SmellText(Protocol):
    """What a reporter reads of a smell."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def mend(self) -> str: ...
    @property
    def references(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of a reporter.

    Attributes:
        rules: the rules that were asked, by id; titles, questions and reasons are taken from them.
        digest: identifies the rule set, 12 hex digits.
        color: whether to use ANSI colours.
        explain_score: whether to show the arithmetic of the score.
        show_suppressed: whether to list the findings that are suppressed, which are always counted.
        smells: the smells that were looked for, by id.
        here: the absolute folder that relative paths of documents count from, with forward slashes; "" where it is not known.
        root: the absolute folder of the checkout that forges count paths from, with forward slashes; "" where it is not known.
    """

    rules: Mapping[str, Rule]
    digest: str
    color: bool = False
    explain_score: bool = False
    show_suppressed: bool = False
    smells: Mapping[str, SmellText] = field(default_factory=dict)
    here: str = ""
    root: str = ""
