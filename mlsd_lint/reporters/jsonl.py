"""JSON Lines for programs that read one document at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mlsd_lint.model import Report
from mlsd_lint.reporters.json import CONTRACT, document_entry, error_entry
from mlsd_lint.reporters.options import Options


def render(report: Report, options: Options) -> str:
    """Render one line per document, an entry of ``documents`` in the JSON report, then one per document that could not be read.

    Each line also has the ``version`` of the contract. Lines are ASCII, as some readers end a line at U+2028.
    """
    return "".join(json.dumps({"version": CONTRACT, **entry}) + "\n" for entry in _entries(report))


def _entries(report: Report) -> Iterator[dict[str, Any]]:
    yield from map(document_entry, report.documents)
    yield from map(error_entry, report.errors)
