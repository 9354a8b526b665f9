"""The command line: options, exit status, and what goes to stdout and stderr."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from conftest import FIXTURES

from mlsd_lint import cli as command_line
from mlsd_lint import files
from mlsd_lint import ruleset as rule_files
from mlsd_lint.ruleset import RuleSet

Run = Callable[..., Result]

LATENCY = "# Ranking service\n\nThe model must answer within 50 ms at the 99th percentile.\n"
PUT_OFF = """\
# Ranking service

We rank the offers of our shop with gradient-boosted trees. Labels are the purchases of the last 90 days. The team owns the ranking.

Latency: TBD
"""
ONLY_LATENCY = ("--select", "latency-requirement")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return tmp_path


@pytest.fixture
def design(here: Path) -> str:
    """A short design that says how fast it must answer, and little else."""
    (here / "design.md").write_text(LATENCY, encoding="utf-8")
    return "design.md"


def command(*args: str, **kwargs: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "mlsd_lint", *args], check=False, capture_output=True, **kwargs)


# ---- what is linted


def test_a_path_needs_no_subcommand(run: Run, design: str) -> None:
    result = run(design)
    assert result.stdout.startswith("design.md ")
    assert result.stdout == run("lint", design).stdout
    assert result.stderr == ""


def test_options_may_come_before_the_path(run: Run, design: str) -> None:
    assert json.loads(run("--format", "json", design).stdout)["documents"][0]["path"] == "design.md"


def test_a_file_named_like_a_subcommand_is_linted_as_a_path(run: Run, here: Path) -> None:
    (here / "rules").write_text(LATENCY, encoding="utf-8")
    assert json.loads(run("./rules", "--format", "json").stdout)["documents"][0]["path"] == "./rules"


def test_standard_input(run: Run, here: Path) -> None:
    result = run("-", "--format", "json", *ONLY_LATENCY, input=LATENCY.encode())
    assert result.exit_code == 0
    document = json.loads(result.stdout)["documents"][0]
    assert document["path"] == "<stdin>"
    assert [(topic["id"], topic["status"]) for topic in document["topics"]] == [("latency-requirement", "covered")]


def test_several_files_and_folders_in_one_run(run: Run, design: str, here: Path) -> None:
    (here / "docs").mkdir()
    (here / "docs/b.md").write_text(LATENCY, encoding="utf-8")
    result = run(design, "docs", "docs/b.md", "--format", "json")
    assert [document["path"] for document in json.loads(result.stdout)["documents"]] == ["design.md", "docs/b.md"]


def test_without_arguments_the_help_is_shown(run: Run) -> None:
    result = run()
    assert "Usage: mlsd-lint" in result.output.replace("Usage: cli", "Usage: mlsd-lint")
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_the_help_names_every_option_and_command(run: Run) -> None:
    out = run("--help").stdout
    for word in ("--format", "--output", "--fail-on", "--min-score", "--select", "--ignore", "--explain-score", "--color", "--version"):
        assert word in out
    for word in ("explain", "rules", "test-rules", "why", "lint"):
        assert f"\n  {word} " in out


# ---- exit status


def test_fail_on_compares_levels(run: Run, here: Path) -> None:
    (here / "draft.md").write_text(PUT_OFF, encoding="utf-8")
    findings = json.loads(run("draft.md", "--format", "json", *ONLY_LATENCY).stdout)["documents"][0]["findings"]
    assert [finding["level"] for finding in findings] == ["warning"]
    expected = {"never": 0, "error": 0, "warning": 1, "note": 1}
    assert {level: run("draft.md", *ONLY_LATENCY, "--fail-on", level).exit_code for level in expected} == expected


def test_errors_fail_by_default_and_nothing_fails_with_never(run: Run, design: str) -> None:
    assert run(design).exit_code == 1
    assert run(design, "--fail-on", "never").exit_code == 0


def test_min_score(run: Run, design: str) -> None:
    score = json.loads(run(design, "--format", "json", *ONLY_LATENCY).stdout)["documents"][0]["score"]
    assert 0 < score < 100
    assert run(design, *ONLY_LATENCY, "--min-score", str(score)).exit_code == 0
    assert run(design, *ONLY_LATENCY, "--min-score", str(score + 0.1)).exit_code == 1


@pytest.mark.parametrize(
    "args",
    [("--fail-on", "fatal"), ("--min-score", "101"), ("--min-score", "-1"), ("--min-score", "x"), ("--format", "xml"), ("--color", "red"), ("--nope",)],
)
def test_a_bad_option_exits_2(run: Run, design: str, args: tuple[str, ...]) -> None:
    result = run(design, *args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Error: " in result.stderr


def test_a_missing_file_exits_2_and_the_others_are_reported(run: Run, design: str) -> None:
    result = run("gone.md", design, "--format", "json", "--fail-on", "never")
    assert result.exit_code == 2
    payload = json.loads(result.stdout)
    assert [document["path"] for document in payload["documents"]] == ["design.md"]
    assert payload["errors"] == [{"path": "gone.md", "message": "no such file or folder; check the name"}]
    assert result.stderr == "gone.md: no such file or folder; check the name\n"


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("empty.md", b"", "empty"),
        ("blank.md", b" \n\n", "empty"),
        ("binary.md", b"# A\n\x00\x01", "line 2"),
        ("latin.md", "# Café\n".encode("latin-1"), "line 1"),
    ],
)
def test_a_document_that_cannot_be_read_is_one_line_on_stderr(run: Run, design: str, here: Path, name: str, data: bytes, told: str) -> None:
    (here / name).write_bytes(data)
    result = run(name, design)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{name}: ")
    assert told in result.stderr
    assert result.stderr.count("\n") == 1
    assert "could not be read" in result.stdout
    assert run(name).stdout == ""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_fine(run: Run, here: Path, encoding: str) -> None:
    (here / "a.md").write_bytes(LATENCY.encode(encoding))
    assert run("a.md", *ONLY_LATENCY).exit_code == 0


def test_a_folder_without_markdown_exits_2(run: Run, here: Path) -> None:
    result = run(".")
    assert result.exit_code == 2
    assert result.stderr.startswith(".: no Markdown in this folder")


def test_a_broken_rule_file_exits_2_with_file_and_line(run: Run, here: Path) -> None:
    (here / "pack").mkdir()
    (here / "pack/stage.yaml").write_text("stage: 1\ntitle: T\nfoo: 1\nrules: []\n", encoding="utf-8")
    result = run("test-rules", "pack")
    assert result.exit_code == 2
    assert "stage.yaml:3: unknown key 'foo'" in result.stderr


def test_an_error_of_the_system_is_one_line(run: Run, design: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "some/file")

    monkeypatch.setattr(files, "find", refuse)
    result = run(design)
    assert (result.exit_code, result.stderr) == (2, "some/file: permission denied\n")


def _raise(*_: object, **__: object) -> None:
    raise ZeroDivisionError("oops")


def test_a_bug_is_one_line_that_asks_for_a_report(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("MLSD_LINT_DEBUG", raising=False)
    monkeypatch.setattr(command_line, "cli", _raise)
    with pytest.raises(SystemExit) as stop:
        command_line.main()
    assert stop.value.code == 2
    assert capsys.readouterr().err.startswith("mlsd-lint: internal error: ZeroDivisionError: oops; please report it")


def test_a_bug_is_raised_where_debugging_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLSD_LINT_DEBUG", "1")
    monkeypatch.setattr(command_line, "cli", _raise)
    with pytest.raises(ZeroDivisionError):
        command_line.main()


# ---- select and ignore


def selected(run: Run, design: str, *args: str) -> set[str]:
    return {topic["id"] for topic in json.loads(run(design, "--format", "json", *args).stdout)["documents"][0]["topics"]}


def test_select_takes_rules_and_stages_with_commas_or_repeated(run: Run, design: str, rules: RuleSet) -> None:
    stage_5 = {rule for rule, stage in rules.for_rubric("").stage_of.items() if stage == 5}
    assert selected(run, design, "--select", "stage:5") == stage_5 == selected(run, design, "--select", "5")
    assert selected(run, design, "--select", "drift, labels") == {"drift", "labels"} == selected(run, design, "--select", "drift", "--select", "labels")


def test_ignore_takes_away_from_what_is_selected(run: Run, design: str, rules: RuleSet) -> None:
    assert selected(run, design, "--ignore", "drift") == set(rules.for_rubric("").rules) - {"drift"}
    assert selected(run, design, "--select", "drift,labels", "--ignore", "stage:2") == {"drift"}


def test_what_is_not_selected_is_neither_shown_nor_scored(run: Run, design: str) -> None:
    result = run(design, *ONLY_LATENCY)
    assert result.exit_code == 0
    assert "labels" not in result.stdout
    document = json.loads(run(design, "--format", "json", *ONLY_LATENCY).stdout)["documents"][0]
    assert [stage["stage"] for stage in document["stages"]] == [1]
    assert document["score"] == document["stages"][0]["score"]
    assert document["findings"] == []


def test_a_selection_does_not_change_the_kind_of_a_document(run: Run) -> None:
    path = FIXTURES / "template-unfilled.md"
    assert json.loads(run(path, "--format", "json", "--select", "drift").stdout)["documents"][0]["kind"] == "template"


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--select", "drfit"), "--select: unknown rule or stage 'drfit'; did you mean 'drift'?"),
        (("--ignore", "stage:9"), "--ignore: unknown rule or stage 'stage:9'; did you mean 'stage:"),
        (("--select", "class_imbalance"), "did you mean 'class-imbalance'?"),
        (("--select", "qqqq"), "unknown rule or stage 'qqqq'; mlsd-lint rules lists"),
        (("--select", ""), "unknown rule or stage ''"),
        (("--select", "drift", "--ignore", "drift"), "no rule is left"),
        (("--select", "ownership"), "the rubric interview asks none of the selected rules; choose --rubric launch"),
    ],
)
def test_an_unknown_name_exits_2_with_the_nearest(run: Run, design: str, args: tuple[str, ...], told: str) -> None:
    result = run(design, *args)
    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


# ---- output


def test_output_writes_a_file_and_nothing_to_stdout(run: Run, design: str, here: Path) -> None:
    result = run(design, "--output", "report.json", "--format", "json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert json.loads((here / "report.json").read_text(encoding="utf-8"))["version"] == 1


@pytest.mark.parametrize("args", [("--output", "no/such/r.txt"), ("--output", "report.txt", "--select", "drfit"), ("--output", ".")])
def test_output_creates_nothing_on_failure(run: Run, design: str, here: Path, args: tuple[str, ...]) -> None:
    result = run(design, *args)
    assert result.exit_code == 2
    assert [path.name for path in here.iterdir()] == ["design.md"]


def test_output_is_not_created_where_no_document_could_be_read(run: Run, here: Path) -> None:
    assert run("gone.md", "--output", "report.txt").exit_code == 2
    assert not list(here.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_cannot_be_written_says_so(run: Run, design: str) -> None:
    result = run(design, "--output", "/dev/full")
    assert result.exit_code == 2
    assert result.stderr == "--output: /dev/full: cannot be written: no space left on device; name another file\n"


def test_colour_follows_the_option_and_the_terminal(run: Run, design: str) -> None:
    assert "\x1b[" not in run(design).stdout
    assert "\x1b[" in run(design, "--color", "always").stdout
    assert "\x1b[" in run(design, "--color", "always", env={"NO_COLOR": "1"}).stdout
    assert "\x1b[" not in run(design, "--color", "never").stdout


@pytest.mark.parametrize(("terminal", "no_color", "expected"), [(True, "", True), (True, "1", False), (False, "", False)])
def test_colour_is_automatic_on_a_terminal_unless_no_color_is_set(monkeypatch: pytest.MonkeyPatch, terminal: bool, no_color: str, expected: bool) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("NO_COLOR", no_color)
    assert command_line._use_color("auto", stream) is expected


def test_explain_score_prints_the_arithmetic(run: Run, design: str) -> None:
    assert "How the score came about" not in run(design).stdout
    assert "How the score came about" in run(design, "--explain-score").stdout


# ---- the other commands


def test_explain_shows_everything_about_a_rule(run: Run, rules: RuleSet) -> None:
    out = " ".join(run("explain", "drift").stdout.split())
    rule = rules.rules["drift"]
    for part in (rule.title, rule.ask, rule.why, rule.level, *rule.references, *rule.examples.covered, *rule.examples.mentioned, *rule.examples.absent):
        assert " ".join(part.split()) in out


def test_every_rule_can_be_explained(run: Run, rules: RuleSet) -> None:
    for rule in rules.rules:
        assert rule in run("explain", rule).stdout


@pytest.mark.parametrize("args", [("explain", "drfit"), ("why", "drfit", "design.md")])
def test_an_unknown_rule_exits_2_with_the_nearest_name(run: Run, args: tuple[str, ...]) -> None:
    result = run(*args)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "unknown rule 'drfit'; did you mean 'drift'?\n")


def test_rules_lists_every_rule_as_table_and_json(run: Run, rules: RuleSet) -> None:
    table = run("rules").stdout
    assert [line.split()[0] for line in table.splitlines() if line.startswith("   ")] == list(rules.named)
    assert table.index("\nWeak spots\n") > table.index(list(rules.rules)[-1])
    payload = json.loads(run("rules", "--format", "json").stdout)
    assert [rule["id"] for rule in payload["rules"]] == list(rules.rules)
    assert [stage["stage"] for stage in payload["stages"]] == list(rules.stage_titles)
    assert [(smell["id"], smell["level"], smell["title"]) for smell in payload["smells"]] == [(s.id, s.level, s.title) for s in rules.smells]


def test_why_shows_each_match_with_its_sum_and_stance(run: Run, design: str) -> None:
    result = run("why", "latency-requirement", design)
    assert result.exit_code == 0
    assert result.stdout.startswith("latency-requirement in design.md: covered\n  because: ")
    assert "line 3, asserted: covers the topic" in result.stdout
    match = result.stdout[result.stdout.index("line 3, ") :].split("\n\n")[0].splitlines()[2:]
    *signs, total = (float(line.split()[0]) for line in match if line.split()[0].lstrip("+-")[0].isdigit())
    assert sum(signs) == pytest.approx(total, abs=0.02)


def test_why_shows_what_kept_a_match_from_covering(run: Run, here: Path) -> None:
    (here / "draft.md").write_text(PUT_OFF, encoding="utf-8")
    out = run("why", "latency-requirement", "draft.md").stdout
    assert out.startswith("latency-requirement in draft.md: mentioned\n")
    assert "placeholder (because of “" in out
    assert "mentions the topic" in out


def test_why_says_when_nothing_matched(run: Run, design: str) -> None:
    assert "The rule saw no match." in run("why", "encryption", design).stdout


def test_why_of_a_missing_file_exits_2(run: Run, here: Path) -> None:
    result = run("why", "drift", "gone.md")
    assert (result.exit_code, result.stderr) == (2, "gone.md: no such file or folder; check the name\n")


def only(rules: RuleSet, rule: str, **examples: tuple[str, ...]) -> RuleSet:
    """A rule set of one rule, with some of its examples replaced."""
    file = next(file for file in rules.files if rules.stage_of[rule] == file.stage)
    one = rules.rules[rule]
    one = one.model_copy(update={"examples": one.examples.model_copy(update=examples)})
    return replace(rules, files=(file.model_copy(update={"rules": (one,)}),), smells=())


def test_test_rules_runs_every_example(run: Run, rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    drift = only(rules, "drift", covered=("PSI above 0.2 on any input opens a ticket.",), mentioned=("Drift: TBD",), absent=("We ship in May.",))
    monkeypatch.setattr(rule_files, "load", lambda _: drift)
    result = run("test-rules", "pack")
    assert (result.exit_code, result.stdout) == (0, "3 examples of 1 rules, 0 failed\n")


def test_test_rules_names_an_example_that_fails(run: Run, rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_files, "load", lambda _: only(rules, "drift", absent=("Concept drift: a PSI above 0.2 opens a ticket.",)))
    result = run("test-rules")
    assert result.exit_code == 1
    assert f"{rules.origin['drift']}: drift: expected missing, got covered: Concept drift: a PSI above 0.2 opens a ticket.\n" in result.stdout


def test_test_rules_of_no_folder_exits_2(run: Run, here: Path) -> None:
    result = run("test-rules", "pack")
    assert result.exit_code == 2
    assert result.stderr.startswith("pack: no such folder of rules")


# ---- as a process


def test_the_process_reads_stdin_and_exits_with_the_status(here: Path) -> None:
    done = command("-", *ONLY_LATENCY, input=LATENCY.encode())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"<stdin> ")
    assert command("gone.md").returncode == 2


def test_the_process_prints_utf8_whatever_the_locale_says(design: str) -> None:
    done = command(design, *ONLY_LATENCY, env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert done.returncode == 0
    assert "✓ latency-requirement" in done.stdout.decode("utf-8")


def test_version(here: Path) -> None:
    assert command("--version").stdout.startswith(b"mlsd-lint, version ")


@pytest.mark.parametrize("args", [["--help"], ["explain", "drift"], ["rules"], ["gone.md"], ["--select", "drfit", "gone.md"], ["explain", "drfit"]])
def test_help_explain_rules_and_errors_do_without_spacy(here: Path, args: list[str]) -> None:
    program = (
        "import sys; from mlsd_lint.cli import cli\n"
        f"try: cli({args!r})\nexcept SystemExit: pass\n"
        "assert 'mlsd_lint.cli' in sys.modules and 'spacy' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_progress_is_shown_on_a_terminal_only_for_many_files(here: Path) -> None:
    for number in range(6):
        (here / f"{number}.md").write_text(LATENCY, encoding="utf-8")
    seen = {few: _stderr_on_terminal(*(["0.md"] if few else ["."]), *ONLY_LATENCY) for few in (True, False)}
    assert "Reading designs" not in seen[True]
    assert "Reading designs" in seen[False]


def _stderr_on_terminal(*args: str) -> str:
    import pty

    ours, theirs = pty.openpty()
    done = subprocess.run([sys.executable, "-m", "mlsd_lint", *args], check=False, stdout=subprocess.PIPE, stderr=theirs)
    assert done.returncode == 0
    assert b"Reading designs" not in done.stdout
    os.close(theirs)
    try:
        return os.read(ours, 65536).decode()
    except OSError:
        return ""  # Linux tells of the end of a pseudo-terminal in this way
    finally:
        os.close(ours)
