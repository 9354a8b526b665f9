"""What several tests need: the rules and the linter, made once, and comparison with golden files."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlsd_lint import cli as command_line
from mlsd_lint import ruleset as rule_files
from mlsd_lint.linter import Linter
from mlsd_lint.ruleset import RuleSet

FIXTURES = Path(__file__).parent.parent / "fixtures"


def assert_golden(text: str, path: Path) -> None:
    """Compare text with a golden file; with UPDATE_GOLDEN=1 in the environment the file is written instead."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        return
    assert path.exists(), f"{path.name} does not exist; make it with UPDATE_GOLDEN=1 and read it"
    assert text == path.read_text(encoding="utf-8"), f"differs from {path.name}; where that is meant, write it anew with UPDATE_GOLDEN=1 and read the diff"


@pytest.fixture(scope="session")
def rules() -> RuleSet:
    """The rules that ship with the package."""
    return rule_files.load()


@pytest.fixture(scope="session")
def linter(rules: RuleSet) -> Linter:
    """The linter of the rules that ship with the package."""
    return Linter(rules)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, rules: RuleSet, linter: Linter) -> Callable[..., Result]:
    """Runs the command line in this process: ``run("--format", "json", "design.md", input=b"...")``."""
    load = rule_files.load
    monkeypatch.setattr(rule_files, "load", lambda folder=None: load(folder) if folder else rules)
    monkeypatch.setattr(command_line, "_linter", lambda asked: linter if asked is rules else Linter(asked))
    return functools.partial(_invoke, CliRunner())


def _invoke(runner: CliRunner, *args: str | Path, input: bytes | None = None, env: dict[str, str] | None = None) -> Result:
    result = runner.invoke(command_line.cli, [str(arg) for arg in args], input=input, env=env)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
