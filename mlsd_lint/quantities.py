"""Quantities with a unit, and rhythms, read from the words of a statement and brought to one unit for each kind."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from mlsd_lint.tokens import normal_form

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_WEEK, _MONTH, _QUARTER, _YEAR = 7 * _DAY, 30 * _DAY, 91 * _DAY, 365 * _DAY
_SECONDS = {
    "us": 1e-6, "microsecond": 1e-6, "ms": 1e-3, "msec": 1e-3, "millisecond": 1e-3, "s": 1.0, "sec": 1.0, "second": 1.0, "min": _MINUTE,
    "minute": _MINUTE, "h": _HOUR, "hr": _HOUR, "hour": _HOUR, "day": _DAY, "week": _WEEK, "fortnight": 2 * _WEEK,
    "month": _MONTH, "quarter": _QUARTER, "year": _YEAR,
}  # fmt: skip
_RHYTHMS = {
    "hourly": _HOUR, "daily": _DAY, "nightly": _DAY, "overnight": _DAY, "night": _DAY, "morning": _DAY, "evening": _DAY, "weekly": _WEEK,
    "fortnightly": 2 * _WEEK, "biweekly": 2 * _WEEK, "monthly": _MONTH, "quarterly": _QUARTER, "yearly": _YEAR,
    "annually": _YEAR, "monday": _WEEK, "tuesday": _WEEK,
    "wednesday": _WEEK, "thursday": _WEEK, "friday": _WEEK, "saturday": _WEEK, "sunday": _WEEK,
}  # fmt: skip
_ONES = {word: float(value) for value, word in enumerate("one two three four five six seven eight nine".split(), 1)}
_TENS = {word: 10.0 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_TEENS = {word: float(value) for value, word in enumerate("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split(), 10)}
_SCALES = {"dozen": 12.0, "hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_MULTIPLIERS = {"k": 1e3, "m": 1e6, "b": 1e9, "bn": 1e9, **_SCALES}
_NUMBER_WORDS = {**_ONES, **_TEENS, **_TENS, **_SCALES, "half": 0.5, "a": 1.0, "an": 1.0}
_ARTICLES = frozenset(("a", "an"))
_FEW = 3.0  # what "a few" is taken for
_PERCENT_OF = {"%": 1.0, "percent": 1.0, "cent": 1.0, "pp": 1.0, "percentage": 1.0, "‰": 0.1, "bp": 0.01, "bps": 0.01, "basis": 0.01}
_THOUSANDS = re.compile(r"\d{1,3}(?:[,\u202f\u00a0]\d{3})+(?:\.\d+)?")
_NUMBER = re.compile(r"(\.?\d[\d.,\u202f\u00a0]*)([kKMB]?)")
_UNITS = {normal_form(name): seconds for name, seconds in _SECONDS.items()}
_BEATS = {normal_form(name): seconds for name, seconds in _RHYTHMS.items()}


class Quantity(NamedTuple):
    """A value in the unit of its kind, and the half-open token range where it stands.

    Kinds: ``time`` in seconds, ``cadence`` as the seconds from one time to the next, ``percent`` in parts of a hundred,
    ``data-count`` the number of training examples.
    """

    kind: str
    value: float
    start: int
    end: int


def read(kind: str, words: list[str], start: int, end: int) -> Quantity | None:
    """The quantity of a kind in ``words[start:end]``, None where it cannot be told.

    Words before ``start`` belong to it where they are part of its first number ("two" of "two hundred ms").
    """
    while start > 0 and _continues(words[start - 1].lower(), words[start].lower()):
        start -= 1
    # as written, because 5M is a number and 5m is not
    value = {"time": _time, "cadence": _cadence, "percent": _percent, "data-count": _first_number}[kind](words[start:end])
    return None if value is None else Quantity(kind, value, start, end)


def number(word: str) -> float | None:
    """A number in digits ("1,200", "0.4", "20k") or as a word, None for another word and what is too large for a float."""
    found = _NUMBER.fullmatch(word)
    if found is None:
        return _NUMBER_WORDS.get(word.lower())
    digits, suffix = found.groups()
    plain = re.sub(r"[,\u202f\u00a0]", "", digits) if _THOUSANDS.fullmatch(digits) else digits.replace(",", ".")
    try:
        value = float(plain.rstrip(".")) * _MULTIPLIERS.get(suffix.lower(), 1.0)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _continues(before: str, word: str) -> bool:
    """Whether two words, in lower case, are parts of one number in words."""
    if word in _ARTICLES:
        return before == "half"
    if word in _ONES:
        return before in _TENS
    return word in _SCALES and number(before) is not None


def _first_number(words: list[str]) -> float | None:
    lower = [word.lower() for word in words]
    for i, word in enumerate(words):
        value = number(word)
        if value is None:
            continue
        after = lower[i + 1 :]
        if lower[i] in _TENS and after and after[0] in _ONES:
            value += _ONES[after.pop(0)]
        if lower[i] in _ARTICLES and after and after[0] == "few":
            return _FEW
        for other in after:
            if other in _ARTICLES:
                continue
            if other not in _MULTIPLIERS:
                break
            value *= _MULTIPLIERS[other]
        return value
    return None


def _unit(words: list[str]) -> float | None:
    return next((_UNITS[form] for form in map(normal_form, words) if form in _UNITS), None)


def _time(words: list[str]) -> float | None:
    unit = _unit(words)
    if unit is None:
        return None
    value = _first_number(words)
    if value is None and words[0].lower() == "sub":
        value = 1.0
    return None if value is None else value * unit


def _cadence(words: list[str]) -> float | None:
    said = [word.lower() for word in words if word.lower() not in ("a", "an", "once")]
    beat = next((_BEATS[form] for form in map(normal_form, said) if form in _BEATS), None) or _unit(said)
    if beat is None:
        return None
    value = _first_number(said)
    if value is None:
        value = 2.0 if {"other", "twice"}.intersection(said) else _FEW if "few" in said else 1.0
    if value == 0:
        return None
    return beat / value if {"twice", "times"}.intersection(said) else beat * value


def _percent(words: list[str]) -> float | None:
    lower = [word.lower() for word in words]
    if "in" in lower:
        at = lower.index("in")
        part, whole = _first_number(words[:at]), _first_number(words[at + 1 :])
        return 100 * part / whole if part is not None and whole and part <= whole else None
    value, share = _first_number(words), next((_PERCENT_OF[word] for word in lower if word in _PERCENT_OF), None)
    return None if value is None or share is None else value * share
