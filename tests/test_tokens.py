"""What counts as one word, and which words are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsd_lint.tokens import normal_form, tokenise


def words(text: str) -> list[str]:
    return [word for word, _, _ in tokenise(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50ms", ["50", "ms"]),
        ("p99 ≤ 80 ms", ["p99", "≤", "80", "ms"]),
        ("1,200 users", ["1,200", "users"]),
        ("5k e-mails", ["5k", "e", "mails"]),
        ("auto-scaling", ["auto", "scaling"]),
        ("train/test 80/20", ["train", "/", "test", "80", "/", "20"]),
        ("e.g. Kafka", ["e.g.", "Kafka"]),
        ("user_id", ["user", "id"]),
        ("AUC by .003", ["AUC", "by", ".003"]),
        ("1–14 days", ["1", "–", "14", "days"]),
        ("A --> B", ["A", "-->", "B"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    "same",
    [
        ("retrain", "retrained", "retraining", "Retrains"),
        ("optimise", "optimize", "optimised"),
        ("labelling", "labeling", "label"),
        ("behaviour", "behavior"),
        ("12", "1,200", "0.5", "40k", "seven", ".003"),
        ("→", "->", "-->"),
        ("customer's", "customer"),
    ],
)
def test_same_words(same: tuple[str, ...]) -> None:
    assert len({normal_form(word) for word in same}) == 1


@pytest.mark.parametrize(("one", "other"), [("shape", "shap"), ("weekly", "week"), ("fair", "fare"), ("lime", "limit"), ("one", "two")])
def test_different_words(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@given(st.text(max_size=300))
def test_tokens_are_slices_of_the_text_in_order(text: str) -> None:
    at = 0
    for word, start, end in tokenise(text):
        assert text[start:end] == word
        assert at <= start < end
        assert normal_form(word)
        at = end
