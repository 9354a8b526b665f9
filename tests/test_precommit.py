"""The hook, run by the real pre-commit from a clone of this project; skipped where pre-commit, git or a package index is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import util
from pathlib import Path

import pytest
import yaml
from conftest import FIXTURES

ROOT = FIXTURES.parent
HOOKS = ROOT / ".pre-commit-hooks.yaml"
GOOD, BAD = FIXTURES / "fraud-detection.md", FIXTURES / "draft-todos.md"
# pre-commit then works with two processes on every machine
TWO_PROCESSES = {"TRAVIS": "1"}

pytestmark = pytest.mark.skipif(os.name == "nt", reason="paths of local clones are those of Linux and macOS")

Hook = Callable[..., subprocess.CompletedProcess[str]]


def environment(home: Path) -> dict[str, str]:
    """The surroundings of a user: nothing of this checkout is importable, and git has no settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GIT_", "VIRTUAL_ENV", "PRE_COMMIT"))}
    who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in (("NAME", "tests"), ("EMAIL", "tests@localhost"))}
    git = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **who}
    return {**kept, **git, "PRE_COMMIT_HOME": str(home), "PIP_NO_COMPILE": "1", "PYTHONUTF8": "1"}


def git(folder: Path, env: dict[str, str], *args: str) -> str:
    return subprocess.run(["git", *args], cwd=folder, env=env, check=True, capture_output=True, text=True, encoding="utf-8").stdout


@pytest.fixture(scope="module")
def hook(tmp_path_factory: pytest.TempPathFactory) -> Hook:
    """Runs the hook on documents in a repository of their own; all calls share the one environment that pre-commit makes."""
    if shutil.which("git") is None or util.find_spec("pre_commit") is None:
        pytest.skip("git or pre-commit is not installed")
    base = tmp_path_factory.mktemp("pre-commit")
    env = environment(base / "home")
    probe = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(base / "probe"), "--retries", "0", "--timeout", "5", "hatchling"]
    if subprocess.run(probe, env=env, check=False, capture_output=True).returncode:
        pytest.skip("no package index or wheelhouse to install from")
    revision = _clone(base / "mlsd-lint", env)

    def run(documents: dict[str, Path], settings: dict[str, object] | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        project = tmp_path_factory.mktemp("project")
        git(project, env, "init", "--quiet")
        for name, document in documents.items():
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(document, project / name)
        entry = {"repo": str(base / "mlsd-lint"), "rev": revision, "hooks": [{"id": "mlsd-lint", **(settings or {})}]}
        (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [entry]}), encoding="utf-8")
        git(project, env, "add", "--all")
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"]
        return subprocess.run(command, cwd=project, env={**env, **more}, check=False, capture_output=True, text=True, encoding="utf-8")

    return run


def _clone(folder: Path, env: dict[str, str]) -> str:
    """A repository with the files of this checkout as they are now, and its only commit."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, env=env, check=False, capture_output=True)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git(folder, env, "init", "--quiet")
    git(folder, env, "add", "--all", "--force")
    git(folder, env, "commit", "--quiet", "--message", "as it is")
    return git(folder, env, "rev-parse", "HEAD").strip()


def test_the_hook_is_what_pre_commit_expects() -> None:
    clientlib = pytest.importorskip("pre_commit.clientlib")
    (hook,) = clientlib.load_manifest(str(HOOKS))
    assert (hook["id"], hook["language"], hook["types"], hook["require_serial"]) == ("mlsd-lint", "python", ["markdown"], True)


def test_a_good_document_passes(hook: Hook) -> None:
    done = hook({"docs/good.md": GOOD, "notes.txt": BAD})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "mlsd-lint" in done.stdout and "Passed" in done.stdout


def test_a_bad_document_fails_and_shows_why(hook: Hook) -> None:
    done = hook({"docs/good.md": GOOD, "docs/a b, ü.md": BAD})
    assert done.returncode == 1
    assert "Failed" in done.stdout
    assert "docs/a b, ü.md" in done.stdout
    assert "Which information does the model get to see?" in done.stdout


def test_what_pre_commit_excludes_is_not_linted(hook: Hook) -> None:
    done = hook({"docs/good.md": GOOD, "drafts/bad.md": BAD}, {"exclude": "^drafts/"})
    assert done.returncode == 0, done.stdout


def test_the_arguments_of_a_configuration_are_heeded(hook: Hook) -> None:
    assert hook({"bad.md": BAD}, {"args": ["--fail-on", "never"]}).returncode == 0
    assert hook({"good.md": GOOD}, {"args": ["--min-score", "99.9"]}).returncode == 1


def test_several_files_make_one_report(hook: Hook) -> None:
    done = hook({f"docs/{number}.md": BAD for number in range(9)})
    assert done.returncode == 1
    assert done.stdout.count("\nSummary\n") == 1


def test_files_may_be_split_over_calls(hook: Hook) -> None:
    documents = {**{f"docs/{number}.md": GOOD for number in range(8)}, "docs/8.md": BAD}
    done = hook(documents, {"require_serial": False}, **TWO_PROCESSES)
    assert done.returncode == 1
    assert done.stdout.count("\nSummary\n") == 2
    headed = [line.split()[0] for line in done.stdout.splitlines() if line.endswith("/100")]
    assert sorted(headed) == sorted(documents)


def test_a_document_that_cannot_be_read_fails_the_hook(hook: Hook, tmp_path: Path) -> None:
    (tmp_path / "binary.md").write_bytes(b"# Design\n\0\n")
    done = hook({"good.md": GOOD, "binary.md": tmp_path / "binary.md"}, {"types": ["file"], "files": r"\.md$"})
    assert done.returncode == 1
    assert "binary.md: line 2: a NUL byte" in done.stdout
    assert "good.md" in done.stdout
