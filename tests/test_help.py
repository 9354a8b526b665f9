"""Help, examples, exit statuses, shell completion, and what goes to stdout and stderr."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import Result
from conftest import FIXTURES

from mlsd_lint import cli as command_line
from mlsd_lint import manual
from mlsd_lint.ruleset import RuleSet

Run = Callable[..., Result]
COMMANDS = sorted(command_line.cli.commands)
EXAMPLES = [(command, line) for command, examples in sorted(manual.EXAMPLES.items()) for line, _ in examples]
HEAVY = {"spacy", "jinja2", "yaml", "pydantic", "pyromark", "pathspec", "Stemmer"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with what the examples name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    for name in ("design.md", "draft.md", "docs/design.md"):
        shutil.copy(FIXTURES / "draft-todos.md", tmp_path / name)
    (tmp_path / "design-rules").mkdir()
    rule = re.search(r"```yaml\n(stage: 5.*?)```", (FIXTURES.parent / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL)
    assert rule
    (tmp_path / "design-rules" / "drift.yaml").write_text(rule[1], encoding="utf-8")
    (tmp_path / "known.json").write_text(json.dumps({"version": 1, "tool": "mlsd-lint", "findings": []}), encoding="utf-8")
    for words in ("init -q", "add .", "-c user.name=a -c user.email=a@example.org commit -q -m designs", "update-ref refs/remotes/origin/main HEAD"):
        subprocess.run(["git", *words.split()], check=True)
    return tmp_path


# ---- help


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_examples_and_exit_statuses(run: Run, command: str) -> None:
    text = run(command, "--help").stdout
    _, _, examples = text.partition("\n  Examples:\n")
    assert len(re.findall(r"^    .*\bmlsd-lint ", examples, re.MULTILINE)) >= 2
    _, _, statuses = examples.partition("\n  Exit status:\n")
    assert re.findall(r"^    (\d) ", statuses, re.MULTILINE)[0] == "0"
    assert not [line for line in text.splitlines() if len(line) > 100]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_does(command: str) -> None:
    for param in command_line.cli.commands[command].params:
        assert param.param_type_name == "argument" or getattr(param, "help", "").endswith((".", "]")), param.name


@pytest.mark.parametrize(("command", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
def test_every_example_runs(run: Run, here: Path, command: str, line: str) -> None:
    """Each as its shell would split it, with the status that the help names."""
    words = shlex.split(line)
    given = (here / "draft.md").read_bytes() if "<" in words or words[0] == "git" else None
    words = words[words.index("mlsd-lint") + 1 :]
    for sign in ("<", ">", "|"):
        words = words[: words.index(sign)] if sign in words else words
    if command == "init" and "--yes" not in words:
        given = b"\n\n\n\n"
    result = run(*words, input=given)
    assert str(result.exit_code) in {status[0] for status in manual.STATUSES[command]}
    assert result.exit_code != 2, result.stderr
    assert "Usage:" not in result.stderr


def test_the_first_page_names_statuses_and_completion(run: Run) -> None:
    text = run("--help").stdout
    assert "Exit status: 0 nothing at or above --fail-on" in text
    for shell, line in manual.COMPLETION:
        assert line in text and f"{shell}_source" in line


@pytest.mark.parametrize("arguments", [["--help"], ["fix", "--help"], ["init", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = f"import sys\nfrom mlsd_lint.cli import main\nsys.argv[1:] = {arguments!r}\ntry: main()\nexcept SystemExit: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, encoding="utf-8")
    assert not HEAVY & set(done.stderr.split())


# ---- completion


def offered(*args: str) -> list[str]:
    """What a shell is told to offer for the last of the words."""
    shell = ShellComplete(command_line.cli, {}, "mlsd-lint", "_MLSD_LINT_COMPLETE")
    return [item.value if item.type == "plain" else f"<{item.type}>" for item in shell.get_completions(list(args[:-1]), args[-1])]


def test_rule_names_are_offered(rules: RuleSet) -> None:
    assert offered("explain", "") == list(rules.named)
    assert offered("why", "dr") == ["drift", "drift-without-response"]
    assert offered("explain", "latency-b") == ["latency-batch-conflict"]
    assert offered("explain", "nothing-like-it") == []


@pytest.mark.parametrize("option", ["--select", "--ignore"])
@pytest.mark.parametrize("before", [(), ("lint",), ("fix",), ("design.md",)])
def test_rules_and_stages_are_offered_for_the_options(before: tuple[str, ...], option: str) -> None:
    assert offered(*before, option, "drift,priv") == ["drift,privacy", "drift,privacy-waived"]
    assert offered(*before, option, "smell") == ["smells"]
    assert offered(*before, option, "stage:") == [f"stage:{number}" for number in range(1, 9)]


def test_commands_options_and_files_are_offered_without_naming_lint() -> None:
    assert offered("f") == ["<file>", "fix"]
    assert offered("--min") == ["--min-score"]
    assert "text" in offered("--format", "")
    assert offered("why", "drift", "des") == ["<file>"]
    assert offered("lint", "des") == ["<file>"]


def test_broken_rules_do_not_break_a_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    from mlsd_lint import ruleset
    from mlsd_lint.errors import RuleFileError

    def broken() -> RuleSet:
        raise RuleFileError(["rules/x.yaml:1: broken"])

    monkeypatch.setattr(ruleset, "load", broken)
    assert offered("explain", "") == []


@pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="needs bash")
def test_bash_completes(tmp_path: Path) -> None:
    """The line that the help names, in a real shell."""
    program = tmp_path / "mlsd-lint"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mlsd_lint "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    setup = manual.COMPLETION[0][1].partition(": ")[2]
    script = f"{setup}\nCOMP_WORDS=(mlsd-lint why dr) COMP_CWORD=2\n_mlsd_lint_completion mlsd-lint\necho \"${{COMPREPLY[@]}}\"\n"
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], check=False, capture_output=True, text=True, encoding="utf-8", env=env)
    if "Shell completion is not supported for Bash versions older than 4.4" in done.stderr:
        pytest.skip("this bash is too old")
    assert done.stdout == "drift drift-without-response\n", done.stderr


# ---- stdout is for the machine, stderr for the person


def test_a_report_for_a_program_is_alone_on_stdout(run: Run, here: Path) -> None:
    (here / "bad.md").write_bytes(b"\0")
    result = run("design.md", "bad.md", "missing.md", "--format", "json")
    assert result.exit_code == 2
    assert len(json.loads(result.stdout)["documents"]) == 1
    assert result.stderr.splitlines() == [
        "missing.md: no such file or folder; check the name", "bad.md: line 1: a NUL byte, so this is a binary file; give a Markdown text file",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "drfit"), ("why", "drift", "missing.md"), ("why", "drfit", "design.md"), ("design.md", "--select", "drfit"), ("test-rules", "missing"),
        ("fix", "missing.md"), ("fix", "--select", "drfit", "design.md"), ("init", "--yes", "missing"), ("lint",), ("--nonsense",), ("rules", "--format", "x"),
    ],
)  # fmt: skip
def test_errors_go_to_stderr_only(run: Run, here: Path, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr and "Traceback" not in result.stderr


def test_pages_for_reading_and_tables_leave_stderr_empty(run: Run, here: Path) -> None:
    for line in ("rules", "rules --format json", "rules --format markdown", "explain drift", "why drift design.md", "design.md"):
        result = run(*line.split())
        assert result.stdout and result.stderr == ""


def test_notes_of_fix_stay_out_of_its_diff(run: Run, here: Path) -> None:
    result = run("fix", "--diff", "design.md")
    assert result.stdout.startswith("--- a/design.md\n+++ b/design.md\n@@ ")
    assert all(line[:1] in " +-@\\" for line in result.stdout.splitlines())
    assert result.stderr.startswith("design.md: to insert: ")
