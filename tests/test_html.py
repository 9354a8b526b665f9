"""The HTML report: well-formed, self-contained, marked at the right places, and inert whatever a document holds."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pyromark
import pytest
from click.testing import Result
from conftest import FIXTURES
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsd_lint.linter import Linter
from mlsd_lint.markdown import parse, pieces
from mlsd_lint.model import DocumentFailure, DocumentReport, Finding, Place, Region, Report, Status, Suppressed
from mlsd_lint.reporters import REPORTERS, Options
from mlsd_lint.reporters.marking import Drawing, Mark, draw
from mlsd_lint.ruleset import RuleSet

VOID = frozenset(("br", "hr", "meta", "link", "img", "input", "col", "rect"))
# what stands for something that is no text of the document, such as the number of a footnote
MADE = frozenset(("made", "raw"))
_OPTIONS = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_TASKLISTS | pyromark.Options.ENABLE_FOOTNOTES | pyromark.Options.ENABLE_STRIKETHROUGH


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in order. Keeps elements, ids, texts, and the text under each mark."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[tuple[str, dict[str, str | None]]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.shown: list[str] = []
        self.marked: dict[int, list[str]] = {}
        self.nested: set[tuple[str, str]] = set()
        self.feed(html)
        self.close()
        assert self.stack == [], f"never closed: {self.stack}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in {self.get_starttag_text()}"
        self.elements.append((tag, dict(attrs)))
        self.nested.update((parent, tag) for parent, _ in self.stack)
        if tag not in VOID:
            self.stack.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID, f"<{tag}/> is not closed by its slash"
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack and self.stack[-1][0] == tag, f"</{tag}> closes {self.stack[-1:]}"
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if not any(MADE & set((attrs.get("class") or "").split()) for _, attrs in self.stack):
            self.shown.append(data)
        for tag, attrs in self.stack:
            if tag == "mark":
                for number in (attrs.get("data-notes") or "").split():
                    self.marked.setdefault(int(number), []).append(data)

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] or "" for _, attrs in self.elements if "id" in attrs]

    def attributes(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.elements if name in attrs]


def squeezed(text: str) -> str:
    return "".join(text.split())


def drawn(source: str, *marks: Mark) -> Drawing:
    return draw(source, "design.md", marks, "d1-", 3)


def body(html: str) -> str:
    """A page without its own style and script."""
    return re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)


@pytest.fixture
def options(rules: RuleSet) -> Options:
    return Options(rules.for_rubric("").rules, rules.digest)


@pytest.fixture(scope="module")
def reports(linter: Linter) -> tuple[DocumentReport, ...]:
    return tuple(linter.lint(path.read_bytes(), path.name) for path in sorted(FIXTURES.glob("*.md")))


def page_of(options: Options, *documents: DocumentReport, errors: tuple[DocumentFailure, ...] = ()) -> str:
    return REPORTERS["html"](Report(documents, errors), options)


# ---- the document, drawn


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a *b* **c** ~~d~~ `e`", "<p {1}>a <em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>"),
        ("- a\n- [x] b", '<ul><li {1}>a</li><li {2}><span class="made" role="img" aria-label="done">☑</span> b</li></ul>'),
        ("3. a", '<ol start="3"><li {1}>a</li></ol>'),
        ("> a", "<blockquote {1}><p>a</p></blockquote>"),
        ("```py\na < b\n```", "<pre {1}><code>a &lt; b\n</code></pre>"),
        ("a<br>b", "<p {1}>a<br>b</p>"),
        ("a  \nb", "<p {1}>a<br>b</p>"),
        ("a <b>c</b>", '<p {1}>a <code class="raw">&lt;b&gt;</code>c<code class="raw">&lt;/b&gt;</code></p>'),
        ("<div onclick=x>\n", '<pre class="raw" {1}>&lt;div onclick=x&gt;\n</pre>'),
        ("---\na: 1\n---\nb", '<pre class="raw" {1}>---\na: 1\n---\n</pre><p {4}>b</p>'),
        ("![a *b*](http://x/y.png)", '<p {1}><span class="picture">a b</span></p>'),
        ("![](y.png)", '<p {1}><span class="picture"><span class="made">picture</span></span></p>'),
        ("[a](https://b.c/?d&e)", '<p {1}><a href="https://b.c/?d&amp;e" rel="noopener noreferrer">a</a></p>'),
        ("<a@b.c>", '<p {1}><a href="mailto:a@b.c" rel="noopener noreferrer">a@b.c</a></p>'),
        ("[](https://b.c)", '<p {1}><a href="https://b.c" rel="noopener noreferrer"><span class="made">https://b.c</span></a></p>'),
        ("[a](#some-part)", '<p {1}><a href="#d1-h-some-part">a</a></p>'),
        ("[a](other.md)", '<p {1}><span class="nolink">a</span></p>'),
        ("# A b!\n### C\n## D", '<h3 class="level-1" {1}><span id="d1-h-a-b"></span>A b!</h3><h4 class="level-3" {2}><span id="d1-h-c"></span>C</h4>'
         '<h4 class="level-2" {3}><span id="d1-h-d"></span>D</h4>'),
        ("#\n", "<p {1}></p>"),
        ("|a||\n|-|:-:|\n|b|c|", '<div class="scroll" {1}><table><thead><tr><th scope="col">a</th><td></td></tr></thead><tr {3}><td>b</td>'
         '<td class="center">c</td></tr></table></div>'),
        ("a[^1]\n\n[^1]: b", '<p {1}>a<sup class="made"><a href="#d1-fn-1">1</a></sup></p><div class="footnote" {3}>'
         '<span class="made" id="d1-fn-1">1</span> <p>b</p></div>'),
    ],
)  # fmt: skip
def test_every_element_has_its_html(source: str, expected: str) -> None:
    html = drawn(source).html
    Page(html)
    assert html == re.sub(r"\{(\d+)\}", r'id="d1-L\1" data-line="\1"', expected)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//evil.example",
                                     "https:", "&#106;avascript:alert(1)", "java%0ascript:x", "blob:x"])  # fmt: skip
def test_only_web_and_mail_links_are_links(address: str) -> None:
    for source in (f"[a](<{address}>)", f"[a]\n\n[a]: <{address}>", f"![a](<{address}>)"):
        assert Page(drawn(source).html).attributes("href") == []


def test_headings_of_one_name_get_different_addresses() -> None:
    ids = Page(drawn("# A\n# A\n# A 1\n# A-1\n# A\n").html).ids
    assert len(set(ids)) == len(ids)


def test_a_mark_is_split_where_elements_begin_and_end() -> None:
    source = "one **two** three\n\n- four\n"
    start, end = source.index("ne"), source.index("our")
    drawing = drawn(source, Mark(start, end, "covered"))
    html = re.sub(r' (?:id|data-line|tabindex|role|aria-haspopup)="[^"]*"', "", drawing.html)
    mark = '<mark class="covered" data-notes="0">'
    assert html == f"<p>o{mark}ne </mark><strong>{mark}two</mark></strong>{mark} three</mark></p><ul><li>{mark}f</mark>our</li></ul>"
    assert drawing.html.count('role="button"') == 1, "the keyboard stops once at a mark, not at each of its parts"


def test_overlapping_marks_become_segments_that_know_all_their_notes() -> None:
    page = Page(drawn("abcdef", Mark(0, 4, "covered"), Mark(2, 6, "missing"), Mark(3, 3, "finding")).html)
    marks = [(attrs["class"], attrs["data-notes"]) for tag, attrs in page.elements if tag == "mark"]
    assert marks == [("covered", "0"), ("covered missing", "0 1"), ("covered finding missing", "0 1 2"), ("finding missing", "1 2")]
    assert {number: "".join(parts) for number, parts in page.marked.items()} == {0: "abcd", 1: "cdef", 2: "def"}


def test_an_empty_range_marks_the_text_that_follows() -> None:
    page = Page(drawn("---\na: 1\n---\n# Title\n\ntext", Mark(0, 0, "missing")).html)
    assert page.marked == {0: ["Title"]}


def test_a_mark_in_a_link_leaves_the_keyboard_to_the_link() -> None:
    html = drawn("[a](https://b.c)", Mark(0, 16, "covered")).html
    assert "tabindex" not in html and "role" not in html


def test_a_mark_without_visible_text_has_no_anchor() -> None:
    assert drawn("a\n\n[b]: https://c.d\n", Mark(3, 10, "covered")).anchors == {}


def test_deep_nesting_is_flattened() -> None:
    page = Page(drawn(">" * 5000 + " a").html)
    assert "".join(page.texts) == "a"
    assert len(page.elements) < 100


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
_MARKUP = [
    "# ", "- ", "- [x] ", "1. ", "**", "*", "~~", "`", "``", "\n", "\n\n", "| a | b |\n|---|:-:|\n", "|", "> ", "&amp;", "&#x6a;", "```\n", "\r\n", "\t",
    "\\", "[a](javascript:alert(1))", "[", "](", "](https://x.y)", ")", "![", "[^1]", "[^1]: ", "<script>alert(1)</script>", "<b onclick='x'>", "</mark>",
    "<img src=x onerror=alert(1)>", "</article>", "<!--", "-->", "<style>*{display:none}</style>", "<svg/onload=alert(1)>", "\" onmouseover=\"x", "---\n",
    "' onfocus='x", "{{ 7*7 }}", "<br>", "<a href=javascript:x>", "</script>", "<iframe srcdoc='x'>", "é", "👩🏽‍🔬", "==\n", "<https://x.y/\"onclick=>",
    "<x@y.z>", "[id]: javascript:x 'y'\n",
]  # fmt: skip
_NASTY = st.lists(st.one_of(_WORDS, st.sampled_from(_MARKUP)), max_size=25).map("".join)
_TAGS = frozenset(
    "p h3 h4 h5 h6 blockquote pre code ul ol li table thead tr th td em strong del span a mark br hr sup div".split()
)
_ATTRIBUTES = frozenset("class id href rel start scope role aria-label aria-haspopup tabindex data-line data-notes".split())


@settings(max_examples=300, deadline=None)
@given(_NASTY, st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60)), max_size=6))
def test_nothing_of_a_document_becomes_markup_of_its_own(source: str, ranges: list[tuple[int, int]]) -> None:
    page = Page(drawn(source, *(Mark(start, start + length, "covered") for start, length in ranges)).html)
    assert page.tags <= _TAGS
    assert {name for _, attrs in page.elements for name in attrs} <= _ATTRIBUTES
    assert all(re.match(r"#|https?:|mailto:", address, re.IGNORECASE) for address in page.attributes("href"))
    assert len(set(page.ids)) == len(page.ids)
    assert not {("a", "a"), ("mark", "mark")} & page.nested


@settings(max_examples=200, deadline=None)
@given(_NASTY)
def test_pieces_nest_and_stand_where_they_say(source: str) -> None:
    open_now = []
    for piece in pieces(source, "a.md"):
        assert 0 <= piece.start <= piece.end <= len(source)
        if piece.name == "open":
            open_now.append(piece.text)
        elif piece.name == "close":
            assert open_now.pop() == piece.text
        elif piece.name in ("text", "code", "raw") and len(piece.text) == piece.end - piece.start and "`" not in piece.text:
            stands = source[piece.start : piece.end]
            assert squeezed(stands) == squeezed(piece.text) or "&" in stands or "`" in stands
    assert open_now == []


@settings(max_examples=200, deadline=None)
@given(_NASTY, st.data())
def test_every_marked_text_is_under_its_mark(source: str, data: st.DataObject) -> None:
    """What a mark covers is what the plain drawing shows of the range; other marks do not change it."""
    spots = [(p.start, p.end, p.text) for p in pieces(source, "a.md") if p.name in ("text", "code") and p.text.strip() and p.end - p.start == len(p.text)]
    if not spots:
        return
    start, end, text = data.draw(st.sampled_from(spots))
    first = data.draw(st.integers(0, len(text) - 1))
    last = data.draw(st.integers(first + 1, len(text)))
    other = Mark(max(0, start + first - 1), end + 3, "missing")
    page = Page(drawn(source, Mark(start + first, start + last, "covered"), other).html)
    assert "".join(page.marked[0]) == text[first:last]


def _visible(source: str) -> str:
    """The text that the parser's own HTML writer shows."""
    html = re.sub(r'<input[^>]*>|<sup class="footnote-reference">.*?</sup>|<sup class="footnote-definition-label">.*?</sup>', "",
                  pyromark.html(source, options=_OPTIONS))  # fmt: skip
    texts: list[str] = []
    reader = HTMLParser()
    reader.handle_data = texts.append  # type: ignore[method-assign]
    reader.feed(html)
    return squeezed("".join(texts))


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.md")), ids=lambda path: path.stem)
def test_the_drawn_text_is_the_text_of_the_document(path: Any) -> None:
    source = path.read_text(encoding="utf-8")
    plain = re.sub(r"<[^>\n]*>|!\[", "", re.sub(r"\A---.*?^---$|<!--.*?-->", "", source, flags=re.DOTALL | re.MULTILINE))
    assert squeezed("".join(Page(drawn(plain).html).shown)) == _visible(plain)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.md")), ids=lambda path: path.stem)
