"""What the README shows is what the program does; UPDATE_GOLDEN=1 writes the generated parts anew."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result
from conftest import FIXTURES

from mlsd_lint import cli as command_line
from mlsd_lint.rule import TOPICS
from mlsd_lint.ruleset import RuleSet

ROOT = FIXTURES.parent
README = ROOT / "README.md"
DRAFT = "fixtures/draft-todos.md"


@pytest.fixture(autouse=True)
def _at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def assert_part(name: str, text: str) -> None:
    """Compare what stands between the markers of a part with a text; with UPDATE_GOLDEN=1 it is written there."""
    readme = README.read_text(encoding="utf-8")
    start, end = f"<!-- {name}:start -->\n", f"<!-- {name}:end -->"
    head, found, rest = readme.partition(start)
    body, closed, tail = rest.partition(end)
    assert found and closed, f"README.md has no part '{name}'"
    if os.environ.get("UPDATE_GOLDEN"):
        README.write_text(f"{head}{start}{text}{end}{tail}", encoding="utf-8", newline="\n")
        return
    assert body == text, f"the part '{name}' of README.md is out of date; write it anew with UPDATE_GOLDEN=1 and read the diff"


def block(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```\n"


def test_the_report_is_the_first_part_of_a_real_one(run: Callable[..., Result]) -> None:
    report = run(DRAFT).stdout
    first_stage, *_ = report.partition("\n2  ")
    assert_part("report", block(f"$ mlsd-lint {DRAFT}\n{first_stage}"))


def test_the_explanation_is_a_real_one(run: Callable[..., Result]) -> None:
    assert_part("why", block(f"$ mlsd-lint why drift {DRAFT}\n{run('why', 'drift', DRAFT).stdout}"))


def test_the_options_are_those_of_the_program() -> None:
    rows = ["| option | default | what it does |", "|---|---|---|"]
    for option in command_line.lint.params:
        if isinstance(option, click.Option):
            default = option.show_default if isinstance(option.show_default, str) else option.default if option.show_default else ""
            rows.append(f"| `{_usage(option)}` | {default} | {(option.help or '').replace('|', chr(92) + '|')} |".replace("|  |", "| |"))
    rows += ["", "| command | what it does |", "|---|---|"]
    rows += [f"| `{name}` | {command.get_short_help_str(limit=200)} |" for name, command in sorted(command_line.cli.commands.items())]
    assert_part("options", "\n".join(rows) + "\n")


def _usage(option: click.Option) -> str:
    if option.is_flag:
        return option.opts[0]
    values = "\\|".join(option.type.choices) if isinstance(option.type, click.Choice) else (option.metavar or "").replace("|", "\\|")
    return f"{option.opts[0]} {values}"


def test_the_grading_is_that_of_the_rules(rules: RuleSet) -> None:
    grading = rules.grading
    letters = ", ".join(f"{letter} from {bound:g}" for letter, bound in sorted(grading.letters.items()) if bound)
    shares = ", ".join(f"{100 * share:g}" for share in grading.depth_credit[1:])
    weights = ", ".join(f"{stage} × {weight:g}" for stage, weight in sorted(rules.stage_weights.items()))
    assert_part(
        "grading",
        f"In figures: a covered topic earns {shares} % of its weight at depth 1 to 5, a mentioned one {100 * grading.mentioned_credit:g} %.\n"
        f"The stages count {weights} (8 is how the design is argued).\nLetters: {letters}, else F.\n",
    )


def test_the_figures_named_in_the_text_are_right(rules: RuleSet) -> None:
    text = README.read_text(encoding="utf-8")
    assert f"It asks {sum(map(len, TOPICS.values()))} questions" in text
    assert f"Texts under {rules.grading.kinds.least_words} words" in " ".join(text.split())


def test_what_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_two_commands_do_all_the_setup() -> None:
    """The two lines that .ci/run takes from the README and runs."""
    commands = re.findall(r"^python3 -m venv .*$", README.read_text(encoding="utf-8"), re.MULTILINE)
    review, tests = (command.split(" && ")[-1].removeprefix(".venv/bin/") for command in commands)
    assert review == "mlsd-lint fixtures/fraud-detection.md"
    assert tests == "pytest"
    assert Path(review.split()[-1]).is_file()
