"""Draws the pictures of the README anew: ``python tests/pictures.py`` (needs Chromium and the extra "browser")."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from browser import chromium

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "fixtures" / "pictures"
DRAFT = "fixtures/draft-todos.md"
# rich's own frame names a font on a server; a picture should load nothing
FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="Text report in a terminal">
<style>.{unique_id}-matrix {{ font: {char_height}px/{line_height}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }}
{styles}</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g></g></svg>
"""


def report(*options: str) -> str:
    command = [sys.executable, "-m", "mlsd_lint", "--fail-on", "never", *options]
    return subprocess.run(command, check=True, cwd=ROOT, capture_output=True, encoding="utf-8").stdout


def draw_text() -> None:
    """The head of the text report, coloured as in a terminal."""
    from rich.console import Console
    from rich.text import Text

    told = report("--color", "always", DRAFT).split("\n\n")
    console = Console(record=True, width=82, file=tempfile.TemporaryFile("w"), legacy_windows=False)  # noqa: SIM115 - nothing is kept
    console.print(Text.from_ansi(f"$ mlsd-lint {DRAFT}\n" + "\n\n".join(told[:3])))
    console.save_svg(str(FOLDER / "report-text.svg"), title="mlsd-lint", code_format=FRAME, unique_id="mlsd")


def draw_pages() -> None:
    """The head of the HTML report, its document with a card open, and the index."""
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        for name, paths in (("one", [DRAFT]), ("many", ["fixtures"])):
            (Path(folder) / f"{name}.html").write_text(report("--format", "html", *paths), encoding="utf-8")

        def page_of(name: str, scheme: str, height: int, scale: float = 1.5) -> Any:
            size = {"width": 1280, "height": height}
            context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", device_scale_factor=scale)
            page = context.new_page()
            page.goto((Path(folder) / f"{name}.html").as_uri())
            return page

        page_of("one", "light", 780).screenshot(path=FOLDER / "report-html.png")
        page_of("many", "light", 1440, 1).screenshot(path=FOLDER / "report-html-index.png")
        page = page_of("one", "dark", 720)
        page.locator(".doc mark", has_text="KPI: TBD").first.hover()
        page.evaluate("document.querySelector('.whole').scrollIntoView()")
        page.mouse.move(1, 1)
        page.locator(".doc mark", has_text="KPI: TBD").first.hover()
        page.screenshot(path=FOLDER / "report-html-document.png")


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    draw_text()
    draw_pages()
