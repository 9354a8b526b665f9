"""Keeps work that depends only on the rule files for the next start; losing it costs time and nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import platformdirs

_KEPT = 8


def read(name: str) -> Any:
    """The data kept under a name, None where there is none."""
    try:
        return json.loads((_folder() / f"{name}.json").read_bytes())
    except (OSError, ValueError):
        return None


def write(name: str, data: Any) -> None:
    """Keep JSON data under a name, in one step, and drop the oldest files; a folder that cannot be written is passed over."""
    folder = _folder()
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=folder, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file, separators=(",", ":"))
        os.replace(part, folder / f"{name}.json")
        for old in sorted(folder.glob("*.json"), key=lambda p: p.stat().st_mtime, reverse=True)[_KEPT:]:
            old.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(platformdirs.user_cache_dir("mlsd-lint", appauthor=False))
