"""What a change did to grades and topics, through git or with a second file, and linting only what changed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import Result
from conftest import FIXTURES, assert_golden

from mlsd_lint import __version__, schemas
from mlsd_lint.change_report import render_markdown, render_text
from mlsd_lint.compare import DocumentChange
from mlsd_lint.reporters.layout import Pen

Run = Callable[..., Result]
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")

GOLDEN = Path(__file__).parent / "golden"
BASE = """\
# Ranking service

We rank the offers of our shop with gradient-boosted trees. Labels are the purchases of the last 90 days. The team owns the ranking.

Latency: TBD
"""
PRIVACY = "\n## Privacy\n\nPersonal data is deleted after 30 days, and names are replaced by keys before training.\n"
DRIFT = "\n## Monitoring\n\nEach night we compare every input with the training data and page above a PSI of 0.2.\n"
BEFORE, AFTER = BASE + PRIVACY, BASE.replace("TBD", "the model must answer within 50 ms at the 99th percentile") + DRIFT


def git(*args: str) -> str:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    identity = ("-c", "user.name=Author", "-c", "user.email=author@example.com", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *identity, *args], check=True, capture_output=True, text=True, env=env).stdout


def commit(**files: str) -> None:
    for name, text in files.items():
        write(f"{name}.md", text)
    git("add", "-A")
    git("commit", "-q", "-m", "a change")


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with one design, committed, as current folder."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    commit(design=BEFORE)
    return tmp_path


def compared(run: Run, *args: str) -> dict[str, dict[str, Any]]:
    payload = json.loads(run(*args, "--format", "json").stdout)
    jsonschema.validate(payload, json.loads(schemas.shipped("compare")))
    assert payload["tool"]["version"] == __version__
    return {document["path"]: document for document in payload["documents"]}


def directions(document: dict[str, Any]) -> dict[str, str]:
    return {topic["id"]: topic["direction"] for topic in document["topics"]}


# ---- with a file


@pytest.mark.parametrize(("format_", "suffix"), [("text", "txt"), ("markdown", "md"), ("json", "json")])
def test_the_comparison_with_a_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_: str, suffix: str) -> None:
    monkeypatch.chdir(tmp_path)
    write("old.md", BEFORE + "\n<!-- mlsd-lint disable=drfit -->\n")
    write("new.md", AFTER + "\n<!-- mlsd-lint disable=cost reason: none -->\n<!-- mlsd-lint -->\n")
    result = run("new.md", "--compare", "old.md", "--format", format_)
    assert (result.exit_code, result.stderr) == (1, "")
    told = re.sub(r'"(version|rules)": "[^"]*"', r'"\1": "…"', result.stdout)
    assert_golden(told, GOLDEN / f"compare.{suffix}")


def test_the_same_file_has_not_changed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("a.md", BEFORE)
    assert compared(run, "a.md", "--compare", "a.md")["a.md"]["topics"] == []
    assert "no topic changed" in run("a.md", "--compare", "a.md").stdout


def test_a_file_is_compared_with_one_document_only(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("a.md", BEFORE)
    write("b.md", AFTER)
    result = run("a.md", "b.md", "--compare", "a.md")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "--compare: the file a.md can be compared with one document; name just one, or a revision\n"
    write("empty.md", "")
    assert run("a.md", "--compare", "empty.md").stderr.startswith("empty.md: line 1: the file is empty")


def test_the_exit_status_is_that_of_the_present_document(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("a.md", BEFORE)
    write("b.md", AFTER)
    assert run("b.md", "--compare", "a.md", "--select", "drift").exit_code == 0
    assert run("a.md", "--compare", "b.md", "--select", "drift").exit_code == 1


def test_a_design_that_becomes_a_template_keeps_no_grade(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(FIXTURES / "template-unfilled.md", "template.md")
    write("a.md", BEFORE)
    document = compared(run, "template.md", "--compare", "a.md")["template.md"]
    assert (document["after"]["grade"], document["gain"]) == (None, None)
    assert [finding["rule"] for finding in document["appeared"]] == ["template"]
    assert "→ not graded (template)" in run("template.md", "--compare", "a.md").stdout


def test_a_baseline_is_no_change(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("a.md", BEFORE)
    run("a.md", "--write-baseline", "known.json")
    result = run("a.md", "--compare", "a.md", "--baseline", "known.json", "--fail-on", "note")
    assert result.exit_code == 0
    assert "no topic changed" in result.stdout


def test_a_new_suppression_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("a.md", BEFORE)
    write("b.md", BEFORE + "\n<!-- mlsd-lint disable=drift reason: r -->\n")
    topics = compared(run, "b.md", "--compare", "a.md")["b.md"]["topics"]
    assert [(topic["id"], topic["direction"], topic["after"]["suppressed"]) for topic in topics] == [("drift", "other", True)]


# ---- with a revision


@needs_git
def test_the_comparison_with_a_revision_looks_at_the_working_tree(run: Run, repository: Path) -> None:
    write("design.md", AFTER)
    document = compared(run, "design.md", "--compare", "HEAD")["design.md"]
    found = directions(document)
    assert (found["privacy"], found["drift"], found["latency-requirement"]) == ("lost", "gained", "gained")
    assert list(found.values()) == sorted(found.values(), key=["lost", "gained", "other"].index)
    assert document["gain"] == round(document["after"]["score"] - document["before"]["score"], 1)
    commit()
    assert directions(compared(run, "design.md", "--compare", "HEAD~1")["design.md"]) == found
    assert compared(run, "design.md", "--compare", "HEAD")["design.md"]["topics"] == []


@needs_git
def test_three_dots_mean_where_the_branch_left(run: Run, repository: Path) -> None:
    git("checkout", "-q", "-b", "feature")
    commit(design=AFTER)
    git("checkout", "-q", "main")
    commit(design=BEFORE + DRIFT)
    git("checkout", "-q", "feature")
    assert directions(compared(run, "design.md", "--compare", "main...")["design.md"])["drift"] == "gained"
    assert "drift" not in directions(compared(run, "design.md", "--compare", "main")["design.md"])


@needs_git
def test_new_renamed_and_removed_documents(run: Run, repository: Path) -> None:
    commit(**{"docs/kept": BEFORE + PRIVACY * 3, "docs/gone": AFTER + "\nSomething else is said here.\n", "notes": BEFORE})
    git("mv", "docs/kept.md", "docs/moved.md")
    Path("docs/gone.md").unlink()
    Path("notes.md").unlink()
    write("docs/new.md", "# A new one\n\nWe train a model of the weather on data of ten years, with gradient-boosted trees.\n")
    found = compared(run, "docs", "--compare", "HEAD")
    assert set(found) == {"docs/moved.md", "docs/new.md", "docs/gone.md"}, "notes.md is not in the folder that is linted"
    assert (found["docs/moved.md"]["renamed_from"], found["docs/moved.md"]["topics"]) == ("docs/kept.md", [])
    assert found["docs/new.md"]["before"] is None
    assert found["docs/gone.md"]["after"] is None
    text = run("docs", "--compare", "HEAD").stdout
    for told in ("docs/moved.md (was docs/kept.md): ", "docs/new.md: new, ", "docs/gone.md: removed, was "):
        assert told in text


@needs_git
def test_a_document_is_found_from_any_folder_and_by_any_name(run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("design.md", AFTER)
    write("dïr with blank/-odd [x].md", BEFORE)
    commit()
    write("dïr with blank/-odd [x].md", AFTER)
    monkeypatch.chdir(repository / "dïr with blank")
    found = compared(run, "../design.md", "./-odd [x].md", "--compare", "HEAD~1")
    assert directions(found["../design.md"])["drift"] == "gained"
    assert directions(compared(run, "./-odd [x].md", "--compare", "HEAD")["./-odd [x].md"])["privacy"] == "lost"


@needs_git
@pytest.mark.parametrize("revision", ["nope", "--output=x", "-p", "...", "HEAD~99", "HEAD:design.md", ""])
@pytest.mark.parametrize("option", ["--compare", "--changed-since"])
def test_a_revision_that_there_is_not_is_an_error(run: Run, repository: Path, option: str, revision: str) -> None:
    result = run("design.md", f"{option}={revision}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"{option}: git knows no revision '{revision.removesuffix('...')}'; ")
    assert [path.name for path in repository.iterdir() if path.name != ".git"] == ["design.md"]


@needs_git
def test_outside_a_repository_it_is_an_error(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    write("a.md", BEFORE)
    for option in ("--compare", "--changed-since"):
        result = run("a.md", option, "HEAD")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "this is not a git repository" in result.stderr


def test_without_git_it_is_an_error(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    write("a.md", BEFORE)
    assert "need the program git" in run("a.md", "--compare", "HEAD").stderr
    assert run("-", "--compare", "HEAD", input=BEFORE.encode()).stderr.startswith("--compare: standard input has no revisions")


def test_nothing_is_printed_where_no_document_could_be_read(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("gone.md", "--compare", "HEAD")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "gone.md: no such file or folder; check the name\n"


def test_not_every_format_prints_a_comparison(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("a.md", BEFORE)
    result = run("a.md", "--compare", "a.md", "--format", "sarif")
    assert (result.exit_code, result.stderr) == (2, "--format sarif: --compare does not print it; choose one of text, json, markdown\n")


@needs_git
def test_git_runs_no_programs_of_the_repository(run: Run, repository: Path) -> None:
    write(".gitattributes", "*.md diff=evil\n")
    for key in ("diff.evil.command", "diff.evil.textconv", "diff.external"):
        git("config", key, "touch ran; true")
    write("design.md", AFTER)
    assert compared(run, ".", "--compare", "HEAD")["design.md"]["topics"]
    assert run("--changed-since", "HEAD").exit_code == 1
    assert not (repository / "ran").exists()


def test_paths_and_messages_stay_inert_in_markdown() -> None:
    change = DocumentChange("a`|<b>.md", None, None, None, (), (), ())
    page = render_markdown([change], "x@y <script> [a](b)")
    assert "**``a`\\|<b>.md``**" in page
    assert "<script>" not in page and "[a](b)" not in page and "x@y" not in page
    assert "\x1b" not in render_text([DocumentChange("a\x1b[31m.md", None, None, None, (), (), ())], "x", Pen(False))


# ---- only what changed


def linted(run: Run, *args: str) -> list[str]:
    return [document["path"] for document in json.loads(run(*args, "--format", "json").stdout)["documents"]]


@needs_git
def test_only_changed_documents_are_linted(run: Run, repository: Path) -> None:
    commit(**{"docs/a": BEFORE, "docs/b": BEFORE + PRIVACY, "docs/c": BEFORE})
    assert linted(run, "--changed-since", "HEAD") == []
    result = run("--changed-since", "HEAD")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "nothing to lint: no document changed since HEAD\n")
    write("docs/a.md", AFTER)
    git("mv", "docs/b.md", "docs/renamed.md")
    write("new.md", AFTER)
    write("ignored.md", AFTER)
    write(".gitignore", "ignored.md\n")
    assert linted(run, "--changed-since", "HEAD") == ["new.md", "docs/a.md", "docs/renamed.md"]
    assert linted(run, "docs", "design.md", "--changed-since", "HEAD") == ["docs/a.md", "docs/renamed.md"]
    assert set(compared(run, "--changed-since", "HEAD", "--compare", "HEAD")) == {"docs/a.md", "docs/renamed.md", "new.md"}


@needs_git
def test_every_document_belongs_to_the_repository_nearest_to_it(run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("inner/design.md", BEFORE)
    git("init", "-q", "inner")
    git("-C", "inner", "add", "-A")
    git("-C", "inner", "commit", "-q", "-m", "a change")
    write("design.md", AFTER)
    monkeypatch.setenv("GIT_DIR", ".git")
    assert linted(run, "inner/design.md", "design.md", "--changed-since", "HEAD") == ["design.md"]
    write("inner/design.md", AFTER)
    assert linted(run, "inner/design.md", "design.md", "--changed-since", "HEAD") == ["inner/design.md", "design.md"]
    found = compared(run, "inner/design.md", "design.md", "--compare", "HEAD")
    assert [directions(document)["drift"] for document in found.values()] == ["gained", "gained"]


@needs_git
def test_what_the_other_branch_changed_is_not_ours(run: Run, repository: Path) -> None:
    git("checkout", "-q", "-b", "feature")
    commit(ours=BEFORE)
    git("checkout", "-q", "main")
    commit(design=AFTER)
    git("checkout", "-q", "feature")
    assert linted(run, "--changed-since", "main") == ["ours.md"]


def test_paths_are_needed_without_it(run: Run) -> None:
    result = run("--format", "json")
    assert result.exit_code == 2
    assert "Missing argument 'PATHS...'" in result.stderr
