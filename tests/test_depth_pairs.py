"""A short precise design scores higher than a long text that names every term of the trade and decides nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mlsd_lint.linter import Linter

_DATA = Path(__file__).parent / "data" / "depth_pairs.yaml"
PAIRS: dict[str, dict[str, str]] = {pair["domain"]: pair for pair in yaml.safe_load(_DATA.read_text(encoding="utf-8"))}
LEAST_PAIRS = 20
WORDS = {"short": (60, 150), "stuffed": (150, 300)}


def word_count(text: str) -> int:
    return sum(any(c.isalnum() for c in word) for word in text.split())


def score(linter: Linter, text: str) -> float:
    return linter.lint(text.encode(), "design.md").scorecard.score


def test_there_are_enough_pairs_of_the_right_size() -> None:
    assert len(PAIRS) >= LEAST_PAIRS
    for domain, pair in PAIRS.items():
        for key, (least, most) in WORDS.items():
            assert least <= word_count(pair[key]) <= most, (domain, key, word_count(pair[key]))


@pytest.mark.parametrize("domain", PAIRS)
def test_the_precise_text_scores_higher(linter: Linter, domain: str) -> None:
    pair = PAIRS[domain]
    assert score(linter, pair["short"]) > score(linter, pair["stuffed"])
