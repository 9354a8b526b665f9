"""The GitHub action: its steps, run in bash as a runner would run them."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import FIXTURES

from mlsd_lint import __version__

ROOT = FIXTURES.parent
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"]}
GOOD, BAD = FIXTURES / "fraud-detection.md", FIXTURES / "draft-todos.md"
BASH = shutil.which("bash")
# the program of the checkout in place of an installed one
PROGRAM = "import sys\nsys.path.insert(0, {root!r})\nfrom mlsd_lint import cli\ncli.main()\n"

needs_bash = pytest.mark.skipif(BASH is None or os.name == "nt", reason="the steps run in bash")


def test_the_action_is_a_composite_with_described_inputs_and_outputs() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert set(ACTION["inputs"]) == {"paths", "fail-on", "min-score", "format", "output", "args", "summary", "python-version"}
    assert set(ACTION["outputs"]) == {"score", "grade", "exit-status"}
    assert all(entry["description"] for entry in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))
    assert all(isinstance(entry["default"], str) for entry in ACTION["inputs"].values())


def test_no_input_is_pasted_into_a_script() -> None:
    scripts = [step["run"] for step in STEPS.values() if "run" in step]
    assert len(scripts) == 2
    assert all("${{" not in script for script in scripts)


def test_every_input_is_used() -> None:
    used = set(re.findall(r"inputs\.([a-z-]+)", str(ACTION["runs"])))
    assert used == set(ACTION["inputs"])


@dataclass
class Runner:
    """What a runner gives to a step, and what it reads afterwards."""

    folder: Path
    steps: dict[str, dict[str, str]] = field(default_factory=lambda: {"python": {"python-path": sys.executable}})

    def run(self, step: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run a step with the given inputs (``_`` for ``-``) and the defaults of the others."""
        values = {name: entry["default"] for name, entry in ACTION["inputs"].items()} | {name.replace("_", "-"): v for name, v in inputs.items()}
        for name in ("output", "summary.md"):
            (self.folder / name).write_text("", encoding="utf-8")
        script = self.folder / "script.sh"
        script.write_text(STEPS[step]["run"], encoding="utf-8", newline="\n")
        env = {name: self._value(text, values) for name, text in STEPS[step]["env"].items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GITHUB", "INPUT"))}
        kept["PIP_NO_COMPILE"] = "1"
        files = {"GITHUB_OUTPUT": str(self.folder / "output"), "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"), "RUNNER_TEMP": str(self.folder / "temp")}
        command = [str(BASH), "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        return subprocess.run(
            command, cwd=self.folder / "project", env={**kept, **files, **env}, check=False, capture_output=True, text=True, encoding="utf-8"
        )

    def _value(self, text: str, inputs: dict[str, str]) -> str:
        def replaced(match: re.Match[str]) -> str:
            expression = match[1].split(" || ")[0]
            if expression.startswith("inputs."):
                return inputs[expression.removeprefix("inputs.")]
            if expression == "github.action_path":
                return str(ROOT)
            _, step, _, name = expression.split(".")
            return self.steps[step][name]

        return re.sub(r"\$\{\{ (.*?) \}\}", replaced, text)

    @property
    def outputs(self) -> dict[str, str]:
        """What the step handed on."""
        lines = (self.folder / "output").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def summary(self) -> str:
        """What the step added to the summary of the run."""
        return (self.folder / "summary.md").read_text(encoding="utf-8")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner with mlsd-lint installed and a checked-out project that has a good and a bad design."""
    scripts = tmp_path / "temp" / "mlsd-lint" / "bin"
    scripts.mkdir(parents=True)
    (tmp_path / "program.py").write_text(PROGRAM.format(root=str(ROOT)), encoding="utf-8")
    for name, command in (("mlsd-lint", f"'{sys.executable}' '{tmp_path / 'program.py'}'"), ("python", f"'{sys.executable}'")):
        (scripts / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        (scripts / name).chmod(0o755)
    (tmp_path / "project" / "docs").mkdir(parents=True)
    shutil.copy(GOOD, tmp_path / "project" / "docs" / "good.md")
    shutil.copy(BAD, tmp_path / "project" / "bad.md")
    return Runner(tmp_path)


@needs_bash
def test_a_good_design_passes(runner: Runner) -> None:
    done = runner.run("review", paths="docs")
    assert done.returncode == 0, done.stderr
    assert runner.outputs["exit-status"] == "0" and runner.outputs["grade"] == "A"
    assert float(runner.outputs["score"]) > 80
    assert "docs/good.md" in runner.summary


@needs_bash
def test_a_bad_design_fails_the_job_and_the_lowest_score_counts(runner: Runner) -> None:
    done = runner.run("review")
    assert done.returncode == 1
    assert "bad.md" in done.stdout
    assert (runner.outputs["exit-status"], runner.outputs["grade"]) == ("1", "F")
    assert "bad.md" in runner.summary and "docs/good.md" in runner.summary


@needs_bash
def test_it_fails_as_configured(runner: Runner) -> None:
    assert runner.run("review", fail_on="never", summary="false").returncode == 0
    assert runner.run("review", paths="docs", min_score="99.5", summary="false").returncode == 1


@needs_bash
def test_several_paths_and_further_options(runner: Runner) -> None:
    done = runner.run("review", paths="docs\r\n\nbad.md\n", args="--select 'stage:5, privacy'  --fail-on never\n--explain-score", format="json")
    assert done.returncode == 0, done.stderr
    body = done.stdout.split("\n", 1)[1].rpartition("\n::")[0]
    documents = yaml.safe_load(body)["documents"]
    assert [document["path"] for document in documents] == ["docs/good.md", "bad.md"]
    assert {topic["stage"] for topic in documents[0]["topics"]} == {5, 6}


@needs_bash
def test_a_report_for_another_step(runner: Runner) -> None:
    done = runner.run("review", format="json", output="report.json")
    assert done.returncode == 1
    report = yaml.safe_load((runner.folder / "project" / "report.json").read_text(encoding="utf-8"))
    assert len(report["documents"]) == 2
    assert runner.outputs["grade"] == "F"


@needs_bash
def test_the_summary_can_be_left_out_and_options_do_not_redirect_the_rest(runner: Runner) -> None:
    runner.run("review", paths="bad.md", args="--output elsewhere.txt", summary="false")
    assert runner.summary == "" and runner.outputs["grade"] == "F"
    assert not (runner.folder / "project" / "elsewhere.txt").read_text(encoding="utf-8").startswith("{")


HOSTILE = [
    "$(touch hacked)", "`touch hacked`", "; touch hacked #", '"; touch hacked; "', "'; touch hacked; '", "a && touch hacked", "| touch hacked", "${IFS}touch",
    "--output=hacked", "-x", "*", "back\\slash", "a b  c", "ü 🚀", "$GITHUB_OUTPUT", "> hacked",
]  # fmt: skip


@pytest.fixture
def recorder(runner: Runner) -> Runner:
    """A runner whose mlsd-lint does nothing but write down its arguments."""
    record = f"import json, sys; open({str(runner.folder / 'record')!r}, 'a').write(json.dumps(sys.argv[1:]) + chr(10))"
    (runner.folder / "record.py").write_text(record, encoding="utf-8")
    program = f"#!/bin/sh\nexec '{sys.executable}' '{runner.folder / 'record.py'}' \"$@\"\n"
    (runner.folder / "temp" / "mlsd-lint" / "bin" / "mlsd-lint").write_text(program, encoding="utf-8")
    return runner


def recorded(runner: Runner) -> list[list[str]]:
    return [json.loads(line) for line in (runner.folder / "record").read_text(encoding="utf-8").splitlines()]


@needs_bash
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_inputs_stay_data(recorder: Runner, text: str) -> None:
    done = recorder.run("review", paths=f"docs\n{text}", fail_on=text, min_score=text, format=text, output=text)
    assert done.returncode == 0, done.stderr
    first, *more = recorded(recorder)
    assert first == ["lint", f"--fail-on={text}", f"--min-score={text}", "--format", text, "--output", text, "--", "docs", text]
    assert [call[-3:] for call in more] == [["--", "docs", text]] * 2
    assert sorted(path.name for path in (recorder.folder / "project").iterdir()) == ["bad.md", "docs"]
    assert not list(recorder.folder.rglob("hacked"))


@needs_bash
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_options_run_nothing(recorder: Runner, text: str) -> None:
    """They are split at blanks; what is quoted wrongly stops the step."""
    done = recorder.run("review", args=text)
    assert sorted(path.name for path in (recorder.folder / "project").iterdir()) == ["bad.md", "docs"]
    assert not list(recorder.folder.rglob("hacked"))
    if done.returncode == 0:
        words = shlex.split(text)
        assert recorded(recorder)[0] == ["lint", *words, "--format", "github", "--", "."]
    else:
        assert not (recorder.folder / "record").exists() and ("quote" in done.stderr or "backslash" in done.stderr)


@needs_bash
def test_a_path_that_is_no_file_is_named(runner: Runner) -> None:
    done = runner.run("review", paths="docs\n$(touch hacked)")
    assert (done.returncode, runner.outputs["exit-status"]) == (2, "2")
    assert "$(touch hacked): no such file or folder" in done.stderr


@needs_bash
def test_a_document_gives_no_command_to_the_runner(runner: Runner) -> None:
    (runner.folder / "project" / "bad.md").write_text("# Ranking\n\n::error::Latency: TBD\n\n::stop-commands::x\n", encoding="utf-8")
    done = runner.run("review", paths="bad.md", format="text", fail_on="never")
    lines = done.stdout.splitlines()
    token = lines[0].removeprefix("::stop-commands::")
    assert lines[0] != token and lines[-1] == f"::{token}::" and len(token) > 16


@needs_bash
def test_the_install_step_installs_the_action_itself(tmp_path: Path) -> None:
    """Skipped where there is no package index to install from."""
    (tmp_path / "project").mkdir()
    probe = [sys.executable, *"-m pip download --quiet --no-deps --retries 0 --timeout 5 hatchling --dest".split(), str(tmp_path / "probe")]
    if subprocess.run(probe, check=False, capture_output=True).returncode:
        pytest.skip("no package index or wheelhouse to install from")
    done = Runner(tmp_path).run("install")
    assert done.returncode == 0, done.stderr
    scripts = tmp_path / "temp" / "mlsd-lint" / "bin"
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    version = subprocess.run([str(scripts / "mlsd-lint"), "--version"], env=env, check=True, capture_output=True, text=True, encoding="utf-8")
    assert __version__ in version.stdout
