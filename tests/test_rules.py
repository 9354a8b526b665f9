"""The packaged rules: complete, and true to their examples; and what is said of rule files that are wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from conftest import FIXTURES

from mlsd_lint import cli as command_line
from mlsd_lint import ruleset as rule_files
from mlsd_lint.errors import RuleFileError
from mlsd_lint.linter import Linter
from mlsd_lint.rule import LAUNCH_TOPICS, TOPICS, Rule

PACKAGED = rule_files.load()
EXAMPLES = [
    pytest.param(rule, status, text, id=f"{rule.id}-{status}-{number}")
    for rule in PACKAGED.rules.values()
    for number, (status, text) in enumerate(command_line._examples(rule), 1)
]


# ---- the packaged rules


@pytest.mark.parametrize(("rule", "status", "text"), EXAMPLES)
def test_every_example_gets_the_status_it_stands_under(linter: Linter, rule: Rule, status: str, text: str) -> None:
    assert command_line._status_in(text, rule, linter) == status


def test_every_topic_has_a_rule_in_its_stage() -> None:
    found = {file.stage: sorted(rule.id for rule in file.rules) for file in PACKAGED.for_rubric("interview").files}
    assert found == {stage: sorted(topics) for stage, topics in TOPICS.items()}


def test_the_launch_rubric_adds_its_topics_and_nothing_else() -> None:
    added = PACKAGED.for_rubric("launch").rules.keys() - PACKAGED.for_rubric("interview").rules.keys()
    assert added == {topic for topics in LAUNCH_TOPICS.values() for topic in topics}
    assert PACKAGED.rules.keys() == PACKAGED.for_rubric("launch").rules.keys()


@pytest.mark.parametrize("rule", PACKAGED.rules.values(), ids=lambda rule: rule.id)
def test_every_rule_says_what_it_asks_and_why(rule: Rule) -> None:
    examples = rule.examples
    assert len(examples.covered) >= 3 and len(examples.mentioned) >= 2 and len(examples.absent) >= 1
    assert rule.ask.endswith("?")
    assert all(text.strip() for text in (rule.title, rule.why, *rule.references))
    assert rule.headings and (any((rule.phrases.named, rule.phrases.strong, rule.phrases.weak)) or rule.together)
    assert (rule.level, rule.weight) in {("error", 3), ("error", 2), ("warning", 3), ("warning", 2), ("note", 2), ("note", 1), ("warning", 1)}


def test_titles_and_questions_are_not_repeated() -> None:
    rules = PACKAGED.rules.values()
    assert len({rule.title for rule in rules}) == len({rule.ask for rule in rules}) == len(rules) == sum(map(len, (*TOPICS.values(), *LAUNCH_TOPICS.values())))


def test_every_stage_has_a_weight_and_every_score_a_letter() -> None:
    grading = PACKAGED.grading
    for weights in grading.rubrics.values():
        assert set(weights) == set(TOPICS)
        assert all(weight > 0 for weight in weights.values())
    bounds = [grading.letters[letter] for letter in "ABCDF"]
    assert bounds == sorted(bounds, reverse=True) and bounds[-1] == 0
    assert list(grading.depth_credit) == sorted(grading.depth_credit) and grading.mentioned_credit < grading.depth_credit[1]


def test_every_rule_knows_its_place_whatever_the_machine() -> None:
    where, _, line = PACKAGED.origin["drift"].rpartition(":")
    text = (rule_files.packaged_rules().parent / where).read_text(encoding="utf-8").splitlines()
    assert where == "rules/stage-5-monitoring.yaml"
    assert text[int(line) - 1].strip() == "- id: drift"


# ---- a folder of one's own


GOOD = """\
stage: 5
title: Our monitoring
rules:
- id: drift
  title: Drift
  level: error
  weight: 3
  ask: What tells you that the inputs have moved?
  why: They will.
  phrases: {strong: [drift check, "@drift-test"]}
  together: [["compare | watch", "@time"]]
  applies: {unless: [batch-only]}
  examples:
    covered: [The drift check runs on all 40 inputs every night., We compute PSI on all inputs each week., The drift check costs us 3 minutes a day.]
    mentioned: ["Drift check: TBD", Should we have a drift check?]
    absent: [We ship in May.]
  references: [our own practice]