def test_every_block_that_is_judged_is_shown_in_order(path: Any) -> None:
    source = path.read_text(encoding="utf-8")
    shown, at = squeezed("".join(Page(drawn(source).html).texts)), 0
    for block in parse(path.read_bytes(), path.name).blocks:
        for part in block.text.split(" | ") if block.cells else [block.text]:
            at = shown.index(squeezed(part), at)


def test_a_large_document_is_drawn_in_linear_time() -> None:
    """Four times the text may not take much more than four times the time, be it many lines or one."""
    prose, row = "Wörd **bold** and `code`, [link](https://x.y).\n\n", "| ä | b |\n|---|---|\n| 1 | 2 |\n\n"
    for unit in (prose, row, "Wörd *em* `code` <b> &amp; ", "- [ ] itém\n", "# Ä\n"):
        took = []
        for size in (60_000, 240_000):
            source = unit * (size // len(unit))
            marks = [Mark(at, at + 40, "covered") for at in range(0, size, 2500)]
            began = time.process_time()  # not of the clock: other tests run beside this one
            draw(source, "a.md", marks, "d1-", 3)
            took.append(time.process_time() - began)
        assert took[1] < 10 * took[0] + 0.5, (unit, took)
        assert took[1] < 8


# ---- the page


def test_pages_are_well_formed_and_every_inner_link_leads_somewhere(options: Options, reports: tuple[DocumentReport, ...]) -> None:
    pages = [page_of(options, report) for report in reports]
    pages.append(page_of(options, *reports, errors=(DocumentFailure("gone.md", "no such file"),)))
    for html in pages:
        page = Page(html)
        assert len(set(page.ids)) == len(page.ids)
        inner = {href[1:] for href in page.attributes("href") if href.startswith("#") and "-h-" not in href}
        assert inner <= set(page.ids)


def test_every_piece_of_evidence_is_marked_where_it_stands(options: Options, reports: tuple[DocumentReport, ...]) -> None:
    for report in reports:
        page = Page(page_of(options, report))
        notes = [(attrs["data-rule"], attrs["data-kind"]) for tag, attrs in page.elements if tag == "template"]
        told = [(topic.rule, topic.status.value, item) for topic in report.topics for item in topic.evidence]
        assert [(rule, kind) for rule, kind, _ in told] == notes[: len(told)]
        for number, (rule, _, item) in enumerate(told):
            words = re.findall(r"\w+", re.sub(r"&\w+;|\]\([^)]*\)|<[^>]*>", " ", item.text))
            marked = "".join(page.marked[number])
            assert [word for word in words if word not in marked] == [], (report.path, rule)


def test_every_topic_is_a_row_with_status_depth_and_place(options: Options, reports: tuple[DocumentReport, ...]) -> None:
    report = next(report for report in reports if report.path == "draft-todos.md")
    html = page_of(options, report)
    for topic in report.topics:
        row = html[html.index(f'id="d1-t-{topic.rule}"') :].split("</tr>")[0]
        assert options.rules[topic.rule].title in row.replace("&#39;", "'")
        assert {Status.COVERED: "Covered", Status.MENTIONED: "Mentioned", Status.MISSING: "Missing"}[topic.status] in row
        assert (f"depth {topic.depth} of 5" in row) == (topic.status is Status.COVERED)
        assert row.count('class="place"') == len(topic.evidence)
        assert all(f"line {item.region.line}<" in row for item in topic.evidence)


def test_what_is_no_design_is_shown_without_topics(options: Options, reports: tuple[DocumentReport, ...]) -> None:
    report = next(report for report in reports if report.path == "template-unfilled.md")
    html = page_of(options, report)
    assert 'class="topics"' not in html and 'class="grade' not in html
    assert "This is an unfilled template." in html
    assert 'id="d1-L1"' in html


def test_findings_of_other_rules_suppressions_and_odd_paths_are_shown(options: Options, reports: tuple[DocumentReport, ...]) -> None:
    report = next(report for report in reports if report.path == "draft-todos.md")
    at = report.source.index("14 stations")
    region, second = Region(at, at + 11, 19, 30, 19, 41), Region(0, 8, 1, 1, 1, 9)
    places = (Place(second, "# Damage", "the other place"),)
    smell = Finding("two-numbers", "Numbers <differ>", "warning", "14 here, 15 there.", region, "Say one.", related=places)
    hushed = (Suppressed(report.findings[0], "a comment", "known <gap>"),)
    more = replace(report, path='a"><script>.md', findings=(smell, *report.findings), suppressed=hushed)
    html = page_of(options, more)
    page = Page(html)
    assert "Numbers &lt;differ&gt;" in html and "14 here, 15 there." in html and "known &lt;gap&gt;" in html
    assert "14 stations" in ["".join(parts) for parts in page.marked.values()]
    assert page.tags & {"script"} == {"script"} and html.count("<script>") == 1


def test_the_index_names_blind_spots_and_every_cell(options: Options, reports: tuple[DocumentReport, ...]) -> None:
    html = page_of(options, *reports, errors=(DocumentFailure("gone.md", "no such file"),))
    graded = [report for report in reports if report.scorecard.grade and report.topics]
    designs = [report for report in graded if any(topic.status is not Status.NOT_APPLICABLE for topic in report.topics)]
    assert html.count('<a class="cell ') == len(options.rules) * len(designs)
    spots = re.findall(r"open in <b>(\d+)</b> of (\d+)", html)
    shares = [int(some) / int(asked) for some, asked in spots]
    assert shares == sorted(shares, reverse=True) and len(shares) == 6
    worst = max(options.rules, key=lambda rule: sum(t.status in (Status.MISSING, Status.MENTIONED) for d in designs for t in d.topics if t.rule == rule))
    assert html.index(f"<strong>{options.rules[worst].title}</strong>") < html.index('id="heat"')
    assert "gone.md" in html and "no such file" in html


def test_a_page_without_documents_says_what_could_not_be_read(options: Options) -> None:
    html = page_of(options, errors=(DocumentFailure("gone.md", "no such <file>"),))
    Page(html)
    assert "no such &lt;file&gt;" in html


def test_the_page_loads_nothing_and_its_policy_names_what_it_runs(options: Options, reports: tuple[DocumentReport, ...]) -> None:
    html = page_of(options, *reports)
    page = Page(body(html))
    assert page.attributes("src") == [] and page.tags.isdisjoint({"img", "iframe", "object", "embed", "base", "form"})
    assert [(attrs["rel"], attrs["href"]) for tag, attrs in page.elements if tag == "link"] == [("icon", "data:,")]
    assert page.attributes("style") == [] and not any(name.startswith("on") for _, attrs in page.elements for name in attrs)
    assert not re.search(r"url\(|@import|https?:", "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL)))
    policy = next(attrs["content"] or "" for tag, attrs in page.elements if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert f"{tag}-src 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy


def test_the_picture_of_the_text_report_shows_a_real_one(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """``python tests/pictures.py`` draws it anew."""
    monkeypatch.chdir(FIXTURES.parent)
    report = run("fixtures/draft-todos.md").stdout.split("\n\n")
    picture = (FIXTURES / "pictures" / "report-text.svg").read_text(encoding="utf-8")
    told = unescape("".join(re.findall(r"<text class=\"mlsd-r[^>]*>(.*?)</text>", picture)))
    assert squeezed(told) == squeezed("$ mlsd-lint fixtures/draft-todos.md" + "".join(report[:3]))


def test_the_command_line_writes_the_page(run: Callable[..., Result], tmp_path: Any) -> None:
    out = tmp_path / "report.html"
    result = run("--format", "html", "--fail-on", "never", "--output", out, FIXTURES / "draft-todos.md")
    assert (result.exit_code, result.stdout) == (0, "")
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>\n")
