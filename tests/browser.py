"""A real Chromium for tests and pictures, or a reason why there is none."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip


def executable() -> str | None:
    """The browser that the system has; MLSD_LINT_CHROMIUM names another one."""
    found = (shutil.which(name) for name in NAMES)
    return os.environ.get("MLSD_LINT_CHROMIUM") or next((path for path in found if path), None)


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A headless browser with a fresh profile.

    Raises:
        LookupError: there is no Chromium, or playwright is not installed.
    """
    path = executable()
    if path is None:
        raise LookupError("Chromium is not installed")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise LookupError("playwright is not installed; pip install -e '.[browser]'") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
