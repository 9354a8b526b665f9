"""The page that shows what a document is linted by, and where each setting comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mlsd_lint.config import shown
from mlsd_lint.reporters.layout import Pen, clean, columns, pad
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.selection import Selection
from mlsd_lint.settings import DEFAULT, Setting, Settings

_OPTION = "--"


class _Row(NamedTuple):
    key: str
    value: object
    origin: str


def settings_text(path: str, settings: Settings, rules: RuleSet, selection: Selection, pen: Pen) -> str:
    """The settings of one document as a table: key, value, origin."""
    rows = [(row.key, clean(_told(row.value)), clean(row.origin)) for row in _rows(settings)]
    keys, values = (max(columns(row[at]) for row in rows) for at in (0, 1))
    lines = [pen(clean(path), bold=True), f"  configuration: {clean(settings.file or 'none')}"]
    if settings.excluded_by is not None:
        lines.append(f"  never linted: excluded by '{clean(settings.excluded_by.value)}', {settings.excluded_by.origin}")
    lines += ["", *(f"  {pad(key, keys)}  {pad(value, values)}  {pen(origin, dim=True)}" for key, value, origin in rows)]
    left_out = [rule for rule in rules.rules if rule in selection.dropped]
    told = f": all but {', '.join(left_out)}" if 0 < len(left_out) <= 8 else ""
    lines += ["", f"  asks {len(selection.rules.rules)} of {len(rules.for_rubric(settings.rubric.value).rules)} rules{told}"]
    return "\n".join(lines) + "\n"


def settings_json(pages: list[tuple[str, Settings, Selection]]) -> str:
    """The settings of documents for a program."""
    documents = [
        {
            "path": path, "configuration": settings.file, "excluded": settings.excluded_by is not None,
            "settings": [{"key": row.key, "value": _plain(row.value), "origin": row.origin} for row in _rows(settings)],
            "rules": list(selection.rules.rules),
        }
        for path, settings, selection in pages
    ]  # fmt: skip
    return json.dumps({"version": 1, "documents": documents}, ensure_ascii=False, indent=2) + "\n"


def _rows(settings: Settings) -> Iterator[_Row]:
    """Every setting; select, ignore and levels in the order in which they take effect."""
    yield from (_row("fail-on", settings.fail_on), _row("min-score", settings.min_score), _row("require-reason", settings.require_reason))
    yield from (_row("rubric", settings.rubric), _row("baseline", settings.baseline))
    for key, many in (("rules", settings.packs), ("exclude", settings.exclude), ("traits", settings.traits), ("profile", settings.profiles or ())):
        yield from [_row(key, one) for one in many] or [_Row(key, None, DEFAULT)]
    chosen = list(_chosen(settings))
    if not any(row.key == "select" for row in chosen):
        yield _Row("select", "all", DEFAULT)
    yield from chosen


def _chosen(settings: Settings) -> Iterator[_Row]:
    for step in settings.steps:
        yield from (_row("select", one) for one in step.select or ())
        yield from (_row("ignore", one) for one in step.ignore)
        yield from (_row(f"levels.{name}", level) for name, level in step.levels)


def _row(key: str, setting: Setting[Any]) -> _Row:
    origin = str(setting.origin)
    return _Row(key, setting.value, f"command line, {origin}" if origin.startswith(_OPTION) else origin)


def _plain(value: object) -> object:
    return shown(value) if isinstance(value, Path) else value


def _told(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(_plain(value))
