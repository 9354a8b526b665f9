"""mlsd-lint init: what it writes, what it asks, and what it leaves alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from mlsd_lint import __version__, init

Run = Callable[..., Result]
KEYS = {"extends", "select", "ignore", "levels", "exclude", "rules", "rubric", "fail-on", "min-score", "baseline", "require-reason"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository as current folder, and mlsd-lint installed as the released package."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(init, "installed_origin", init.Origin)
    return tmp_path


def config(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / init.CONFIG).read_text(encoding="utf-8"))


def hook(folder: Path) -> dict[str, Any]:
    return yaml.safe_load((folder / init.HOOK).read_text(encoding="utf-8"))["repos"][0]


def workflow(folder: Path) -> dict[Any, Any]:
    return yaml.safe_load((folder / init.WORKFLOW).read_text(encoding="utf-8"))


def written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_yes_writes_everything_and_says_so(run: Run, here: Path) -> None:
    result = run("init", "--yes")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.splitlines() == ["mlsd-lint.toml: written", ".pre-commit-config.yaml: written", ".github/workflows/mlsd-lint.yml: written"]
    assert written(here) == sorted([init.CONFIG, init.HOOK, init.WORKFLOW])
    assert config(here) == {"fail-on": "error"}
    assert hook(here)["hooks"][0]["additional_dependencies"] == [f"mlsd-lint=={__version__}"]
    assert "files" not in hook(here)["hooks"][0]
    steps = workflow(here)["jobs"]["review"]["steps"]
    assert steps[2]["env"] == {"PACKAGE": f"mlsd-lint=={__version__}"}
    assert workflow(here)["permissions"] == {"contents": "read"}


def test_every_setting_is_shown_and_would_be_read(run: Run, here: Path) -> None:
    """With all comments of settings taken away the configuration is still one, with every key that there is."""
    run("init", "--yes")
    text = re.sub(r"^# (?=[a-z-]+ = |\[)", "", (here / init.CONFIG).read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert set(tomllib.loads(text)) == KEYS


def test_questions_are_asked_on_stderr(run: Run, here: Path) -> None:
    result = run("init", input=b"docs/design\nwarning\ny\nn\n")
    assert (result.exit_code, result.stdout) == (0, "")
    for question in ("Folder of the design documents [.]: ", "Fail for findings of level", "Write a pre-commit hook? [Y/n]: ", "Write a GitHub workflow?"):
        assert question in result.stderr
    assert written(here) == sorted([init.CONFIG, init.HOOK])
    assert config(here) == {"fail-on": "warning"}
    assert hook(here)["hooks"][0]["files"] == "^docs/design/"


def test_options_answer_questions(run: Run, here: Path) -> None:
    result = run("init", "--documents", "design", "--fail-on", "never", "--min-score", "62.5", "--no-hook", "--no-workflow")
    assert result.exit_code == 0 and "?" not in result.stderr
    assert config(here) == {"fail-on": "never", "min-score": 62.5}
    assert written(here) == [init.CONFIG]


def test_nothing_is_written_where_an_answer_is_missing(run: Run, here: Path) -> None:
    result = run("init", input=b"docs\n")
    assert result.exit_code == 1
    assert written(here) == []


def test_what_is_there_is_kept(run: Run, here: Path) -> None:
    run("init", "--yes")
    (here / init.CONFIG).write_text("fail-on = 'never'\n", encoding="utf-8")
    before = {name: (here / name).read_bytes() for name in written(here)}
    result = run("init", "--yes", "--fail-on", "warning")
    assert result.exit_code == 0
    assert {name: (here / name).read_bytes() for name in written(here)} == before
    assert "mlsd-lint.toml: is there already and was kept; --force overwrites it" in result.stderr
    assert ".pre-commit-config.yaml: has the hook already" in result.stderr


def test_force_overwrites_and_says_so(run: Run, here: Path) -> None:
    for name in (init.CONFIG, init.HOOK, init.WORKFLOW):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text("other: 1\n", encoding="utf-8")
    result = run("init", "--yes", "--force")
    assert result.stderr.splitlines() == [f"{name}: overwritten" for name in (init.CONFIG, init.HOOK, init.WORKFLOW)]
    assert config(here) == {"fail-on": "error"} and hook(here)["repo"] == "local"


@pytest.mark.parametrize("indent", ["", "  ", "    "])
def test_other_hooks_are_left_to_their_owner(run: Run, here: Path, indent: str) -> None:
    """The entry on stdout can be appended to the file as it is."""
    before = f"repos:\n{indent}-   repo: meta\n{indent}    hooks:\n{indent}    -   id: identity\n"
    (here / init.HOOK).write_text(before, encoding="utf-8")
    result = run("init", "--yes", "--no-workflow")
    assert (here / init.HOOK).read_text(encoding="utf-8") == before
    assert ".pre-commit-config.yaml: is there already and was kept; add this to its repos" in result.stderr
    both = yaml.safe_load(before + result.stdout)["repos"]
    assert [repo["hooks"][0]["id"] for repo in both] == ["identity", "mlsd-lint"]


def test_settings_in_pyproject_are_left_there(run: Run, here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.mlsd-lint]\nfail-on = 'never'\n", encoding="utf-8")
    result = run("init", "--yes", "--no-hook", "--no-workflow")
    assert "pyproject.toml: has the configuration already" in result.stderr
    assert written(here) == ["pyproject.toml"]


def test_a_folder_within_a_repository_is_refused(run: Run, here: Path) -> None:
    (here / "docs").mkdir()
    result = run("init", "--yes", "docs")
    assert result.exit_code == 2
    assert result.stderr.startswith("docs: lies within the repository ")
    assert written(here) == []


def test_a_file_that_cannot_be_written_is_one_line(run: Run, here: Path) -> None:
    (here / ".github").write_text("a file, no folder", encoding="utf-8")
    result = run("init", "--yes")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 3 and ".github" in result.stderr.splitlines()[-1]


# ---- where hook and workflow get mlsd-lint from


def test_a_repository_on_github_gives_the_action(run: Run, here: Path) -> None:
    run("init", "--yes", "--repository", "https://github.com/owner/mlsd-lint.git", "--revision", "v9")
    entry = hook(here)
    assert (entry["repo"], entry["rev"], entry["hooks"]) == ("https://github.com/owner/mlsd-lint.git", "v9", [{"id": "mlsd-lint"}])
    assert workflow(here)["jobs"]["review"]["steps"][1] == {"uses": "owner/mlsd-lint@v9", "with": {"paths": "."}}


def test_a_repository_elsewhere_is_installed_by_pip(run: Run, here: Path) -> None:
    run("init", "--yes", "--repository", "https://git.example/team/mlsd-lint")
    steps = workflow(here)["jobs"]["review"]["steps"]
    assert steps[2]["env"]["PACKAGE"] == f"mlsd-lint @ git+https://git.example/team/mlsd-lint@v{__version__}"
    assert all("${{" not in step.get("run", "") for step in steps)


@pytest.mark.parametrize(
    ("recorded", "origin"),
    [
        ('{"url": "https://git.example/x", "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "v2"}}', ("https://git.example/x", "v2")),
        ('{"url": "https://git.example/x", "vcs_info": {"vcs": "git", "commit_id": "abc"}}', ("https://git.example/x", "abc")),
        ('{"url": "file:///home/me/mlsd-lint", "dir_info": {"editable": true}}', ("", f"v{__version__}")),
        (None, ("", f"v{__version__}")),
        ("{", ("", f"v{__version__}")),
    ],
)
def test_the_origin_is_that_of_this_installation(monkeypatch: pytest.MonkeyPatch, recorded: str | None, origin: tuple[str, str]) -> None:
    class Distribution:
        def read_text(self, name: str) -> str | None:
            return recorded if name == "direct_url.json" else None

    monkeypatch.setattr(metadata, "distribution", lambda name: Distribution())
    found = init.installed_origin()
    assert (found.repository, found.revision) == origin


FOLDERS = [
    "docs", "docs/", "./docs", "a b", "it's", 'say "x"', "x: y", "#1", "ünï 🚀", "$(touch hacked)", "a.b+c", "- x", "{{x}}", "3.10", "true", "back\\slash",
]  # fmt: skip


@pytest.mark.parametrize("folder", FOLDERS)
def test_any_folder_name_stays_data(run: Run, here: Path, folder: str) -> None:
    result = run("init", "--yes", "--documents", folder)
    assert result.exit_code == 0
    name = folder.removeprefix("./").strip("/")
    pattern = hook(here)["hooks"][0]["files"]
    assert re.search(pattern, f"{name}/design.md") and not re.search(pattern, f"x{name}/design.md")
    steps = workflow(here)["jobs"]["review"]["steps"]
    assert {step["env"]["DOCUMENTS"] for step in steps if "DOCUMENTS" in step.get("env", {})} == {folder}


def test_pre_commit_takes_the_hook(run: Run, here: Path) -> None:
    clientlib = pytest.importorskip("pre_commit.clientlib")
    for repository, folder in (("https://github.com/owner/x", "docs"), ("", ".")):
        run("init", "--yes", "--force", "--documents", folder, *(["--repository", repository] if repository else []))
        loaded = clientlib.load_config(str(here / init.HOOK))
        assert loaded["repos"][0]["hooks"][0]["id"] == "mlsd-lint"


@pytest.mark.skipif(os.name == "nt", reason="needs bash")
def test_the_commands_of_the_workflow_are_valid_shell(run: Run, here: Path) -> None:
    run("init", "--yes")
    for step in workflow(here)["jobs"]["review"]["steps"]:
        if "run" in step:
            subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)
    assert json.dumps(workflow(here)[True]) == '{"pull_request": null, "push": {"branches": ["main", "master"]}}'
