"""Configuration: where it is found, what it may say, and what it does to a run."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import Result
from conftest import FIXTURES, assert_golden
from hypothesis import given
from hypothesis import strategies as st

from mlsd_lint import config as configuration
from mlsd_lint import schemas
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.toml import TomlError, TomlFile

Run = Callable[..., Result]

# says nothing of drift, and puts off its latency
DESIGN = """\
# Ranking service

We rank the offers of our shop with gradient-boosted trees. Labels are the purchases of the last 90 days. The team owns the ranking.

Latency: TBD
"""
PACK = """\
stage: 5
title: Monitoring
rules:
- id: drift
  title: Drift of ours
  level: note
  weight: 1
  ask: Who watches the wombat?
  why: Wombats drift.
  phrases: {named: [wombat watch]}
  examples:
    covered: [The wombat watch runs nightly., We run a wombat watch each week., A wombat watch pages the owner.]
    mentioned: ["Wombat watch: TBD", "Do we need a wombat watch?"]
    absent: [Nothing is said here.]
  references: [A book of wombats]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a repository with one design, as current folder."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    write("design.md", DESIGN)
    return tmp_path


def write(name: str, text: str) -> None:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def documents(run: Run, *args: str) -> dict[str, dict[str, Any]]:
    return {document["path"]: document for document in json.loads(run(*args, "--format", "json").stdout)["documents"]}


def levels(run: Run, *args: str, path: str = "design.md") -> dict[str, str]:
    return {finding["rule"]: finding["level"] for finding in documents(run, path, *args)[path]["findings"]}


# ---- where it is found


