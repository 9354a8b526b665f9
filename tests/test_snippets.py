"""The snippets of the README for other programs: they follow those programs' schemas, and their commands run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import FIXTURES

from mlsd_lint import __version__, init, manual
from mlsd_lint.reporters import REPORTERS

ROOT = FIXTURES.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
YAML = [yaml.safe_load(snippet) for snippet in re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)]
HOOKS = [snippet for snippet in YAML if "repos" in snippet]
WORKFLOWS = [snippet for snippet in YAML if "jobs" in snippet]
PIPELINES = [snippet for snippet in YAML if "design-review" in snippet]
STEPS: list[dict[str, Any]] = [step for workflow in WORKFLOWS for job in workflow["jobs"].values() for step in job["steps"]]


def follows(schema: str, text: str, file: Path) -> None:
    """Validate a YAML file with the schema that check-jsonschema brings along."""
    pytest.importorskip("check_jsonschema")
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)], check=False, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_snippets_are_found() -> None:
    assert (len(HOOKS), len(WORKFLOWS), len(PIPELINES)) == (1, 3, 1)


@pytest.mark.parametrize("number", range(len(WORKFLOWS)))
def test_workflows_follow_their_schema(tmp_path: Path, number: int) -> None:
    text = yaml.safe_dump({("on" if key is True else key): value for key, value in WORKFLOWS[number].items()})
    follows("vendor.github-workflows", text, tmp_path / "workflow.yml")


def test_the_pipeline_follows_its_schema(tmp_path: Path) -> None:
    follows("vendor.gitlab-ci", yaml.safe_dump(PIPELINES[0]), tmp_path / "pipeline.yml")


def test_the_action_follows_its_schema(tmp_path: Path) -> None:
    follows("vendor.github-actions", (ROOT / "action.yml").read_text(encoding="utf-8"), tmp_path / "action.yml")


@pytest.mark.parametrize("repository", ["", "https://github.com/owner/mlsd-lint", "https://git.example/mlsd-lint"])
def test_the_workflow_that_init_writes_follows_its_schema(tmp_path: Path, repository: str) -> None:
    follows("vendor.github-workflows", init.workflow_file(init.Choices("docs", origin=init.Origin(repository))), tmp_path / "workflow.yml")


def test_the_hook_is_one_that_this_project_offers(tmp_path: Path) -> None:
    clientlib = pytest.importorskip("pre_commit.clientlib")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(HOOKS[0]), encoding="utf-8")
    (repo,) = clientlib.load_config(str(tmp_path / "config.yaml"))["repos"]
    offered = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert {hook["id"] for hook in repo["hooks"]} <= offered


def test_the_action_is_given_inputs_that_it_has() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    used = [step for step in STEPS if step.get("uses", "").startswith("OWNER/mlsd-lint@")]
    assert len(used) == 2
    assert all(set(step["with"]) <= set(action["inputs"]) for step in used)
    assert {name for step in STEPS for name in re.findall(r"steps\.review\.outputs\.([a-z-]+)", str(step))} <= set(action["outputs"])
    table = re.findall(r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| .*\| .* \|$", TEXT.partition("| input | default")[2].partition("\n\n")[0], re.MULTILINE)
    assert {name for cell in table for name in re.findall(r"[a-z-]+", cell)} == set(action["inputs"])


def test_the_version_is_this_one() -> None:
    assert set(re.findall(r"OWNER/mlsd-lint@v([\d.]+\d)", TEXT)) == {__version__}
    assert HOOKS[0]["repos"][0]["rev"] == f"v{__version__}"


def commands() -> list[str]:
    """Every call of mlsd-lint in a workflow or pipeline."""
    lines = [step["run"] for step in STEPS if "run" in step] + PIPELINES[0]["design-review"]["script"]
    return [line for line in lines if line.startswith("mlsd-lint ")]


@pytest.mark.parametrize("line", commands())
def test_the_commands_write_what_the_next_step_reads(tmp_path: Path, line: str) -> None:
    words = shlex.split(line)
    if words[words.index("--format") + 1] not in REPORTERS:
        pytest.skip("that format is not there")
    (tmp_path / "docs" / "design").mkdir(parents=True)
    shutil.copy(FIXTURES / "draft-todos.md", tmp_path / "docs" / "design" / "draft.md")
    done = subprocess.run([sys.executable, "-m", "mlsd_lint", *words[1:]], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == (0 if "never" in words else 1)
    name = words[words.index("--output") + 1]
    assert json.loads((tmp_path / name).read_text(encoding="utf-8"))
    assert TEXT.count(name) >= 2


@pytest.mark.skipif(shutil.which("reviewdog") is None or "rdjson" not in REPORTERS, reason="needs reviewdog")
def test_reviewdog_reads_the_report(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "draft-todos.md", tmp_path / "draft.md")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    lint, read = [sys.executable, "-m", *"mlsd_lint --format rdjson draft.md".split()], "reviewdog -f=rdjson -reporter=local -filter-mode=nofilter".split()
    report = subprocess.run(lint, cwd=tmp_path, env=env, check=False, capture_output=True)
    done = subprocess.run(read, input=report.stdout, cwd=tmp_path, check=False, capture_output=True)
    assert b"draft.md" in done.stdout


def test_completion_is_told_as_in_the_help() -> None:
    for shell, told in manual.COMPLETION:
        file, _, line = told.partition(": ")
        assert f"| {shell} | `{file}` | `{line.replace('|', chr(92) + '|')}` |" in TEXT
