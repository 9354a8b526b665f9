"""Quantities and numbers, read from words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsd_lint.quantities import number, read
from mlsd_lint.tokens import tokenise

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
WEEK = 7 * DAY
KINDS = ("time", "cadence", "percent", "data-count")
WORDS = "a an half two in every other times once twice 5 0 1,2,3 9k % ms day hundred few sub Monday . ‰".split()
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "seconds": 1.0, "min": MINUTE, "minutes": MINUTE, "h": HOUR, "hours": HOUR, "days": DAY, "weeks": WEEK}


def value(kind: str, text: str) -> float | None:
    words = [word for word, _, _ in tokenise(text)]
    found = read(kind, words, 0, len(words))
    return None if found is None else found.value


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("time", "1,200 ms", 1.2),
        ("time", "50ms", 0.05),
        ("time", "0.4 s", 0.4),
        ("time", "0,4 s", 0.4),
        ("time", ".5 s", 0.5),
        ("time", "half an hour", HOUR / 2),
        ("time", "an hour", HOUR),
        ("time", "Two Weeks", 2 * WEEK),
        ("time", "twenty-five ms", 0.025),
        ("time", "two hundred ms", 0.2),
        ("time", "a fortnight", 2 * WEEK),
        ("time", "a few seconds", 3.0),
        ("time", "sub-second", 1.0),
        ("time", "sub 100 ms", 0.1),
        ("time", "3 business days", 3 * DAY),
        ("time", "overnight", None),
        ("time", "by 6 am", None),
        ("cadence", "every two weeks", 2 * WEEK),
        ("cadence", "twice a day", DAY / 2),
        ("cadence", "three times a day", DAY / 3),
        ("cadence", "once a week", WEEK),
        ("cadence", "every 15 minutes", 15 * MINUTE),
        ("cadence", "every other day", 2 * DAY),
        ("cadence", "every other Monday", 2 * WEEK),
        ("cadence", "every few hours", 3 * HOUR),
        ("cadence", "nightly", DAY),
        ("cadence", "Weekly", WEEK),
        ("cadence", "on Sundays", WEEK),
        ("cadence", "per month", 30 * DAY),
        ("cadence", "every 0 days", None),
        ("cadence", "0 times a day", None),
        ("cadence", "on a schedule", None),
        ("percent", "0.4 %", 0.4),
        ("percent", "0.4%", 0.4),
        ("percent", "5 per cent", 5.0),
        ("percent", "2 percentage points", 2.0),
        ("percent", "3 ‰", 0.3),
        ("percent", "12 bps", 0.12),
        ("percent", "1 in 200", 0.5),
        ("percent", "one in 20k", 0.005),
        ("percent", "one in a hundred", 1.0),
        ("percent", "1 in 0", None),
        ("percent", "5 in 2", None),
        ("percent", "3 x", None),
        ("data-count", "1,200 images", 1200.0),
        ("data-count", "5M images", 5e6),
        ("data-count", "40k labelled", 40_000.0),
        ("data-count", "half a million documents", 500_000.0),
        ("data-count", "two dozen scans", 24.0),
        ("data-count", "images", None),
    ],
)
def test_quantities_are_brought_to_one_unit(kind: str, text: str, expected: float | None) -> None:
    assert value(kind, text) == (None if expected is None else pytest.approx(expected))


def test_the_first_words_of_a_number_belong_to_it() -> None:
    words = "It takes two hundred ms .".split()
    found = read("time", words, 3, 5)
    assert found is not None
    assert (found.kind, found.value, found.start, found.end) == ("time", pytest.approx(0.2), 2, 5)
    after = read("time", "In 2024 300 ms".split(), 2, 4)
    assert after is not None
    assert (after.value, after.start) == (pytest.approx(0.3), 2)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("1,200", 1200.0), ("1,200.5", 1200.5), ("1\u202f200", 1200.0), ("0,4", 0.4), ("12.", 12.0), ("40k", 40_000.0), ("7B", 7e9), ("1.5M", 1.5e6),
        ("1.2.3", None), ("1,2,3", None), ("twelve", 12.0), ("Seventy", 70.0), ("million", 1e6), ("model", None), ("", None), ("k", None), ("9" * 400, None),
    ],
)  # fmt: skip
def test_numbers_in_digits_and_words(word: str, expected: float | None) -> None:
    assert number(word) == (None if expected is None else pytest.approx(expected))


@given(st.integers(0, 10**12))
def test_thousands_separators_change_nothing(whole: int) -> None:
    for separator in (",", "\u202f", "\u00a0"):
        assert number(f"{whole:,}".replace(",", separator)) == number(str(whole)) == whole


@given(st.integers(0, 10**6), st.sampled_from([("k", 1e3), ("M", 1e6), ("B", 1e9)]))
def test_a_suffix_multiplies(whole: int, suffix: tuple[str, float]) -> None:
    assert number(f"{whole}{suffix[0]}") == whole * suffix[1]


@given(st.integers(1, 10**6), st.sampled_from(sorted(UNITS)), st.sampled_from(["", " "]))
def test_a_time_is_its_number_of_units_however_it_is_written(whole: int, unit: str, gap: str) -> None:
    assert value("time", f"{whole:,}{gap}{unit}") == value("time", f"{whole}{gap}{unit}") == pytest.approx(whole * UNITS[unit])


@given(st.integers(1, 1000), st.sampled_from(["minutes", "hours", "days", "weeks"]))
def test_more_often_means_less_time_between(count: int, unit: str) -> None:
    assert value("cadence", f"every {count} {unit}") == pytest.approx(count * UNITS[unit])
    assert value("cadence", f"{count} times a {unit.removesuffix('s')}") == pytest.approx(UNITS[unit] / count)


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_a_share_is_the_same_as_a_percentage(part: int, more: int) -> None:
    whole = part + more
    assert value("percent", f"{part} in {whole}") == pytest.approx(100 * part / whole)


@given(st.sampled_from(KINDS), st.lists(st.sampled_from(WORDS), min_size=1))
def test_whatever_stands_there_gives_a_sound_value_or_none(kind: str, words: list[str]) -> None:
    for start in range(len(words)):
        found = read(kind, words, start, len(words))
        assert found is None or (math.isfinite(found.value) and found.value >= 0 and 0 <= found.start <= start and found.end == len(words))


@given(st.text(max_size=20))
def test_any_word_is_a_number_or_not(word: str) -> None:
    found = number(word)
    assert found is None or (math.isfinite(found) and found >= 0)
