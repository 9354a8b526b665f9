"""What the README shows is what the program does; UPDATE_GOLDEN=1 writes the generated parts anew."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result
from conftest import FIXTURES

from mlsd_lint import cli as command_line
from mlsd_lint.config import ConfigFile, presets
from mlsd_lint.reporters import REPORTERS
from mlsd_lint.rule import TOPICS
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.suppress import NOTICES

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


def below(title: str) -> str:
    """What follows the title of a section."""
    _, _, rest = README.read_text(encoding="utf-8").partition(f"\n## {title}\n")
    assert rest, f"README.md has no section '{title}'"
    return rest


def snippet(title: str, language: str) -> str:
    """The first code block of that language in a section."""
    found = re.search(rf"^```{language}\n(.*?)^```", below(title), re.MULTILINE | re.DOTALL)
    assert found, f"the section '{title}' of README.md has no {language} block"
    return found[1]


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of an empty repository, as current folder."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def block(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```\n"


def test_the_stage_is_that_of_a_real_report(run: Callable[..., Result]) -> None:
    report = run(DRAFT).stdout
    first_stage, *_ = report.partition("\n1  ")[2].partition("\n2  ")
    assert_part("report", block(f"1  {first_stage}"))


def test_the_weak_spot_is_found_on_the_page_above_it(run: Callable[..., Result], away: Path) -> None:
    write("design.md", snippet("Weak spots", "markdown"))
    _, _, found = run("design.md").stdout.partition("\nWeak spots: ")
    first, *_ = found.partition("\n\n")
    one, *_ = re.split(r"^  2\. ", first.partition("\n")[2], flags=re.MULTILINE)
    assert len(re.findall(r"^     line \d", one, re.MULTILINE)) == 2
    assert_part("weak-spots", block(one))
    write("mlsd-lint.toml", '[levels]\naccuracy-on-imbalance = "note"\n')
    (report,) = json.loads(run("design.md", "--format", "json").stdout)["documents"]
    assert {"rule": "accuracy-on-imbalance", "level": "note"}.items() <= next(f for f in report["findings"] if f["rule"] == "accuracy-on-imbalance").items()
    assert "accuracy-on-imbalance" not in run("design.md", "--ignore", "accuracy-on-imbalance").stdout


def test_the_smells_are_counted(rules: RuleSet) -> None:
    points = rules.grading.smell_points
    taken = ", ".join(f"{points[level]:g} for {name}" for level, name in (("error", "an error"), ("warning", "a warning"), ("note", "a note")))
    text = f"{len(rules.smells)} rules look for such weak spots in a design; each that is found takes points off the score: {taken}.\n"
    assert_part("smells", text)


# ---- configuration, suppression, comparison


def test_the_configuration_is_sound_and_does_what_it_says(run: Callable[..., Result], away: Path) -> None:
    """All keys are in it, each is read, and each comes to bear on a design."""
    text = snippet("Configure it", "toml")
    (pack,) = re.findall(r"^```yaml\n(stage: .*?)^```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    for name in ("docs/design.md", "docs/experiments/one.md", "drafts/old.md"):
        write(name, "# Ranking\n\nWe rank offers with boosted trees.\n\nLatency: TBD\n")
    write("design-rules/drift.yaml", pack)
    write("mlsd-lint-baseline.json", json.dumps({"version": 1, "tool": "mlsd-lint", "findings": []}))
    write("mlsd-lint.toml", text)

    keys = {name.replace("_", "-") for name in ConfigFile.model_fields}
    assert set(tomllib.loads(text)) == keys
    shown = run("config", "docs/design.md").stdout
    assert_part("config", block(f"$ mlsd-lint config docs/design.md\n{shown}"))
    reports = {document["path"]: document for document in json.loads(run("docs", "drafts/old.md", "--format", "json").stdout)["documents"]}
    assert set(reports) == {"docs/design.md", "docs/experiments/one.md"}
    levels = {finding["rule"]: finding["level"] for finding in reports["docs/design.md"]["findings"]}
    assert (levels["drift"], levels["alerting"], "bandits" in levels, "cost" in levels) == ("error", "note", False, False)
    assert run("docs/design.md").exit_code == 1
    write("mlsd-lint.toml", text.replace("min-score = 50", "min-score = 0"))
    assert (run("docs/design.md").exit_code, run("docs/experiments/one.md").exit_code) == (1, 0)


def test_the_presets_are_told() -> None:
    rows = ["| preset | what it is for | what it sets |", "|---|---|---|"]
    for path in sorted((ROOT / "mlsd_lint" / "presets").glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        told = "<br>".join(f"`{key} = {json.dumps(value)}`" for key, value in _flat(tomllib.loads(text)))
        rows.append(f"| `{path.stem}` | {text.partition(chr(10))[0].removeprefix('# ')} | {told} |")
    assert len(rows) == 2 + len(presets())
    assert_part("presets", "\n".join(rows) + "\n")


def _flat(table: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def test_every_suppression_is_used(run: Callable[..., Result], away: Path) -> None:
    """Those of the page above the list, each by the form it has; and the one for MDX."""
    write("design.md", snippet("Suppress a finding", "markdown"))
    (report,) = json.loads(run("design.md", "--format", "json").stdout)["documents"]
    assert [finding["rule"] for finding in report["findings"] if finding["rule"] in NOTICES] == []
    listed = run("design.md", "--show-suppressed").stdout.partition("\nSuppressed: ")[2].partition("\n\n")[0]
    assert listed.count("comment, line") == 4 and listed.count("front matter, line") == 1
    assert_part("suppressed", block(f"Suppressed: {listed}"))

    (mdx,) = re.findall(r"`(\{/\*.*?\*/\})`", below("Suppress a finding"))
    write("design.mdx", f"# Ranking\n\n{mdx}\n\nWe rank offers.\n")
    (report,) = json.loads(run("design.mdx", "--format", "json").stdout)["documents"]
    assert [entry["rule"] for entry in report["suppressed"]] == ["drift"]


def test_the_comparison_is_a_real_one(run: Callable[..., Result]) -> None:
    words = "fixtures/fraud-detection.md --compare fixtures/fraud-outline.md --select stage:1"
    assert_part("compare", block(f"$ mlsd-lint {words}\n{run(*words.split()).stdout}"))


def test_the_formats_are_those_of_the_program() -> None:
    rows = [f"| `{name}` | {inspect.getdoc(sys.modules[REPORTERS[name].__module__])} |" for name in REPORTERS]
    assert_part("formats", "\n".join(["| format | what it is |", "|---|---|", *rows]) + "\n")


def shell_lines() -> list[str]:
    """The calls of mlsd-lint by itself in shell blocks, without their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [line.partition(" #")[0].strip() for line in "".join(blocks).splitlines() if line.startswith("mlsd-lint ")]


def test_every_command_runs(run: Callable[..., Result], away: Path) -> None:
    for name in ("design.md", "old.md", "docs/design.md"):
        write(name, (ROOT / DRAFT).read_text(encoding="utf-8"))
    for words in ("init -q -b main", "add .", "-c user.name=a -c user.email=a@example.org commit -q -m designs"):
        subprocess.run(["git", *words.split()], check=True)
    for line in shell_lines():
        words = re.sub(r"[<>] *\S+", "", line).split()[1:]
        given = (away / "design.md").read_bytes() if "<" in line else b"\n\n\n\n" if words == ["init"] else None
        result = run(*words, input=given)
        assert result.exit_code in (0, 1) and "Usage:" not in result.stderr, f"{line}\n{result.stderr}"


def test_the_contents_lead_to_every_section_that_they_name() -> None:
    text = re.sub(r"^```.*?^```", "", README.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    places = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
    named = re.findall(r"\]\(#([^)]+)\)", text)
    assert len(named) > 10 and set(named) <= places


# ---- figures


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
