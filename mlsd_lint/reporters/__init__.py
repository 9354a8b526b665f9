"""One module per output format, each with a pure function ``render(Report, Options) -> str``."""

from __future__ import annotations

from collections.abc import Callable

from mlsd_lint.model import Report
from mlsd_lint.reporters import html, json, text
from mlsd_lint.reporters.options import Options

REPORTERS: dict[str, Callable[[Report, Options], str]] = {"text": text.render, "json": json.render, "html": html.render}

__all__ = ["REPORTERS", "Options"]
