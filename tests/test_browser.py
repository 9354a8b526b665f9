"""The HTML report in a real browser: it works by mouse, touch and keyboard, is accessible, and stays inert."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from conftest import FIXTURES

from mlsd_lint.linter import Linter
from mlsd_lint.model import DocumentFailure, Report
from mlsd_lint.reporters import REPORTERS, Options
from mlsd_lint.ruleset import RuleSet

HOSTILE = """\
---
title: <script>window.hit = 1</script>
---
# Fraud <script>window.hit = 2</script> detection

<script>window.hit = 3</script>

<img src="https://tracker.example/x.png" onerror="window.hit = 4">
<style>* { display: none !important }</style>
<svg onload="window.hit = 5"><a xlink:href="javascript:window.hit = 6"><text>x</text></a></svg>
<iframe srcdoc="<script>parent.hit = 7</script>"></iframe>
</article></main><p style="position:fixed;inset:0;background:red" onmouseover="window.hit = 8">over all</p>

#### We detect drift with PSI each night and retrain <b onclick="window.hit = 9">weekly</b>

[press](javascript:window.hit=10) [data](data:text/html,<script>1</script>) ![shot](https://tracker.example/y.png "' onload='window.hit = 11")
[odd](https://example.com/"onmouseover="window.hit=12) <https://example.com/?"onclick=window.hit=13>

| a | <img src=x onerror=window.hit=14> |
|---|---|
| {{ 7 * 7 }} ${7 * 7} | `</code></pre><script>window.hit=15</script>` |

</mark></template><template><script>window.hit = 16</script></template>

[We page the on-call engineer when p99 exceeds 200 ms.](https://example.com/runbook)

```html
</code></pre><script>window.hit = 17</script>
```

- [x] A model of gradient-boosted trees scores each payment within 50 ms, chosen over a network because it trains in minutes.

"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    try:
        with chromium() as started:
            yield started
    except LookupError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def pages(browser: Any, rules: RuleSet, linter: Linter, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports of one draft, of all shipped designs, of a few, and of a hostile text."""
    folder = tmp_path_factory.mktemp("html")
    reviewed = {path.name: linter.lint(path.read_bytes(), f"docs/{path.name}") for path in sorted(FIXTURES.glob("*.md"))}
    hostile = linter.lint(HOSTILE.encode(), 'x"><script>hit = 0<!--.md')
    given = {
        "one": Report((reviewed["draft-todos.md"],), ()),
        "many": Report((*reviewed.values(), hostile), (DocumentFailure("docs/gone.md", "no such file"),)),
        "few": Report((reviewed["draft-todos.md"], reviewed["fraud-outline.md"], hostile), (DocumentFailure("docs/gone.md", "no such file"),)),
        "hostile": Report((hostile,), ()),
    }
    for name, report in given.items():
        (folder / f"{name}.html").write_text(REPORTERS["html"](report, Options(rules.for_rubric("").rules, rules.digest)), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in given}


Open = Callable[..., Any]


@pytest.fixture
def visit(browser: Any, pages: dict[str, Path]) -> Iterator[Open]:
    """Opens a page: ``visit("one", "#d1-topics", width=360, color_scheme="dark")``; complaints and requests of the page fail the test."""
    contexts, wrong = [], []

    def open_page(name: str, anchor: str = "", width: int = 1280, **settings: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 800}, reduced_motion="reduce", **settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("request", lambda request: request.url.startswith(("file:", "data:")) or wrong.append(f"request: {request.url}"))
        page.goto(pages[name].as_uri() + anchor)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))


def rows(page: Any) -> list[str]:
    return [str(text) for text in page.locator("#heat tbody th").all_inner_texts()]


# ---- marks


def test_pointing_at_a_mark_says_why_it_is_marked(visit: Open) -> None:
    page = visit("one")
    card = page.locator("#card")
    assert not card.is_visible()
    mark = page.locator(".doc mark", has_text="KPI: TBD").first
    mark.hover()
    told = card.inner_text()
    assert "Mentioned" in told and "Success metric" in told and "warning" in told and "tbd" in told
    card.hover()
    page.wait_for_timeout(400)
    assert card.is_visible(), "the card can be pointed at"
    page.mouse.move(2, 2)
    card.wait_for(state="hidden")


def test_a_click_keeps_the_card_until_it_is_closed(visit: Open) -> None:
    page = visit("one")
    page.locator(".doc mark", has_text="14 stations").first.click()
    page.mouse.move(2, 2)
    page.wait_for_timeout(400)
    assert page.locator("#card").is_visible()
    page.locator("#card-close").click()
    assert not page.locator("#card").is_visible()
    page.locator(".doc mark", has_text="14 stations").first.click()
    page.locator("#card a").first.click()
    assert page.evaluate("location.hash").startswith("#d1-t-")
    assert not page.locator("#card").is_visible()


def test_marks_work_by_keyboard(visit: Open) -> None:
    page = visit("one")
    mark = page.locator(".doc mark", has_text="14 stations").first
    mark.focus()
    assert page.locator("#card").is_visible()
    assert mark.get_attribute("aria-describedby") == "card-body"
    here = focused(page)
    page.keyboard.press("Enter")
    assert focused(page) == "card"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#card') !== null")
    page.keyboard.press("Escape")
    assert focused(page) == here and not page.locator("#card").is_visible()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Tab")
    assert focused(page) == here
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.doc mark')") and focused(page) != here


def test_a_tap_opens_the_card_at_the_foot_of_a_phone(visit: Open) -> None:
    page = visit("one", width=360, has_touch=True, is_mobile=True)
    page.locator(".doc mark", has_text="14 stations").first.tap()
    box = page.locator("#card").bounding_box()
    assert box["x"] == 0 and box["width"] == 360 and round(box["y"] + box["height"]) == 800


def test_marks_are_filtered_by_kind_stage_and_topic(visit: Open) -> None:
    page = visit("one")
    tally = page.locator(".tally")
    everything = tally.inner_text()
    page.locator(".chip.covered").click()
    assert page.locator(".doc mark.covered").count() == 0
    assert page.locator(".doc mark.mentioned").count() > 0
    assert page.locator(".doc mark.off").first.get_attribute("tabindex") in ("-1", None)
    page.locator(".chip.covered").click()
    assert tally.inner_text() == everything
    page.locator(".scope").select_option("labels")
    assert all("5,200" in text for text in page.locator(".doc mark:not(.off)").all_inner_texts())
    page.locator(".scope").select_option("stage 2")
    in_stage = page.locator(".doc mark:not(.off)").count()
    assert 1 < in_stage < page.locator(".doc mark").count()
    page.get_by_label("Next mark").click()
    assert tally.inner_text().startswith("1 of ") and page.locator("#card").is_visible()
    page.get_by_label("Next mark").click()
    assert tally.inner_text().startswith("2 of ")
    page.get_by_label("Previous mark").click()
    page.get_by_label("Previous mark").click()
    last = tally.inner_text().split(" of ")
    assert last[0] == last[1], "before the first comes the last"


def test_evidence_in_the_table_leads_to_its_mark(visit: Open) -> None:
    page = visit("one")
    page.locator("#d1-t-success-metric .place").first.click()
    page.locator("#card").wait_for()
    assert "Success metric" in page.locator("#card").inner_text()
    assert "KPI: TBD" in page.evaluate("document.activeElement.textContent")
    page.locator("#d1-t-success-metric .place").first.click()
    assert page.locator("#card").is_visible(), "the same link works again"


def test_a_stage_leads_to_its_topics(visit: Open) -> None:
    page = visit("one")
    page.locator(".stages a").nth(4).click()
    assert 0 <= page.locator("#d1-s5").bounding_box()["y"] < 800


# ---- the index


def test_the_index_leads_to_documents_and_back(visit: Open) -> None:
    page = visit("many")
    assert page.locator("h1").inner_text() == "Design reviews"
    assert page.locator("article:visible").count() == 1
    page.locator("#heat").get_by_role("link", name="docs/fraud-detection.md").click()
    assert page.locator("article:visible h2").first.inner_text() == "docs/fraud-detection.md"
    assert focused(page) == "docs/fraud-detection.md"
    page.get_by_role("link", name="All documents").click()
    assert page.locator("#index").is_visible() and page.locator("article:visible").count() == 1
    page.locator("#heat tbody a.cell.missing").first.click()
    assert page.evaluate("location.hash").startswith("#d1-t-")
    page.go_back()
    page.locator("#index").wait_for()


def test_the_heat_map_is_sorted_by_click(visit: Open) -> None:
    page = visit("many")
    given = rows(page)
    page.locator("#heat th.score button").click()
    scores = [float(text.split()[1]) for text in page.locator("#heat td.score").all_inner_texts()]
    assert scores == sorted(scores) and page.locator("#heat th.score").get_attribute("aria-sort") == "ascending"
    page.locator("#heat th.score button").click()
    assert rows(page)[0] != given[0] and page.locator("#heat th.score").get_attribute("aria-sort") == "descending"
    page.locator("#heat thead th.name button").click()
    assert rows(page) == sorted(given)
    page.locator("#sort").select_option("drift")
    assert page.locator("#heat [data-key=drift]").get_attribute("aria-sort") == "ascending"
    assert page.locator("#sorted").inner_text().endswith("worst first")
    page.locator("#sort").select_option("")
    assert rows(page) == given and page.locator("#heat [aria-sort]").count() == 0


def test_a_blind_spot_sorts_the_heat_map(visit: Open) -> None:
    page = visit("many")
    page.locator("[data-sort]").first.click()
    rule = page.locator("[data-sort]").first.get_attribute("data-sort")
    assert page.locator(f"#heat [data-key='{rule}']").get_attribute("aria-sort") == "ascending"


def test_the_heat_map_works_by_keyboard(visit: Open) -> None:
    page = visit("many")
    page.locator("#heat th.score button").focus()
    page.keyboard.press("Tab")
    assert focused(page) == "ML goal"
    page.keyboard.press("ArrowRight")
    assert focused(page) == "Users"
    page.keyboard.press("Enter")
    assert page.locator("#heat [data-key=end-users]").get_attribute("aria-sort") == "ascending"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.matches('#heat tbody tr:first-child td:last-child a')")
    page.keyboard.press("Home")
    assert focused(page) == rows(page)[0]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.matches('#heat a')"), "the score is no stop"
    assert page.locator("#heat a.cell[tabindex='0'], #heat .topic button[tabindex='0']").count() == 1


# ---- colours, width, print, accessibility


def test_the_theme_follows_the_system_and_can_be_changed(visit: Open) -> None:
    page = visit("one", color_scheme="dark")
    theme = page.locator("#theme")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    assert theme.get_attribute("aria-pressed") == "true"
    theme.click()
    assert theme.get_attribute("aria-pressed") == "false" and page.evaluate(paper) != dark
    page.reload()
    assert theme.get_attribute("aria-pressed") == "false", "the choice is kept"


@pytest.mark.parametrize("name", ["one", "many", "hostile"])
@pytest.mark.parametrize("anchor", ["", "#d1-document"])
def test_a_phone_needs_no_scrolling_sideways(visit: Open, name: str, anchor: str) -> None:
    page = visit(name, anchor, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_it_prints_everything_that_is_folded_in_light_colours(visit: Open) -> None:
    page = visit("one", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("details:not([open])").count() == 0
    assert not page.locator(".filter").is_visible() and not page.locator("#theme").is_visible()
    assert page.locator(".doc mark").first.is_visible()
    red, green, blue = page.evaluate("getComputedStyle(document.body).color.match(/\\d+/g).slice(0, 3).map(Number)")
    assert max(red, green, blue) < 80
    assert page.pdf().startswith(b"%PDF")


def test_without_script_everything_is_shown(visit: Open) -> None:
    page = visit("many", java_script_enabled=False)
    assert page.locator("article.report").count() == page.locator("article.report:visible").count() > 10
    assert not page.locator(".filter").first.is_visible() and not page.locator("#card").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("name", "anchor"), [("one", ""), ("few", ""), ("few", "#d2-top"), ("hostile", "")])
def test_axe_finds_nothing(visit: Open, name: str, anchor: str, width: int, scheme: str) -> None:
    if importlib.util.find_spec("axe_playwright_python") is None:
        pytest.skip("axe-playwright-python is not installed")
    from axe_playwright_python.sync_playwright import Axe

    page = visit(name, anchor, width=width, color_scheme=scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))")
    if page.locator(".doc mark:visible").count():
        page.locator(".doc mark:visible").first.click()
        assert page.locator("#card").is_visible()
    found = Axe().run(page)
    assert len(found.response["passes"]) > 20, "it looked at the page"
    assert found.violations_count == 0, found.generate_report()


# ---- hostile text


def test_hostile_text_stays_text(visit: Open) -> None:
    page = visit("hostile")
    page.evaluate("""for (const element of document.querySelectorAll(".doc *")) {
        for (const name of ["mouseover", "focus", "error", "load", "click"]) element.dispatchEvent(new Event(name, { bubbles: name === "mouseover" }));
    }""")
    page.locator(".doc").get_by_text("press").click()
    page.locator(".doc").get_by_text("over all").hover()
    assert page.evaluate("window.hit") is None
    assert page.locator(".doc").locator("script, img, style, svg, iframe, template, [style], [onclick], [onerror], [onmouseover]").count() == 0
    assert set(page.evaluate("[...document.querySelectorAll('.doc a')].map((a) => a.protocol)")) <= {"https:", "http:", "mailto:", "file:"}
    told = page.locator(".doc").inner_text()
    assert all(f"window.hit = {number}" in told for number in (1, 2, 3, 4, 5, 8, 9, 16, 17)) and "{{ 7 * 7 }} ${7 * 7}" in told
    assert page.locator("article").count() == 1 and page.locator("main > article > section .doc").count() == 1


def test_the_policy_stops_what_would_get_through(browser: Any, pages: dict[str, Path], tmp_path: Path) -> None:
    """Even markup that an error let into the page could neither run nor load."""
    attack = "<img src='https://tracker.example/z.png' onerror='hit = 1'><script>hit = 2</script><p style='color: red' id='styled'>x</p>"
    page_file = tmp_path / "attacked.html"
    page_file.write_text(pages["one"].read_text(encoding="utf-8").replace('<div class="doc">', f'<div class="doc">{attack}', 1), encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    loaded, stopped = [], []
    page.on("response", lambda response: loaded.append(response.url))
    page.on("requestfailed", lambda request: stopped.append((request.url, request.failure)))
    page.goto(page_file.as_uri())
    assert page.evaluate("window.hit") is None
    assert page.evaluate("getComputedStyle(document.getElementById('styled')).color") != "rgb(255, 0, 0)"
    assert [url for url in loaded if not url.startswith(("file:", "data:"))] == []
    assert stopped == [("https://tracker.example/z.png", "csp")]
    context.close()
