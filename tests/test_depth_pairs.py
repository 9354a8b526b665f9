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

_ENUMERATIONS = "bare enumerations of terms cover each topic that a term of theirs names"
# pair -> why the stuffed text still scores as high; a pair that comes right must leave this list.
KNOWN_INVERSIONS = {
    "tram delay forecast": _ENUMERATIONS,
    "loan arrears": _ENUMERATIONS,
    "mammography triage": _ENUMERATIONS,
    "grocery substitution": _ENUMERATIONS,
    "crop disease on phones": _ENUMERATIONS,
    "factory solder inspection": _ENUMERATIONS,
    "hotel room price": _ENUMERATIONS,
    "exam cheating review": f"{_ENUMERATIONS}, here of three or four terms each",
    "toxic chat in a game": _ENUMERATIONS,
    "warehouse pick time": _ENUMERATIONS,
    "insurance claim photos": f"{_ENUMERATIONS}, here in the sentence of a vision in the future tense",
    "bus driver rota": _ENUMERATIONS,
    "water leak detection": f"{_ENUMERATIONS}, here in one sentence with brackets",
    "recipe recommendation for a meal kit": _ENUMERATIONS,
    "satellite ship detection": _ENUMERATIONS,
    "code review assistant": _ENUMERATIONS,
}


def word_count(text: str) -> int:
    return sum(any(c.isalnum() for c in word) for word in text.split())


def score(linter: Linter, text: str) -> float:
    return linter.lint(text.encode(), "design.md").scorecard.score


def test_there_are_enough_pairs_of_the_right_size() -> None:
    assert len(PAIRS) >= LEAST_PAIRS
    for domain, pair in PAIRS.items():
        for key, (least, most) in WORDS.items():
            assert least <= word_count(pair[key]) <= most, (domain, key, word_count(pair[key]))


def test_the_list_of_inversions_names_pairs() -> None:
    assert KNOWN_INVERSIONS.keys() <= PAIRS.keys()


@pytest.mark.parametrize(
    "domain", [pytest.param(d, marks=pytest.mark.xfail(strict=True, reason=KNOWN_INVERSIONS[d])) if d in KNOWN_INVERSIONS else d for d in PAIRS]
)
def test_the_precise_text_scores_higher(linter: Linter, domain: str) -> None:
    pair = PAIRS[domain]
    assert score(linter, pair["short"]) > score(linter, pair["stuffed"])
