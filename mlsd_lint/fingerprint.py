"""What makes a finding the same finding after edits elsewhere in its document."""

from __future__ import annotations

import hashlib

from mlsd_lint.model import BlockKind, Document, Region


def fingerprint(document: Document, rule: str, places: tuple[Region, ...] = ()) -> str:
    """16 hex digits made of the rule, and of the headings and the words of each place; where in the file they stand does not matter."""
    told = [rule]
    for place in places:
        told += [*_heading_path(document, place), document.source[place.start : place.end]]
    return hashlib.sha256("\0".join(" ".join(text.lower().split()) for text in told).encode()).hexdigest()[:16]


def _heading_path(document: Document, place: Region) -> list[str]:
    """The headings over a place, nearest first."""
    inside = (block for block in document.blocks if block.text and block.source_range(0, len(block.text))[1] >= place.end)
    block = next(inside, None)
    framing = [document.blocks[index] for index in block.context] if block else []
    return [frame.text for frame in framing if frame.kind is BlockKind.HEADING]