def test_the_nearest_file_above_each_document_decides(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", 'select = ["drift"]')
    write("docs/deep/design.md", DESIGN)
    write("docs/pyproject.toml", '[tool.mlsd-lint]\nselect = ["labels"]')
    write("other/design.md", DESIGN)
    found = documents(run, "design.md", "docs", "other")
    assert {path: [topic["id"] for topic in document["topics"]] for path, document in found.items()} == {
        "design.md": ["drift"],
        "docs/deep/design.md": ["labels"],
        "other/design.md": ["drift"],
    }


def test_the_search_starts_at_the_document_and_not_where_we_are(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("docs/mlsd-lint.toml", 'select = ["drift"]')
    write("docs/design.md", DESIGN)
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    assert set(levels(run, path="../docs/design.md")) == {"drift"}


def test_the_search_ends_at_the_root_of_a_repository(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", 'select = ["drift"]')
    write("inner/design.md", DESIGN)
    (here / "inner/.git").mkdir()
    assert len(levels(run, path="inner/design.md")) > 1


def test_a_pyproject_without_the_table_is_passed_over(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", 'select = ["drift"]')
    write("docs/pyproject.toml", '[project]\nname = "x"')
    write("docs/design.md", DESIGN)
    assert set(levels(run, path="docs/design.md")) == {"drift"}


def test_mlsd_lint_toml_comes_before_pyproject(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", 'select = ["drift"]')
    write("pyproject.toml", '[tool.mlsd-lint]\nselect = ["labels"]')
    assert set(levels(run)) == {"drift"}


def test_standard_input_takes_the_configuration_of_the_current_folder(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", 'select = ["drift"]')
    payload = json.loads(run("-", "--format", "json", input=DESIGN.encode()).stdout)
    assert [topic["id"] for topic in payload["documents"][0]["topics"]] == ["drift"]


def test_config_names_a_file_and_no_config_none(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", 'select = ["drift"]')
    write("other.toml", 'select = ["cost"]')
    assert set(levels(run, "--config", "other.toml")) == {"cost"}
    assert {"drift", "cost"} < set(levels(run, "--no-config"))
    assert run("design.md", "--config", "other.toml", "--no-config").exit_code == 2
    assert "gone.toml: cannot be read: no such file or directory" in run("design.md", "--config", "gone.toml").stderr


# ---- what it does


def test_ignore_and_levels_of_rules_and_stages(run: Run, here: Path) -> None:
    before = levels(run)
    assert (before["drift"], before["latency-requirement"]) == ("error", "warning")
    text = 'ignore = ["stage:7", "baseline"]\n[levels]\n"stage:5" = "note"\ndrift = "warning"\nfeatures = "off"\nlatency-requirement = "note"\n'
    write("mlsd-lint.toml", text)
    after = levels(run)
    assert not {"cost", "caching", "baseline", "features"} & set(after)
    assert after["drift"] == "warning", "the rule's own level wins over that of its stage"
    assert after["alerting"] == "note"
    assert after["latency-requirement"] == "note", "where it is only mentioned, one below, and nothing is below a note"
    assert list(after.values()) == sorted(after.values(), key=["error", "warning", "note"].index)


def test_what_is_ignored_leaves_the_score(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", 'levels = {drift = "off"}')
    assert documents(run, "design.md")["design.md"]["score"] == documents(run, "design.md", "--no-config", "--ignore", "drift")["design.md"]["score"]


def test_a_raised_level_of_a_mentioned_topic_stays_one_below(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", 'levels = {latency-requirement = "error"}')
    assert levels(run)["latency-requirement"] == "warning"


def test_the_kind_of_a_document_may_be_ignored(run: Run, here: Path) -> None:
    template = (FIXTURES / "template-unfilled.md").read_text(encoding="utf-8")
    write("template.md", template)
    assert levels(run, path="template.md") == {"template": "warning"}
    write("mlsd-lint.toml", 'levels = {template = "error"}')
    assert levels(run, path="template.md") == {"template": "error"}
    write("mlsd-lint.toml", 'ignore = ["template"]')
    assert levels(run, path="template.md") == {}
    assert run("template.md").stdout.startswith("template.md ")


def test_overrides_are_for_the_documents_that_match_and_later_ones_win(run: Run, here: Path) -> None:
    write("docs/rfc/a.md", DESIGN)
    write("docs/b.md", DESIGN)
    write(
        "mlsd-lint.toml",
        'select = ["drift", "cost"]\n[[overrides]]\nfiles = ["docs/"]\nselect = ["labels", "cost"]\n[[overrides]]\nfiles = ["rfc/*.md"]\nignore = ["cost"]\n',
    )
    asked = {path: [topic["id"] for topic in document["topics"]] for path, document in documents(run, ".").items()}
    assert asked == {"design.md": ["drift", "cost"], "docs/b.md": ["labels", "cost"], "docs/rfc/a.md": ["labels", "cost"]}
    write("mlsd-lint.toml", Path("mlsd-lint.toml").read_text().replace("rfc/*.md", "docs/rfc/*.md"))
    assert [topic["id"] for topic in documents(run, "docs/rfc/a.md")["docs/rfc/a.md"]["topics"]] == ["labels"]


def test_fail_on_and_min_score_hold_for_each_document_by_itself(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", 'fail-on = "never"')
    assert run("design.md").exit_code == 0
    write("mlsd-lint.toml", 'fail-on = "never"\nmin-score = 100')
    assert run("design.md").exit_code == 1
    write("mlsd-lint.toml", 'fail-on = "never"\n[[overrides]]\nfiles = ["strict.md"]\nmin-score = 100')
    write("strict.md", DESIGN)
    assert run("design.md").exit_code == 0
    assert run("design.md", "strict.md").exit_code == 1


def test_the_command_line_wins_over_the_file(run: Run, here: Path) -> None:
    write(
        "mlsd-lint.toml",
        'fail-on = "never"\nmin-score = 100\nselect = ["cost"]\n[levels]\ndrift = "off"\n'
        '[[overrides]]\nfiles = ["*.md"]\nselect = ["labels"]\nignore = ["drift"]\n',
    )
    assert set(levels(run, "--select", "drift")) == {"drift"}
    assert run("design.md", "--min-score", "0").exit_code == 0
    assert run("design.md", "--min-score", "0", "--select", "drift", "--fail-on", "error").exit_code == 1


def test_excluded_documents_are_not_linted_even_where_they_are_named(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", 'exclude = [\n  "drafts/",\n  "!drafts/keep.md",\n  "design.md",\n]')
    write("drafts/a.md", DESIGN)
    write("final.md", DESIGN)
    assert set(documents(run, ".", "drafts/a.md", "design.md")) == {"final.md"}
    result = run("drafts/a.md", "design.md")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "nothing to lint: every document is excluded (mlsd-lint.toml:2, mlsd-lint.toml:4)\n"


def test_rules_of_a_pack_replace_those_of_the_package(run: Run, here: Path, rules: RuleSet) -> None:
    write("tools/pack/stage.yaml", PACK)
    write("tools/mlsd-lint.toml", 'rules = ["pack"]')
    write("mlsd-lint.toml", 'extends = "tools/mlsd-lint.toml"')
    write("wombat.md", DESIGN + "\nThe wombat watch runs nightly.\n")
    found = documents(run, "design.md", "wombat.md")
    drift = {path: next(topic for topic in document["topics"] if topic["id"] == "drift") for path, document in found.items()}
    assert {path: topic["status"] for path, topic in drift.items()} == {"design.md": "missing", "wombat.md": "covered"}
    assert next(finding for finding in found["design.md"]["findings"] if finding["rule"] == "drift")["level"] == "note"
    assert len(found["design.md"]["topics"]) == len(rules.for_rubric("").rules)
    assert "wombat watch" in run("why", "drift", "wombat.md").stdout


def test_a_pack_that_is_not_there_or_broken_is_told_at_its_line(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", '# ours\nrules = [\n  "pack",\n]')
    assert run("design.md").stderr == "mlsd-lint.toml:3: rules: there is no folder 'pack'; mend the path, which starts at this file's folder\n"
    write("pack/stage.yaml", PACK.replace("weight: 1", "weight: 1\n  wieght: 2"))
    result = run("design.md")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "pack/stage.yaml:8: unknown key 'wieght'" in result.stderr
    write("pack/stage.yaml", "")
    Path("pack/stage.yaml").unlink()
    assert run("design.md").stderr == "pack: no *.yaml rule files; name a folder that holds some\n"


def test_a_broken_pack_stops_only_the_documents_that_use_it(run: Run, here: Path) -> None:
    write("bad/mlsd-lint.toml", 'rules = ["pack"]')
    write("bad/pack/stage.yaml", PACK.replace("weight: 1", "wieght: 1"))
    write("bad/design.md", DESIGN)
    result = run("design.md", "bad", "--format", "json", "--fail-on", "never")
    assert result.exit_code == 2
    payload = json.loads(result.stdout)
    assert [document["path"] for document in payload["documents"]] == ["design.md"]
    assert {error["path"] for error in payload["errors"]} == {"bad/pack/stage.yaml"}


# ---- extends


def test_a_file_extends_others_and_wins_over_them(run: Run, here: Path) -> None:
    write("shared/base.toml", 'select = ["drift", "cost", "labels"]\nfail-on = "never"\nlevels = {drift = "note", cost = "note"}\n')
    write("mlsd-lint.toml", 'extends = ["shared/base.toml"]\nignore = ["labels"]\nlevels = {drift = "error"}\n')
    assert levels(run) == {"drift": "error", "cost": "note"}
    assert run("design.md").exit_code == 0


def test_a_pyproject_may_be_extended_and_patterns_start_at_the_file_that_is_found(run: Run, here: Path) -> None:
    write("shared/pyproject.toml", '[tool.mlsd-lint]\nexclude = ["/design.md"]\n')
    write("mlsd-lint.toml", 'extends = "shared/pyproject.toml"')
    assert documents(run, "design.md") == {}


@pytest.mark.parametrize("name", configuration.presets())
def test_every_preset_can_be_extended(run: Run, here: Path, name: str) -> None:
    write("mlsd-lint.toml", f'extends = "{name}"')
    assert run("design.md").exit_code in (0, 1)
    assert f"presets/{name}.toml:" in run("config", "design.md").stdout
    settings = tomllib.loads((Path(configuration.__file__).parent / "presets" / f"{name}.toml").read_text(encoding="utf-8"))
    jsonschema.validate(settings, json.loads(schemas.shipped("config")))


@pytest.mark.parametrize(
    ("extends", "told"),
    [
        ("strct", "mlsd-lint.toml:2: extends: unknown preset 'strct'; did you mean 'strict'?"),
        ("qqqq", "mlsd-lint.toml:2: extends: unknown preset 'qqqq'; the presets are first-draft, strict; a file is named by a path"),
        ("./gone.toml", "mlsd-lint.toml:2: extends: there is no file 'gone.toml'"),
        ("mlsd-lint.toml", "mlsd-lint.toml:2: extends: goes round in a circle"),
        ("round.toml", "round.toml:1: extends: goes round in a circle (mlsd-lint.toml → round.toml → mlsd-lint.toml)"),
        ("bad.toml", "bad.toml:1: unknown key 'slect'"),
        ("pyproject.toml", "pyproject.toml:1: no table [tool.mlsd-lint]"),
    ],
)
def test_what_cannot_be_extended_is_told_at_its_line(run: Run, here: Path, extends: str, told: str) -> None:
    write("round.toml", 'extends = "mlsd-lint.toml"')
    write("bad.toml", "slect = []")
    write("pyproject.toml", "")
    write("mlsd-lint.toml", f'# ours\nextends = "{extends}"')
    result = run("design.md")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(told)
    assert result.stderr.count("\n") == 1


# ---- what is wrong with it


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\nslect = []", ":2: unknown key 'slect'; did you mean 'select'?"),
        ("fail_on = 'error'", ":1: unknown key 'fail_on'; did you mean 'fail-on'?"),
        ("minScore = 3", ":1: unknown key 'minScore'; did you mean 'min-score'?"),
        ("qqqq = 1", ":1: unknown key 'qqqq'; the keys are baseline, exclude, extends, "),
        ("[[overrides]]\nfiles = ['a']\n[[overrides]]\nfiles = ['b']\nextends = 'strict'", ":5: unknown key 'overrides.extends'"),
        ("[[overrides]]\nselect = []", ":1: missing key 'overrides.files'; add it"),
        ("[[overrides]]\nfiles = []", ":2: overrides.files: must name at least one"),
        ("overrides = 3", ":1: overrides: must be a list"),
        ("min-score = 101", ":1: min-score: must be a number from 0 to 100"),
        ("min-score = nan", ":1: min-score: must be a number from 0 to 100"),
        ("min-score = '65'", ":1: min-score: must be a number from 0 to 100, without quotation marks"),
        ("require-reason = 1", ":1: require-reason: must be true or false"),
        ("fail-on = 'warnings'", ":1: fail-on: 'warnings' is none of never, error, warning, note; did you mean 'warning'?"),
        ("rubric = 'lunch'", ":1: rubric: 'lunch' is none of interview, launch; did you mean 'launch'?"),
        ("select = 'drift'", ":1: select: must be a list"),
        ("select = [\n'drift',\n3]", ":3: select: must be a text in quotation marks"),
        ("[levels]\n\ndrift = 'wrning'", ":3: levels.drift: 'wrning' is none of error, warning, note, off; did you mean 'warning'?"),
        ("exclude = ['ok',\n '']", ":2: exclude: must not be empty"),
        ("exclude = ['!']", ":1: exclude: the pattern '!' cannot be read"),
        ("select = [\n 'drift',\n 'drfit',\n]", ":3: unknown rule or stage 'drfit'; did you mean 'drift'?"),
        ("ignore = ['stage:9']", ":1: unknown rule or stage 'stage:9'; did you mean 'stage:"),
        ("[levels]\ndrfit = 'off'", ":2: unknown rule or stage 'drfit'; did you mean 'drift'?"),
        ("select = ['drift']\nignore = ['drift']", ":2: no rule is left; select more or ignore less"),
        ("baseline = 'known.json'", ":1: baseline: there is no file 'known.json'; write it with --write-baseline"),
        ("select = [", ":1: not valid TOML: "),
        ("a = 1\n\na = 2", ":3: not valid TOML: cannot overwrite a value"),
    ],
)
@pytest.mark.parametrize("file", ["mlsd-lint.toml", "pyproject.toml"])
def test_a_mistake_is_told_at_its_line_with_the_mend(run: Run, here: Path, file: str, text: str, told: str) -> None:
    if file == "pyproject.toml":
        line = int(told[1:].partition(":")[0])
        text = "[tool.mlsd-lint]\n" + text.replace("[[overrides", "[[tool.mlsd-lint.overrides").replace("[levels", "[tool.mlsd-lint.levels")
        told = f":{line + 1}:{told[1:].partition(':')[2]}"
    write(file, text)
    result = run("design.md")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(file + told), result.stderr
    assert result.stderr.count("\n") == 1


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", "min-score = 'x'\nslect = []\n[levels]\ndrift = 'x'\n")
    assert [line.split(":")[1] for line in run("design.md").stderr.splitlines()] == ["1", "2", "4"]


def test_a_file_that_is_not_utf8_is_told_at_its_line(run: Run, here: Path) -> None:
    Path("mlsd-lint.toml").write_bytes("# ok\n# Café".encode("latin-1"))
    assert run("design.md").stderr == "mlsd-lint.toml:2: not valid UTF-8; save the file as UTF-8\n"


def test_a_broken_file_stops_only_the_documents_below_it(run: Run, here: Path) -> None:
    write("bad/mlsd-lint.toml", "slect = []")
    write("bad/a.md", DESIGN)
    write("bad/b.md", DESIGN)
    result = run("design.md", "bad", "--format", "json", "--fail-on", "never")
    assert result.exit_code == 2
    payload = json.loads(result.stdout)
    assert [document["path"] for document in payload["documents"]] == ["design.md"]
    assert payload["errors"] == [{"path": "bad/mlsd-lint.toml", "message": "unknown key 'slect'; did you mean 'select'?", "line": 1}]
    jsonschema.validate(payload, json.loads(schemas.shipped("report")))
    assert result.stderr == "bad/mlsd-lint.toml:1: unknown key 'slect'; did you mean 'select'?\n"


# ---- mlsd-lint config


def test_the_settings_are_shown_with_where_each_comes_from(run: Run, here: Path) -> None:
    write("shared/base.toml", 'extends = "strict"\nlevels = {drift = "note"}\n')
    write(
        "pyproject.toml",
        '[project]\nname = "x"\n\n[tool.mlsd-lint]\nextends = ["shared/base.toml"]\nmin-score = 50\nexclude = ["drafts/"]\nrules = ["pack"]\n'
        'ignore = [\n  "bandits",\n  "stage:7",\n]\n\n[[tool.mlsd-lint.overrides]]\nfiles = ["*.md"]\nfail-on = "error"\nlevels = {cost = "off"}\n',
    )
    write("pack/stage.yaml", PACK)
    shown = run("config", "design.md", "drafts/gone.md", "--ignore", "privacy", "--min-score", "40")
    assert shown.exit_code == 0
    assert_golden(shown.stdout, Path(__file__).parent / "golden" / "config.txt")


def test_the_settings_for_a_program(run: Run, here: Path) -> None:
    write("mlsd-lint.toml", 'select = ["drift"]\nmin-score = 3')
    page = json.loads(run("config", "design.md", "--format", "json", "--fail-on", "note").stdout)["documents"][0]
    rows = {row["key"]: (row["value"], row["origin"]) for row in page["settings"]}
    assert rows["fail-on"] == ("note", "command line, --fail-on")
    assert rows["min-score"] == (3.0, "mlsd-lint.toml:2")
    assert rows["select"] == ("drift", "mlsd-lint.toml:1")
    assert rows["require-reason"] == (False, "default")
    assert (page["configuration"], page["excluded"], page["rules"]) == ("mlsd-lint.toml", False, ["drift"])


def test_the_settings_without_any_file_are_the_defaults(run: Run, here: Path) -> None:
    lines = run("config", "design.md").stdout.splitlines()
    assert lines[1] == "  configuration: none"
    assert all(line.endswith("default") for line in lines[3:-2])


# ---- schemas


@pytest.mark.parametrize("name", sorted(schemas.made()))
def test_the_shipped_schema_is_that_of_the_models(name: str) -> None:
    assert_golden(schemas.made()[name], schemas.FOLDER / f"{name}.schema.json")


@pytest.mark.parametrize("name", ["config", "rules", "report", "compare", "standard"])
def test_every_schema_is_printed_and_sound(run: Run, name: str) -> None:
    schema = json.loads(run("schema", name).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["title"].startswith("mlsd-lint")


def test_the_rule_files_of_the_package_follow_their_schema() -> None:
    schema = json.loads(schemas.shipped("rules"))
    files = sorted((FIXTURES.parent / "rules").glob("*.yaml"))
    assert files
    for file in files:
        jsonschema.validate(json.loads(json.dumps(yaml.safe_load(file.read_text(encoding="utf-8")))), schema)
    broken = yaml.safe_load(PACK) | {"titel": "x"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ('extends = "strict"\nfail-on = "note"\n[[overrides]]\nfiles = ["a"]\nlevels = {drift = "off"}', True),
        ('extends = ["strict"]\nmin-score = 3', True),
        ("slect = []", False),
        ("min-score = 101", False),
        ("[[overrides]]\nselect = []", False),
        ("levels = {drift = 'bad'}", False),
    ],
)
def test_schema_and_models_agree(text: str, sound: bool) -> None:
    data = tomllib.loads(text)
    assert jsonschema.Draft202012Validator(json.loads(schemas.shipped("config"))).is_valid(data) is sound
    if sound:
        configuration.ConfigFile.model_validate(data)
        return
    with pytest.raises(ValueError, match="validation error"):
        configuration.ConfigFile.model_validate(data)


# ---- lines of TOML

VALUES = st.sampled_from(
    ["[ ['a'],\n ['b'] ]", "1", '"x"', '"[#]"', "'''a\n[table]\nb = 1\n'''", '"""\nkey = "]"\n"""', "[\n1, # ]\n2\n]", "[]", '[ "a",\n\n"[x]", ]',
     "{a = 1, b = [1, 2]}", "1979-05-27"]
)  # fmt: skip
GAPS = st.sampled_from(["", "\n", "# key = 1\n", "  \n# [x]\n\n"])


@given(st.lists(st.tuples(GAPS, VALUES, st.sampled_from(["", "[t{}]\n", "[[a]]\n", "  [t{}.'x.y']\n"])), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_the_line_of_every_key_is_found_whatever_stands_around_it(statements: list[tuple[str, str, str]], end: str) -> None:
    text = ""
    table: tuple[str | int, ...] = ()
    tables = 0
    expected = {}
    for number, (gap, value, header) in enumerate(statements):
        if header:
            text += header.format(number)
            table = ("a", tables) if "[[" in header else (f"t{number}",) if "x.y" not in header else (f"t{number}", "x.y")
            tables += "[[" in header
        text += gap
        expected[(*table, f"k{number}")] = text.count("\n") + 1
        text += f"k{number} = {value} # end\n"
    file = TomlFile(text.replace("\n", end))
    assert {path: file.line(path) for path in expected} == expected


@given(st.lists(st.tuples(st.text(alphabet="ab ,]['\"\\#\n", max_size=4).map(json.dumps), st.integers(0, 2)), min_size=1, max_size=6))
def test_the_line_of_every_entry_of_a_list_is_found(entries: list[tuple[str, int]]) -> None:
    text, expected = "x = [", []
    for entry, breaks in entries:
        text += "\n" * breaks
        expected.append(text.count("\n") + 1)
        text += f"{entry}, "
    file = TomlFile(text + "\n]\n")
    assert [file.line(("x", number)) for number in range(len(entries))] == expected


def test_a_toml_mistake_has_its_line() -> None:
    with pytest.raises(TomlError) as wrong:
        TomlFile("a = 1\nb = [\n  1,\n  oops\n]\n")
    assert wrong.value.line == 4
