"""Which documents the names on the command line stand for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlsd_lint.errors import DocumentError
from mlsd_lint.files import Source, find


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository that is the current folder."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# A design\n", encoding="utf-8")


def paths(*names: str) -> list[str]:
    sources, failures = find(names)
    assert not failures
    return [source.path for source in sources]


def test_a_folder_is_searched_for_every_markdown_suffix(tree: Path) -> None:
    write("b.md", "a.MD", "sub/c.markdown", "sub/deep/d.mdx", "sub/e.txt", "sub/md")
    assert paths(".") == ["a.MD", "b.md", "sub/c.markdown", "sub/deep/d.mdx"]


def test_hidden_files_and_folders_are_left_out(tree: Path) -> None:
    write("a.md", ".hidden/b.md", ".git/c.md", "._a.md")
    assert paths(".") == ["a.md"]


def test_a_hidden_folder_that_is_named_is_searched(tree: Path) -> None:
    write(".github/design.md")
    assert paths(".github") == [".github/design.md"]


def test_the_order_is_that_of_the_command_line(tree: Path) -> None:
    write("z.md", "docs/a.md")
    assert paths("z.md", "docs") == ["z.md", "docs/a.md"]


def test_each_document_is_taken_once(tree: Path) -> None:
    write("docs/a.md")
    assert paths("docs/a.md", "docs", "./docs/a.md", "docs/../docs/a.md", "-", "-") == ["docs/a.md", "<stdin>"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_to_folders_are_not_followed_and_links_to_files_count_once(tree: Path) -> None:
    write("docs/a.md")
    (tree / "docs/loop").symlink_to(tree)
    (tree / "docs/b.md").symlink_to(tree / "docs/a.md")
    (tree / "docs/broken.md").symlink_to(tree / "nowhere.md")
    assert paths("docs") == ["docs/a.md"]


def test_gitignore_of_every_level_counts_and_the_nearest_decides(tree: Path) -> None:
    write("docs/a.md", "docs/draft-a.md", "docs/keep/draft-b.md", "docs/out/c.md", "docs/deep/only.md", "only.md")
    Path(".gitignore").write_text("draft-*.md\nout/\n/only.md\n", encoding="utf-8")
    Path("docs/keep/.gitignore").write_text("!draft-b.md\n", encoding="utf-8")
    assert paths(".") == ["docs/a.md", "docs/deep/only.md", "docs/keep/draft-b.md"]


def test_gitignore_above_the_named_folder_counts_up_to_the_root_of_the_repository(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("repo/docs/a.md", "repo/docs/b.md")
    (tree / "repo/.git").write_text("gitdir: elsewhere\n", encoding="utf-8")
    Path(".gitignore").write_text("a.md\n", encoding="utf-8")
    Path("repo/.gitignore").write_text("docs/b.md\n", encoding="utf-8")
    monkeypatch.chdir("repo/docs")
    assert paths(".") == ["a.md"]


def test_what_lies_in_an_ignored_folder_cannot_be_taken_back(tree: Path) -> None:
    write("a.md", "out/b.md")
    Path(".gitignore").write_text("out/\n!out/b.md\n", encoding="utf-8")
    assert paths(".") == ["a.md"]


def test_gitignore_lines_that_are_no_pattern_are_passed_over(tree: Path) -> None:
    write("a.md", "b.md")
    Path(".gitignore").write_bytes(b"\xef\xbb\xbf!\n\\\n[z-a]\n\xff\nb.md\n")
    assert paths(".") == ["a.md"]


def test_a_file_that_is_named_is_taken_whatever_it_is_called(tree: Path) -> None:
    write("notes.txt", ".hidden/a.md")
    Path(".gitignore").write_text("*\n", encoding="utf-8")
    assert paths("notes.txt", ".hidden/a.md") == ["notes.txt", ".hidden/a.md"]


@pytest.mark.parametrize("name", ["nope.md", "", "no/such/folder"])
def test_a_name_that_is_nothing_is_a_failure_and_the_others_remain(tree: Path, name: str) -> None:
    write("a.md")
    sources, failures = find([name, "a.md"])
    assert [source.path for source in sources] == ["a.md"]
    assert [(failure.path, failure.message) for failure in failures] == [(name, "no such file or folder; check the name")]


def test_a_folder_without_markdown_is_a_failure_that_says_what_to_do(tree: Path) -> None:
    write("code/a.py", "code/ignored.md")
    Path(".gitignore").write_text("ignored.md\n", encoding="utf-8")
    sources, failures = find(["code"])
    assert not sources
    assert failures[0].path == "code"
    assert "*.mdx" in failures[0].message
    assert "name a file" in failures[0].message


@pytest.mark.skipif(os.name == "nt" or (hasattr(os, "geteuid") and os.geteuid() == 0), reason="needs permissions that bind")
def test_a_folder_that_cannot_be_read_is_a_failure(tree: Path) -> None:
    write("docs/a.md", "docs/shut/b.md")
    Path("docs/shut").chmod(0)
    sources, failures = find(["docs"])
    Path("docs/shut").chmod(0o700)
    assert [source.path for source in sources] == ["docs/a.md"]
    assert failures[0].path == "docs/shut"


def test_a_file_that_vanishes_is_a_document_error(tree: Path) -> None:
    with pytest.raises(DocumentError, match=r"^gone\.md: cannot be read: no such file"):
        Source("gone.md", Path("gone.md")).read()
