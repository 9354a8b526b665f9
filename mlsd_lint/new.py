"""A fresh design document for practice: a mock question, and the outline with its questions as comments."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mlsd_lint.fix import heading_for
from mlsd_lint.rule import Scenario
from mlsd_lint.ruleset import RuleSet

_WIDTH = 100
_HOW_TO = """\
Practice question of the profile {profile}; "mlsd-lint new {profile} --seed {seed}" writes it again.
Answer below the headings; say in a sentence why where something does not apply to this system.
"mlsd-lint coach FILE" asks what an interviewer would ask next, "mlsd-lint FILE" grades the answers."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of system, and what it asks beyond the topics.

    Attributes:
        name: as the command line has it.
        asks: one question for each requirement, in order.
    """

    name: str
    title: str
    asks: tuple[str, ...]


def choose(scenarios: tuple[Scenario, ...], seed: int) -> Scenario:
    """The scenario of a seed, of at least one; as many seeds in a row as there are scenarios give each of them once."""
    return scenarios[seed % len(scenarios)]


def design(rules: RuleSet, profile: Profile, scenario: Scenario, seed: int) -> str:
    """The text of a document that asks everything and answers nothing, with a final line end.

    Args:
        seed: what ``scenario`` was chosen by, 0 or more.
    """
    lines = [
        f"# {profile.title}: {scenario.title}", "", *_comment(_HOW_TO.format(profile=profile.name, seed=seed).splitlines()), "",
        "## The question", "", *_quoted(scenario),
    ]  # fmt: skip
    for file in rules.files:
        lines += ["", f"## {file.stage}. {file.title}"]
        for rule in file.rules:
            lines += ["", f"### {heading_for(rule)}", "", *_comment(_wrapped(rule.ask))]
    if profile.asks:
        lines += ["", f"## {max(rules.stage_titles) + 1}. {profile.title} in particular"]
        for ask in profile.asks:
            lines += ["", *_comment(_wrapped(ask))]
    return "\n".join(lines) + "\n"


def _quoted(scenario: Scenario) -> Iterator[str]:
    """The scenario as a quotation, so that it is seen to be no answer."""
    yield from (f"> {line}" for line in _wrapped(scenario.situation))
    yield ">"
    for number in scenario.numbers:
        first, *rest = _wrapped(number)
        yield from (f"> - {first}", *(f">   {line}" for line in rest))
    yield ">"
    yield from (f"> {line}" for line in _wrapped(f"At the end the interviewer adds: {scenario.twist}"))


def _comment(lines: Iterable[str]) -> list[str]:
    """Lines as an HTML comment, which no text of theirs can end."""
    first, *rest = (line.replace("-->", "\N{RIGHTWARDS ARROW}") for line in lines)
    return [f"<!-- {first}", *(f"     {line}" for line in rest[:-1]), f"     {rest[-1]} -->"] if rest else [f"<!-- {first} -->"]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), _WIDTH, break_long_words=False, break_on_hyphens=False)
