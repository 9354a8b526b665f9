"""A defect put into a sound design is found, nothing else is, and the sound designs have none."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from conftest import FIXTURES

from mlsd_lint.linter import Linter
from mlsd_lint.markdown import parse
from mlsd_lint.model import BlockKind

_DATA = Path(__file__).parent / "data" / "defects.yaml"
SOUND = ("fraud-detection", "recommendation", "search-ranking", "nlp-pipeline", "rag-assistant", "nightly-forecast", "rejects-bad-practice")
LEAST_KINDS = 25
LEAST_DETECTED = 0.9
MOST_UNRELATED = 0.2


@dataclass(frozen=True)
class Injection:
    """One defect in one design: edits ``{drop: regex}``, ``{change: old, to: new}`` or ``{put: text, under: heading}``."""

    kind: str
    design: str
    edits: tuple[dict[str, str], ...]


def injections() -> list[Injection]:
    kinds = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return [Injection(kind["smell"], design, tuple(edits)) for kind in kinds for design, edits in kind["designs"].items()]


def text_of(design: str) -> str:
    return (FIXTURES / f"{design}.md").read_text(encoding="utf-8")


def smells_in(linter: Linter, text: str) -> set[str]:
    known = {smell.id for smell in linter.ruleset.smells}
    return {finding.rule for finding in linter.lint(text.encode(), "design.md").findings if finding.rule in known}


# ---- putting a defect in


def with_defect(linter: Linter, text: str, edits: tuple[dict[str, str], ...]) -> str:
    for edit in edits:
        if "drop" in edit:
            text = _without(linter, text, edit["drop"])
        elif "change" in edit:
            assert text.count(edit["change"]) == 1, f"{edit['change']!r} stands {text.count(edit['change'])} times in the design"
            text = text.replace(edit["change"], edit["to"])
        else:
            text = _with_paragraph(text, edit["put"], edit["under"])
    return text


def _without(linter: Linter, text: str, pattern: str) -> str:
    """The text without the statements (sentences, items, rows) in which a pattern occurs; at least one must."""
    matched = linter.matcher.match(parse(text.encode(), "design.md"))
    ranges = []
    for unit in matched.units:
        block, words = matched.document.blocks[unit.block], matched.blocks[unit.block]
        start, end = block.source_range(words.starts[unit.start], words.ends[unit.end - 1])
        if block.kind in (BlockKind.HEADING, BlockKind.HEADER) or not re.search(pattern, text[start:end], re.IGNORECASE):
            continue
        if block.kind in (BlockKind.ROW, BlockKind.ITEM) and not words.starts[unit.end :] and unit.start == 0:
            start, end = text.rfind("\n", 0, start) + 1, (text.find("\n", end) + 1) or len(text)
        ranges.append((start, end))
    assert ranges, f"nothing in the design matches {pattern!r}"
    for start, end in sorted(ranges, reverse=True):
        text = text[:start] + text[end:]
    return text


def _with_paragraph(text: str, paragraph: str, heading: str) -> str:
    """The text with a paragraph at the end of the section under the first heading that a pattern matches."""
    headings = list(re.finditer(r"(?m)^#{1,6} .*$", text))
    at = next((n for n, found in enumerate(headings) if re.search(heading, found.group(), re.IGNORECASE)), None)
    assert at is not None, f"no heading of the design matches {heading!r}"
    end = headings[at + 1].start() if at + 1 < len(headings) else len(text)
    return f"{text[:end].rstrip()}\n\n{paragraph.strip()}\n\n{text[end:]}"


# ---- the tests


@pytest.mark.parametrize("design", SOUND)
def test_a_sound_design_has_no_smell(linter: Linter, design: str) -> None:
    assert not smells_in(linter, text_of(design))


def test_there_are_enough_kinds_of_defect_and_each_is_a_smell(linter: Linter) -> None:
    kinds = {injection.kind for injection in injections()}
    assert len(kinds) >= LEAST_KINDS
    assert kinds <= {smell.id for smell in linter.ruleset.smells}


def test_defects_are_found_and_little_else_is(linter: Linter) -> None:
    detected: dict[str, list[bool]] = defaultdict(list)
    unrelated: dict[str, list[str]] = defaultdict(list)
    for injection in injections():
        found = smells_in(linter, with_defect(linter, text_of(injection.design), injection.edits))
        detected[injection.kind].append(injection.kind in found)
        unrelated[injection.kind] += [f"{injection.design}: {smell}" for smell in found - {injection.kind}]
    count = sum(map(len, detected.values()))
    rate, noise = sum(map(sum, detected.values())) / count, sum(map(len, unrelated.values())) / count
    for kind, results in sorted(detected.items()):
        print(f"{kind:32} found {sum(results)}/{len(results)}  unrelated {len(unrelated[kind])} {unrelated[kind]}")
    print(f"injections {count}  kinds {len(detected)}  detection {rate:.3f}  unrelated per injection {noise:.3f}")
    assert rate >= LEAST_DETECTED
    assert noise <= MOST_UNRELATED
