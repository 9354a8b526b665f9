"""The formats for programs and forges: that they are well-formed whatever a document says, and say what was found.

tests/data/sarif-2.1.0.schema.json is the schema of SARIF 2.1.0 with its first errata, by OASIS, as the npm package
@microsoft/sarif-multitool-ts 5.7.0 (MIT) ships it, with line feeds alone at line ends; OASIS lets anyone include it (oasis-tcs/sarif-spec, issue 583).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pyromark
import pytest
from click.testing import Result
from conftest import assert_golden
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mlsd_lint.model import (
    DocumentFailure,
    DocumentReport,
    Evidence,
    Finding,
    Kind,
    Place,
    Region,
    Report,
    Scorecard,
    StageScore,
    Stance,
    Status,
    Suppressed,
    TopicResult,
    TraitFound,
)
from mlsd_lint.reporters import REPORTERS, Options
from mlsd_lint.reporters.layout import clean, columns
from mlsd_lint.reporters.paths import from_root, to_uri
from mlsd_lint.rule import Examples, Rule

DATA = Path(__file__).parent / "data"
SUFFIXES = {"junit": "xml", "checkstyle": "xml", "text": "txt", "github": "txt", "markdown": "md", "jsonl": "jsonl"}
SOURCE = "# Fraud 🕵 scoring\n\nThe 🕵 model is retrained weekly.\nLater: the model is never retrained.\n"
JOINER = "\u2060"


@dataclass(frozen=True)
class Smell:
    id: str = "contradiction"
    title: str = "Contradiction"
    level: str = "warning"
    why: str = "A reader cannot know which one holds."
    mend: str = "Keep one of the two."
    references: tuple[str, ...] = ("A handbook",)


def rule(name: str, title: str, level: str) -> Rule:
    examples = Examples(covered=("a", "b", "c"), mentioned=("a", "b"), absent=("a",))
    return Rule(id=name, title=title, level=level, weight=2, ask=f"What of {name}?", why=f"Because of {name}.", examples=examples, references=("A handbook",))  # type: ignore[arg-type]


RULES = {r.id: r for r in (rule("drift", "Drift", "error"), rule("retraining", "Retraining", "warning"), rule("bandits", "Bandits", "note"))}
OPTIONS = Options(RULES, "0123456789ab", smells={"contradiction": Smell()})


def region(text: str) -> Region:
    """Where a text stands in the source."""
    start = SOURCE.index(text)
    end = start + len(text)
    before, up_to = SOURCE[:start], SOURCE[:end]
    return Region(start, end, before.count("\n") + 1, start - before.rfind("\n"), up_to.count("\n") + 1, end - up_to.rfind("\n"))


WEEKLY, NEVER, TOP = region("retrained weekly"), region("never retrained"), Region(0, 0, 1, 1, 1, 1)


def finding(name: str, level: str, message: str, at: Region = TOP, **more: Any) -> Finding:
    known = {"weight": 1.0, "fingerprint": f"{len(name):016x}", "help": f"Because of {name}."} | more
    return Finding(name, name.title(), level, message, at, **known)


def report(said: str = "never retrained", *, path: str = "docs/fraud design.md") -> Report:
    """Of each kind of outcome one, with ``said`` wherever a text of a document can stand."""
    evidence = Evidence("retraining", WEEKLY, said, Stance.ASSERTED, 1.0, (("strong phrase", 1.0),), 3, 0, said, said)
    topics = (
        TopicResult("drift", 5, Status.MISSING, 0, "nothing in the document speaks to it", ()),
        TopicResult("retraining", 5, Status.COVERED, 3, "strong phrase +1.00", (evidence,)),
        TopicResult("bandits", 4, Status.NOT_APPLICABLE, 0, f"not asked: {said}", ()),
    )
    findings = (
        finding("drift", "error", f"Drift is missing: {said}. What of drift?"),
        finding("contradiction", "warning", f"Two places disagree on {said}.", WEEKLY, related=(Place(NEVER, said, "says the opposite"),)),
        finding("unused-suppression", "note", f"It suppresses nothing: {said}", NEVER),
    )
    suppressed = (Suppressed(finding("bandits", "note", f"Bandits is missing: {said}"), "comment at line 3", said),)
    stages = (StageScore(4, "Deployment", None, None, 0, 0, 1.0), StageScore(5, "Monitoring", 50.0, "C", 1, 2, 1.0))
    card = Scorecard(50.0, "C", stages, ("stage 5: 1.00 of 2 weighted points = 50.0, counts 1",))
    traits = (TraitFound("llm", "LLM", (WEEKLY,)),)
    design = DocumentReport(path, Kind.DESIGN, "", traits, card, topics, findings, SOURCE, suppressed)
    unfilled = finding("template", "warning", f"This is an unfilled template. {said}")
    template = DocumentReport("template.md", Kind.TEMPLATE, said, (), Scorecard(0.0, None, (), ()), (), (unfilled,), "# ?\n")
    return Report((design, template), (DocumentFailure("gone.md", f"no such file: {said}"),))


def rendered(format_: str, *args: Any, options: Options = OPTIONS, **kwargs: Any) -> str:
    return REPORTERS[format_](report(*args, **kwargs), options)


def messages(told: Report) -> list[str]:
    return [finding.message for document in told.documents for finding in document.findings]


on_reports = settings(max_examples=60, deadline=None)

# what breaks out of one format or another, alone and in the middle of any text
FRAGMENTS = [
    "<script>alert(1)</script>", "</details>", "<!--", "]]>", "&lt;&#10;", "|", "||", "`", "```", "**", "__", "~~", "$$", "\\", "\\|", "[a](http://b)",
    "[^1]", "[[a]]", "![a](b)", "<http://a.b>", "http://a.b", "www.a.b", "a@b.cc", "@octocat", "#12", "GH-12", "!12", ":smile:", "0123456789abcdef",
    "\n", "\r\n", "\n\n# a\n", "\n- a", "::error::a", "\n::add-mask::a", "%0A", "%25", ",", ":", "{0}", "}",
    "\x00", "\x1b[31m", "\ufffe", "\x85", "\u2028", "\u202e", "👩🏽\u200d🔬", "\t",
]  # fmt: skip
HOSTILE = st.lists(st.text(max_size=12) | st.sampled_from(FRAGMENTS), max_size=6).map("".join)
WORST = " ".join(FRAGMENTS)


# ---- all of them


@pytest.mark.parametrize("format_", [name for name in REPORTERS if name not in ("json", "html")])
def test_a_small_report_in_each_format(format_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlsd_lint.reporters.sarif.__version__", "1.2.3")
    assert_golden(rendered(format_), DATA / "formats" / f"{format_}.{SUFFIXES.get(format_, 'json')}")


@pytest.mark.parametrize("format_", list(REPORTERS))
def test_every_format_bears_an_empty_report(format_: str) -> None:
    assert isinstance(REPORTERS[format_](Report((), ()), OPTIONS), str)


@on_reports
@given(HOSTILE)
@example(WORST)
def test_a_document_adds_no_control_character_and_no_line_to_what_a_person_reads(said: str) -> None:
    for format_ in ("text", "github", "markdown"):
        out = rendered(format_, said)
        assert format_ == "text" or out.count("\n") == rendered(format_, "word").count("\n")
        assert all(char.isprintable() or char in f"\n{JOINER}" for char in out)


def test_help_imports_no_reporter() -> None:
    program = (
        "import sys; from mlsd_lint.cli import cli\ntry: cli(['--help'])\nexcept SystemExit: pass\n"
        "assert [name for name in sys.modules if name.startswith('mlsd_lint.reporters.')] == ['mlsd_lint.reporters.options']"
    )
    told = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")
    assert all(name in told.stdout for name in REPORTERS)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a design in docs/, which is the current folder."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "design.md").write_text("# Ranking\n\nThe model must answer within 50 ms.\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "docs")
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize("format_", list(REPORTERS))
def test_every_format_can_be_asked_for(format_: str, run: Callable[..., Result], checkout: Path) -> None:
    result = run("design.md", "gone.md", "--format", format_)
    assert result.exit_code == 2
    assert "design.md" in result.stdout
    assert result.stderr == "gone.md: no such file or folder; check the name\n"


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_a_job_in_a_sub_folder_names_files_from_the_checkout(
    variable: str, run: Callable[..., Result], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(checkout))
    assert "file=docs/design.md," in run("design.md", "--format", "github").stdout
    assert json.loads(run(str(checkout / "docs" / "design.md"), "--format", "gitlab").stdout)[0]["location"]["path"] == "docs/design.md"


# ---- json lines


@on_reports
@given(HOSTILE)
@example(WORST)
def test_jsonl_has_the_entries_of_the_json_report_one_to_a_line(said: str) -> None:
    whole = json.loads(rendered("json", said))
    lines = [json.loads(line) for line in rendered("jsonl", said).splitlines()]
    assert lines == [{"version": whole["version"], **entry} for entry in (*whole["documents"], *whole["errors"])]


# ---- sarif


@pytest.fixture(scope="module")
def sarif_schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((DATA / "sarif-2.1.0.schema.json").read_text(encoding="utf-8")))


def run_of(out: str) -> Any:
    (run,) = json.loads(out)["runs"]
    return run


def plain(message: dict[str, str]) -> str:
    """A SARIF message as a viewer shows it; raises where it holds a link or a place for an argument."""
    bare = re.sub(r"\\[\\\[\]]", "", message["text"].replace("{{", "").replace("}}", ""))
    assert not set("[]{}\\") & set(bare), message
    return re.sub(r"\\([\\\[\]])", r"\1", message["text"].replace("{{", "{").replace("}}", "}"))


@on_reports
@given(said=HOSTILE, path=HOSTILE.filter(bool))
@example(said=WORST, path=WORST)
def test_sarif_follows_the_official_schema(sarif_schema: Draft202012Validator, said: str, path: str) -> None:
    told = report(said, path=path)
    out = REPORTERS["sarif"](told, OPTIONS)
    sarif_schema.validate(json.loads(out))
    results = run_of(out)["results"]
    assert [plain(result["message"]) for result in results if not result["suppressions"]] == messages(told)
    assert "security-severity" not in out


def test_the_sarif_schema_is_used(sarif_schema: Draft202012Validator) -> None:
    log = json.loads(rendered("sarif"))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not sarif_schema.is_valid(log)


def test_a_sarif_result_says_where_in_characters() -> None:
    run = run_of(rendered("sarif"))
    result = next(result for result in run["results"] if result["ruleId"] == "contradiction")
    (place,) = result["locations"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert place["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 16, "endLine": 3, "endColumn": 32}
    assert SOURCE.splitlines()[2][15:31] == "retrained weekly"
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["region"] == {"startLine": 4, "startColumn": 21, "endLine": 4, "endColumn": 36}
    assert related["message"] == {"text": "says the opposite"}


def test_sarif_paths_are_relative_uris() -> None:
    (design, _) = run_of(rendered("sarif", path="./docs/50% a:b#c?d é.md"))["artifacts"]
    uri = design["location"]["uri"]
    assert uri == "docs/50%25%20a%3Ab%23c%3Fd%20%C3%A9.md"
    assert urlsplit(uri).scheme == "" and unquote(uri) == "docs/50% a:b#c?d é.md"


def test_every_sarif_result_has_a_rule_with_help() -> None:
    run = run_of(rendered("sarif"))
    rules = run["tool"]["driver"]["rules"]
    assert [entry["id"] for entry in rules] == ["drift", "retraining", "bandits", "contradiction", "unused-suppression", "template"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    for entry in rules:
        assert entry["help"]["text"] and entry["help"]["markdown"] and entry["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert "Keep one of the two." in rules[3]["help"]["text"]


def test_sarif_fingerprints_are_those_of_the_findings() -> None:
    told = report()
    twice = replace(told, documents=(replace(told.documents[0], findings=told.documents[0].findings[:1] * 2),))
    first, second, *_ = run_of(REPORTERS["sarif"](twice, OPTIONS))["results"]
    assert first["partialFingerprints"] == {"primaryLocationLineHash": f"{5:016x}:1", "mlsdLint/v1": f"{5:016x}"}
    assert second["partialFingerprints"]["primaryLocationLineHash"] == f"{5:016x}:2"


def test_sarif_shows_what_is_suppressed_and_why() -> None:
    told = report("agreed")
    baseline = replace(told.documents[0], suppressed=(*told.documents[0].suppressed, Suppressed(finding("drift", "note", "a"), "baseline", "")))
    results = run_of(REPORTERS["sarif"](replace(told, documents=(baseline,)), OPTIONS))["results"]
    assert [result["suppressions"] for result in results] == [
        [], [], [], [{"kind": "inSource", "justification": "comment at line 3: agreed"}], [{"kind": "external", "justification": "baseline"}],
    ]  # fmt: skip


def test_sarif_tells_of_documents_that_could_not_be_read() -> None:
    (invocation,) = run_of(rendered("sarif"))["invocations"]
    (told,) = invocation["toolExecutionNotifications"]
    assert invocation["executionSuccessful"] is False
    assert told["message"] == {"text": "no such file: never retrained"}
    assert told["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "gone.md"
    (sound,) = run_of(REPORTERS["sarif"](replace(report(), errors=()), OPTIONS))["invocations"]
    assert sound["executionSuccessful"] is True


# ---- paths


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("design.md", "docs/design.md"),
        ("./a/../design.md", "docs/design.md"),
        ("../README.md", "README.md"),
        ("/srv/repo/x.md", "x.md"),
        ("/elsewhere/x.md", "/elsewhere/x.md"),
        ("../../x.md", "../../x.md"),
        ("/srv/repository/x.md", "/srv/repository/x.md"),
    ],
)
def test_paths_count_from_the_checkout(path: str, expected: str) -> None:
    assert from_root(path, replace(OPTIONS, here="/srv/repo/docs", root="/srv/repo")) == expected


def test_paths_of_windows_count_from_the_checkout() -> None:
    options = replace(OPTIONS, here="C:/repo/docs", root="C:/repo")
    assert [from_root(path, options) for path in ("x.md", "C:/repo/x.md", "D:/x.md")] == ["docs/x.md", "x.md", "D:/x.md"]


@pytest.mark.parametrize(("path", "uri"), [("/a b/c.md", "file:///a%20b/c.md"), ("C:/a b.md", "file:///C:/a%20b.md"), ("a\udcff.md", "a%FF.md")])
def test_paths_as_uris(path: str, uri: str) -> None:
    assert to_uri(path) == uri


# ---- junit and checkstyle


def parsed_xml(out: str) -> ElementTree.Element:
    return ElementTree.fromstring(out)  # noqa: S314 - our own output


def as_xml(text: str) -> str:
    """A text as XML can hold it, on one line."""
    return " ".join(re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text).split())


@on_reports
@given(said=HOSTILE, path=HOSTILE)
@example(said=WORST, path=WORST)
def test_checkstyle_is_well_formed_and_complete(said: str, path: str) -> None:
    told = report(said, path=path + "\udcff.md")
    files = parsed_xml(REPORTERS["checkstyle"](told, OPTIONS)).findall("file")
    found = [error.get("message", "") for file in files[:-1] for error in file]
    assert [message.split(" line 4: says the opposite")[0] for message in found] == [as_xml(message) for message in messages(told)]
    assert [file.get("name") for file in files[1:]] == ["template.md", "gone.md"]
    assert {error.get("severity") for file in files for error in file} == {"error", "warning", "info"}


@on_reports
@given(said=HOSTILE, path=HOSTILE)
@example(said=WORST, path=WORST)
def test_junit_is_well_formed_and_complete(said: str, path: str) -> None:
    told = report(said, path=path + "\udcff.md")
    root = parsed_xml(REPORTERS["junit"](told, OPTIONS))
    failures = [failure.get("message") for failure in root.iter("failure")]
    assert failures == [as_xml(message) for message in messages(told)]
    assert all(as_xml(said) in (failure.text or "") for failure in root.iter("failure"))


def test_junit_has_a_suite_per_document_and_a_case_per_topic_and_smell() -> None:
    root = parsed_xml(rendered("junit"))
    design, template, gone = root.findall("testsuite")
    outcomes = {case.get("name"): [child.tag for child in case] for case in design.findall("testcase")}
    assert outcomes == {"drift": ["failure"], "retraining": [], "bandits": ["skipped"], "contradiction": ["failure"], "unused-suppression": ["failure"]}
    assert [design.get(name) for name in ("name", "tests", "failures", "errors", "skipped")] == ["docs/fraud design.md", "5", "3", "0", "1"]
    assert [case.get("name") for case in template.findall("testcase")] == ["template"]
    assert gone.find("testcase/error") is not None
    assert [root.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["7", "4", "1", "1"]


def test_a_smell_that_was_not_found_is_a_passed_case() -> None:
    told = replace(report().documents[0], findings=())
    case = parsed_xml(REPORTERS["junit"](Report((told,), ()), OPTIONS)).find("testsuite/testcase[@name='contradiction']")
    assert case is not None and list(case) == []


# ---- github

COMMAND = re.compile(r"::(?P<command>error|warning|notice) (?P<properties>[^:]*)::(?P<message>.*)")


def unescaped(text: str) -> str:
    return re.sub("%(25|0D|0A|3A|2C)", lambda code: chr(int(code.group(1), 16)), text)


def annotations(out: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """The commands as a runner reads them."""
    for line in out.split("\n")[:-1]:
        command = COMMAND.fullmatch(line)
        assert command, line
        pairs = (pair.split("=", 1) for pair in command["properties"].split(","))
        yield command["command"], {name: unescaped(value) for name, value in pairs}, unescaped(command["message"])


@on_reports
@given(said=HOSTILE, path=HOSTILE)
@example(said=WORST, path=WORST)
def test_github_annotations_say_just_what_was_found(said: str, path: str) -> None:
    told = report(said, path=path + ".md")
    out = REPORTERS["github"](told, OPTIONS)
    assert "\r" not in out
    found = list(annotations(out))
    assert [command for command, _, _ in found] == ["error", "error", "warning", "warning", "notice"]
    assert found[0][2] == clean(told.errors[0].message)
    by_level = sorted((f for document in told.documents for f in document.findings), key=lambda f: ("error", "warning", "note").index(f.level))
    assert [message.split("\n")[0] for _, _, message in found[1:]] == [clean(f.message) for f in by_level]
    assert found[1][1]["file"] == clean(from_root(path + ".md", OPTIONS))
    assert set(found[1][1]) == {"file", "line", "endLine", "col", "endColumn", "title"}


def test_columns_are_left_out_where_a_region_has_several_lines() -> None:
    wide = replace(report().documents[0], findings=(finding("drift", "error", "a", Region(0, 60, 1, 1, 3, 5)),))
    ((_, properties, _),) = annotations(REPORTERS["github"](Report((wide,), ()), OPTIONS))
    assert properties == {"file": "docs/fraud design.md", "line": "1", "endLine": "3", "title": "mlsd-lint: Drift (drift)"}


@pytest.mark.parametrize(("errors", "warnings", "notes"), [(10, 10, 10), (11, 0, 0), (0, 12, 30), (10, 10, 11), (0, 0, 9)])
def test_github_shows_the_most_severe_first_and_says_how_many_it_left_out(errors: int, warnings: int, notes: int) -> None:
    levels = ["note"] * notes + ["warning"] * warnings + ["error"] * errors
    many = replace(report().documents[0], findings=tuple(finding("drift", level, f"{level} {n}", weight=n) for n, level in enumerate(levels)))
    found = list(annotations(REPORTERS["github"](Report((many,), ()), OPTIONS)))
    counts = Counter(command for command, _, _ in found)
    assert max(counts.values()) <= 10
    assert [command for command, _, _ in found] == sorted((command for command, _, _ in found), key=("error", "warning", "notice").index)
    weights = [int(message.split("\n")[0].split()[1]) for command, _, message in found if command == "error"]
    assert weights == sorted(weights, reverse=True)
    shown = sum("left" not in message and "more found" not in message for _, _, message in found)
    told = [int(message.split()[0]) for _, _, message in found if "more found" in message]
    assert shown + sum(told) == errors + warnings + notes
    assert told == [] or found[-1][2].startswith(str(told[0]))


# ---- gitlab


@on_reports
@given(HOSTILE)
@example(WORST)
def test_gitlab_issues_have_what_gitlab_asks_for(said: str) -> None:
    issues = json.loads(rendered("gitlab", said))
    assert [issue["severity"] for issue in issues] == ["major", "minor", "info", "minor", "critical"]
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    for issue in issues:
        assert issue["description"] and issue["check_name"] and issue["location"]["path"] and issue["location"]["lines"]["begin"] >= 1


def test_gitlab_fingerprints_are_unique_and_stay_where_lines_move() -> None:
    design = report().documents[0]
    twice = replace(design, findings=design.findings * 2)
    both = Report((twice, replace(twice, path="other.md")), ())
    issues = json.loads(REPORTERS["gitlab"](both, OPTIONS))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 12
    moved = replace(twice, findings=tuple(replace(f, region=Region(9, 9, 9, 1, 9, 1)) for f in twice.findings))
    later = json.loads(REPORTERS["gitlab"](Report((moved,), ()), OPTIONS))
    assert [issue["fingerprint"] for issue in later] == [issue["fingerprint"] for issue in issues[:6]]


# ---- reviewdog

POSITION = {"type": "object", "required": ["line", "column"], "additionalProperties": False,
            "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}}}  # fmt: skip
RANGE = {"type": "object", "required": ["start"], "additionalProperties": False, "properties": {"start": POSITION, "end": POSITION}}
LOCATION = {"type": "object", "required": ["path"], "additionalProperties": False, "properties": {"path": {"type": "string", "minLength": 1}, "range": RANGE}}
RELATED = {"type": "object", "required": ["location"], "additionalProperties": False, "properties": {"message": {"type": "string"}, "location": LOCATION}}
NAMED = {"type": "object", "additionalProperties": False, "properties": {"name": {"type": "string"}, "value": {"type": "string"}, "url": {"type": "string"}}}
# the fields of reviewdog.rdf.DiagnosticResult that are used here; an unknown one makes reviewdog refuse the input
RDJSON = Draft202012Validator({
    "type": "object", "additionalProperties": False,
    "properties": {"source": NAMED, "diagnostics": {"type": "array", "items": {
        "type": "object", "required": ["message", "location"], "additionalProperties": False,
        "properties": {
            "message": {"type": "string", "minLength": 1}, "location": LOCATION, "severity": {"enum": ["ERROR", "WARNING", "INFO"]},
            "code": NAMED, "related_locations": {"type": "array", "items": RELATED},
        },
    }}},
})  # fmt: skip


@on_reports
@given(HOSTILE)
@example(WORST)
def test_rdjson_follows_the_format_of_reviewdog(said: str) -> None:
    told = report(said)
    diagnostics = json.loads(REPORTERS["rdjson"](told, OPTIONS))
    RDJSON.validate(diagnostics)
    shown = [text_of(diagnostic["message"]) for diagnostic in diagnostics["diagnostics"]]
    assert shown == [clean(message).strip() for message in (*messages(told), f"could not be read: {told.errors[0].message}")]


def test_rdjson_counts_columns_in_bytes() -> None:
    found = json.loads(rendered("rdjson"))["diagnostics"][1]["location"]["range"]
    line = SOURCE.splitlines()[2].encode()
    assert line[found["start"]["column"] - 1 : found["end"]["column"] - 1] == b"retrained weekly"


# ---- markdown

_O = pyromark.Options
GITHUB = _O.ENABLE_TABLES | _O.ENABLE_STRIKETHROUGH | _O.ENABLE_FOOTNOTES | _O.ENABLE_TASKLISTS | _O.ENABLE_MATH | _O.ENABLE_WIKILINKS
# what GitHub and GitLab look for in text after the Markdown is rendered
REFERENCE = re.compile(r"[@#!%~&$^]\w|://|\bwww\.|\bgh-\d|\b(?=\d*[a-f])[0-9a-f]{7,40}\b|:[a-z+_-]\w*:", re.IGNORECASE)


def events(markdown: str) -> list[Any]:
    return list(pyromark.events(markdown, options=GITHUB))  # type: ignore[arg-type]


def text_of(markdown: str) -> str:
    """The text that is shown; raises where there is anything but one paragraph of text."""
    first, *middle, last = events(markdown)
    assert (first, last) == ({"Start": "Paragraph"}, {"End": "Paragraph"})
    assert all(list(event) == ["Text"] for event in middle), middle
    return "".join(event["Text"] for event in middle).replace(JOINER, "")


@on_reports
@given(said=HOSTILE, path=HOSTILE)
@example(said=WORST, path=WORST)
def test_a_document_cannot_change_the_markdown_that_surrounds_it(said: str, path: str) -> None:
    shape = [event for event in events(rendered("markdown", "word", path="word.md")) if "Text" not in event]
    hostile = events(rendered("markdown", said, path=path + ".md"))
    assert [event for event in hostile if "Text" not in event] == shape
    for event in hostile:
        if "Text" in event:
            assert not REFERENCE.search(event["Text"]), event


def test_a_message_is_shown_as_it_is() -> None:
    told = "Wer: <b>a|b</b> *c* `d` @octocat #12 http://a.b [x](y) $1$ ~~e~~ 0123456789abcdef \\| &amp; GH-7 www.a.b"
    out = rendered("markdown", told)
    shown = "".join(event["Text"] for event in events(out) if "Text" in event).replace(JOINER, "")
    assert shown.count(told) >= 4


def test_a_comment_is_never_longer_than_github_takes() -> None:
    design = report("word " * 200).documents[0]
    many = replace(design, findings=design.findings * 40)
    out = REPORTERS["markdown"](Report((many,) * 120, ()), replace(OPTIONS, explain_score=True))
    assert len(out) <= 65_536
    assert "left out" in out.splitlines()[-1]
    assert "left out" not in rendered("markdown")
    assert out.count("<details>") == out.count("</details>")


def test_the_arithmetic_is_shown_when_asked() -> None:
    assert "weighted points" not in rendered("markdown")
    assert "- stage 5: 1.00 of 2 weighted points = 50.0, counts 1\n" in rendered("markdown", options=replace(OPTIONS, explain_score=True))


def test_a_design_without_gaps_says_so() -> None:
    out = REPORTERS["markdown"](Report((replace(report().documents[0], findings=()),), ()), OPTIONS)
    assert "No gaps: every topic that is asked is covered." in out and "Weak spots" not in out


# ---- text


def test_weak_spots_show_both_places_with_what_stands_there() -> None:
    lines = rendered("text").splitlines()
    start = lines.index("Weak spots: 1 warning")
    assert lines[start + 1 : start + 6] == [
        "  1. Contradiction                                        warning  contradiction",
        "     Two places disagree on never retrained.",
        "     line 3   “retrained weekly”",
        "     line 4   says the opposite: “never retrained”",
        "     Because of contradiction.",
    ]
    assert lines.index("Gaps: 1 error") < start < next(n for n, line in enumerate(lines) if line.startswith(" 4 Deployment"))


def test_a_topic_whose_finding_rests_on_places_is_a_weak_spot_and_no_gap() -> None:
    placed = finding("drift", "error", "Drift is told in two ways.", WEEKLY, related=(Place(NEVER, "", "an empty place"),))
    out = REPORTERS["text"](Report((replace(report().documents[0], findings=(placed,)),), ()), OPTIONS)
    assert "No gaps" in out and "Weak spots: 1 error" in out and "     line 4   an empty place\n" in out


def test_a_report_without_weak_spots_does_not_speak_of_them() -> None:
    told = report().documents[0]
    assert "Weak spots" not in REPORTERS["text"](Report((replace(told, findings=told.findings[:1]),), ()), OPTIONS)


@on_reports
@given(HOSTILE)
@example(WORST)
def test_weak_spots_fit_a_terminal(said: str) -> None:
    design = report(said * 20).documents[0]
    lines = REPORTERS["text"](Report((replace(design, findings=design.findings[1:]),), ()), OPTIONS).splitlines()
    start = lines.index("Weak spots: 1 warning")
    assert max(map(columns, lines[start : lines.index("", start)])) <= 80