"""
GRADING_ONLY = "grading: {}\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A folder with one sound rule."""
    (tmp_path / "own.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_a_folder_of_ones_own_borrows_everything_but_rules(pack: Path) -> None:
    own = rule_files.load(pack)
    assert list(own.rules) == ["drift"]
    assert own.grading == PACKAGED.grading and own.traits == PACKAGED.traits
    assert own.lexicons.keys() == PACKAGED.lexicons.keys()
    assert own.origin["drift"] == f"{(pack / 'own.yaml').as_posix()}:4"
    assert own.digest != PACKAGED.digest


def test_the_examples_of_a_folder_of_ones_own_are_run(run: Callable[..., Result], pack: Path) -> None:
    result = run("test-rules", pack)
    assert (result.exit_code, result.stdout) == (0, "6 examples of 1 rules, 0 failed\n")


def test_the_rule_shown_in_contributing_works(run: Callable[..., Result], tmp_path: Path) -> None:
    text = (FIXTURES.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = re.findall(r"```yaml\n((?!standard:).*?)```", text, re.DOTALL)
    rule, smell = shown
    (tmp_path / "shown.yaml").write_text(rule, encoding="utf-8")
    (tmp_path / "smells-shown.yaml").write_text(smell, encoding="utf-8")
    result = run("test-rules", tmp_path)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "11 examples of 1 rules and 1 smells, 0 failed\n", "")


def test_own_word_lists_and_traits_go_before_borrowed_ones(pack: Path) -> None:
    (pack / "lexicon.yaml").write_text("lexicons: {drift-test: [our drift meter]}\n", encoding="utf-8")
    (pack / "traits.yaml").write_text("traits: [{id: llm, title: Ours, phrases: [our llm], without: [edge-device]}]\n", encoding="utf-8")
    own = rule_files.load(pack)
    assert own.lexicons["drift-test"] == ("our drift meter",)
    assert own.lexicons["time"] == PACKAGED.lexicons["time"]
    assert [trait.title for trait in own.traits if trait.id == "llm"] == ["Ours"]
    assert len(own.traits) == len(PACKAGED.traits)


def test_the_packaged_folder_may_be_named() -> None:
    assert rule_files.load(rule_files.packaged_rules()).origin["drift"].startswith("rules/")


def test_two_folders_with_the_same_rules_keep_their_own_places(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own.yaml").write_text(GOOD, encoding="utf-8")
        assert rule_files.load(tmp_path / name).origin["drift"].endswith(f"{name}/own.yaml:4")


# ---- rule files that are wrong


def changed(old: str, new: str) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new).encode()


WRONG = {
    "an unknown key": (changed("  why: They will.", "  whi: They will."), [(4, "missing key 'why'"), (9, "unknown key 'whi'")]),
    "an unknown key of the file": (b"author: me\n" + GOOD.encode(), [(1, "unknown key 'author'")]),
    "a wrong type": (changed("weight: 3", "weight: heavy"), [(7, "rules.0.weight: input should be a valid number")]),
    "a word that YAML takes for no": (changed("[drift check,", "[no, drift check,"), [(10, "phrases.strong.0: input should be a valid string")]),
    "an unknown level": (changed("level: error", "level: fatal"), [(6, "rules.0.level: input should be 'error', 'warning' or 'note'")]),
    "too few examples": (changed("mentioned: [\"Drift check: TBD\", ", "mentioned: ["), [(15, "at least 2 items")]),
    "no topic of the framework": (changed("id: drift", "id: drifts"), [(4, "'drifts' judges no topic of the framework; did you mean 'drift'?")]),
    "a topic like no other": (changed("id: drift", "id: qqq"), [(4, "judges no topic of the framework; see `mlsd-lint rules`")]),
    "implied by no topic": (changed("  together", "  implied_by: [retrain]\n  together"), [(4, "implied by 'retrain', which is no topic of the")]),
    "a topic of another stage": (changed("stage: 5", "stage: 6"), [(4, "belongs to stage 5, not 6")]),
    "a stage that does not exist": (changed("stage: 5", "stage: 9"), [(1, "stage: input should be less than or equal to 8")]),
    "an unknown word list": (changed("@drift-test", "@drift-tests"), [(4, "unknown word list '@drift-tests'; did you mean 'drift-test'?")]),
    "an unknown trait": (changed("[batch-only]", "[batch]"), [(4, "unknown trait 'batch'; did you mean 'batch-only'?")]),
    "a duplicate rule": (GOOD.encode() + GOOD[GOOD.index("- id") :].encode(), [(18, "duplicate rule 'drift', first at own.yaml:4")]),
    "a duplicate key": (changed("  why: They will.", "  why: They will.\n  why: They do."), [(10, "the key 'why' stands here a second time")]),
    "a phrase without words": (changed("[drift check,", '["  ", drift check,'), [(4, "an empty group in 'phrases.strong'")]),
    "a phrase of nothing": (changed("[drift check,", '["=", "_", drift check,'), [(4, "the phrase '_', which holds no word")]),
    "an empty group": (changed('"@time"', '" | "'), [(4, "an empty group in 'together'")]),
    "a lone group": (changed('["compare | watch", "@time"]', '["compare | watch"]'), [(11, "at least 2 items")]),
    "an exception like a phrase": (changed("  together", "  except: [drift checks]\n  together"), [(4, "excepts 'drift checks', so its phrase 'drift check'")]),
    "a pattern on lemmas": (changed("  together", "  patterns: [[{LEMMA: drift}]]\n  together"), [(4, "a pattern on LEMMA, which can never match")]),
    "a pattern on two words": (changed("  together", "  patterns: [[{LOWER: two words}]]\n  together"), [(4, "'two words', which is not one word")]),
    "a choice of two words": (changed("  together", "  patterns: [[{LOWER: {IN: [a b]}}]]\n  together"), [(4, "'a b', which is not one word")]),
    "a pattern of nothing": (changed("  together", "  patterns: [[]]\n  together"), [(4, "a pattern without tokens")]),
    "a wrong operator": (changed("  together", "  patterns: [[{LOWER: psi, OP: '**'}]]\n  together"), [(4, "the operator '**'")]),
    "a wrong regular expression": (changed("  together", "  patterns: [[{LOWER: {REGEX: '('}}]]\n  together"), [(4, "the regular expression '('")]),
    "invalid YAML": (changed("  title: Drift", "  title: Drift: now"), [(5, "not valid YAML: mapping values are not allowed")]),
    "no UTF-8": (changed("They will", "They wéll").decode().encode("latin-1"), [(9, "not valid UTF-8; save the file as UTF-8")]),
    "a control character": (changed("They will", "They\x01will"), [(9, "control character")]),
    "an impossible date": (changed("They will.", "2024-13-45"), [(1, "cannot be read as YAML")]),
    "nothing": (b"", [(1, "must be a mapping of keys to values")]),
    "a list": (b"- id: drift\n", [(1, "must be a mapping of keys to values")]),
    "endless nesting": (b"rules: []\ntitle: T\nstage: " + b"[" * 20_000 + b"]" * 20_000, [(3, "")]),
}  # fmt: skip


@pytest.mark.parametrize(("data", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_file_line_and_mend(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, told: list[tuple[int, str]]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pack").mkdir()
    Path("pack/own.yaml").write_bytes(data)
    result = run("test-rules", "pack")
    lines = result.stderr.splitlines()
    assert (result.exit_code, result.stdout) == (2, "")
    assert [int(line.split(":")[1]) for line in lines] == [line for line, _ in told]
    for line, (_, text) in zip(lines, told, strict=True):
        assert line.startswith("pack/own.yaml:") and text.replace("own.yaml", "pack/own.yaml") in line and ";" in line


def test_all_that_is_wrong_is_told_at_once(pack: Path) -> None:
    (pack / "another.yaml").write_text(GOOD.replace("drift check,", "_,").replace("id: drift", "id: retraining"), encoding="utf-8")
    (pack / "broken.yaml").write_text("stage: 1\ntitle: [", encoding="utf-8")
    (pack / "key.yml").write_text(GOOD.replace("id: drift", "id: alerting\n  foo: 1"), encoding="utf-8")
    (pack / "topic.yaml").write_text(GOOD.replace("id: drift", "id: driift"), encoding="utf-8")
    (pack / "traits.yaml").write_text("traits: [{id: fast, title: Fast, without: [slow], least: 0}]\n", encoding="utf-8")
    (pack / "grading.yaml").write_text(GRADING_ONLY, encoding="utf-8")
    with pytest.raises(RuleFileError) as caught:
        rule_files.load(pack)
    told = "\n".join(caught.value.problems)
    for name in ("another.yaml:4", "broken.yaml:3", "key.yml:5", "topic.yaml:4", "traits.yaml:1", "grading.yaml:1"):
        assert f"/{name}: " in told, name
    assert "\n" not in "".join(caught.value.problems)


def test_a_trait_may_only_be_ruled_out_by_one_before_it(pack: Path) -> None:
    (pack / "traits.yaml").write_text("traits:\n- {id: fast, title: Fast, phrases: [_, '@fsat'], without: [slow]}\n", encoding="utf-8")
    with pytest.raises(RuleFileError) as caught:
        rule_files.load(pack)
    where = f"{(pack / 'traits.yaml').as_posix()}:2: trait 'fast'"
    dead, unknown, late = caught.value.problems
    assert dead.startswith(f"{where} has the phrase '_', which holds no word")
    assert unknown.startswith(f"{where} uses the unknown word list '@fsat'")
    assert late.startswith(f"{where} is ruled out by 'slow'")


def test_a_word_list_with_a_dead_phrase_is_named(pack: Path) -> None:
    (pack / "lexicon.yaml").write_text("lexicons:\n  ours: [fine]\n  dead: [fine, '_', '@tmie']\n", encoding="utf-8")
    with pytest.raises(RuleFileError) as caught:
        rule_files.load(pack)
    assert all(problem.startswith(f"{(pack / 'lexicon.yaml').as_posix()}:3: word list 'dead'") for problem in caught.value.problems)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_without_rule_files_is_told(run: Callable[..., Result], tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "pack"
    if made:
        folder.mkdir()
    result = run("test-rules", folder)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{folder.as_posix()}: no ") and "name a folder" in result.stderr
