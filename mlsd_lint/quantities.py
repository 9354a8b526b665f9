"""Quantities with a unit, and rhythms, read from the words of a statement and brought to one unit for each kind."""

from __future__ import annotations

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
_MULTIPLIERS = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9}
_NUMBER_WORDS = {
    "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0, "twelve": 12.0,
    "fifteen": 15.0, "twenty": 20.0, "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "ninety": 90.0,
    "hundred": 100.0, "half": 0.5, "a": 1.0, "an": 1.0,
}  # fmt: skip
_PERCENT_SIGNS = frozenset(("%", "percent", "cent", "pp"))
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
    """The quantity of a kind in ``words[start:end]``, None where it cannot be told."""
    part = [word.lower() for word in words[start:end]]
    value = {"time": _time, "cadence": _cadence, "percent": _percent, "data-count": _first_number}[kind](part)
    return None if value is None else Quantity(kind, value, start, end)


def number(word: str) -> float | None:
    """A number in digits ("1,200", "0.4", "20k") or as a word, None for another word."""
    found = _NUMBER.fullmatch(word)
    if found is None:
        return _NUMBER_WORDS.get(word.lower())
    digits, suffix = found.groups()
    plain = re.sub(r"[,\u202f\u00a0]", "", digits) if _THOUSANDS.fullmatch(digits) else digits.replace(",", ".")
    try:
        return float(plain.rstrip(".")) * _MULTIPLIERS.get(suffix.lower(), 1.0)
    except ValueError:
        return None


def _first_number(words: list[str]) -> float | None:
    for i, word in enumerate(words):
        value = number(word)
        if value is not None:
            return value * _MULTIPLIERS.get(words[i + 1], 1.0) if i + 1 < len(words) else value
    return None


def _time(words: list[str]) -> float | None:
    value = _first_number(words)
    unit = next((_UNITS[form] for form in map(normal_form, words) if form in _UNITS), None)
    return None if value is None or unit is None else value * unit


def _cadence(words: list[str]) -> float | None:
    forms = [normal_form(word) for word in words]
    beat = next((_BEATS[form] for form in forms if form in _BEATS), None)
    if beat is not None:
        return beat
    unit = next((_UNITS[form] for form in forms if form in _UNITS), None)
    if unit is None:
        return None
    value = _first_number([word for word in words if word not in ("a", "an", "once")]) or 1.0
    often = {"twice": 2.0}.get(words[0], value if "times" in words else 0.0)
    return unit / often if often else unit * value


def _percent(words: list[str]) -> float | None:
    if "in" in words:
        at = words.index("in")
        part, whole = (number(words[at - 1]) if at else None), (_first_number(words[at + 1 :]))
        return None if not part or not whole else 100 * part / whole
    return _first_number(words) if _PERCENT_SIGNS.intersection(words) else None
