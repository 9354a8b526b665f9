"""The smells: true to their examples, each word of their grammar, what is said of broken ones, and how reports and settings treat them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from conftest import FIXTURES

from mlsd_lint import cli as command_line
from mlsd_lint import ruleset as rule_files
from mlsd_lint.linter import Linter
from mlsd_lint.model import Finding
from mlsd_lint.rule import Smell
from mlsd_lint.ruleset import RuleSet

Run = Callable[..., Result]
PACKAGED = rule_files.load()
EXAMPLES = [
    pytest.param(smell, expected, text, id=f"{smell.id}-{'bad' if expected else 'good'}-{number}")
    for smell in PACKAGED.smells
    for expected, texts in ((True, smell.examples.bad), (False, smell.examples.good))
    for number, text in enumerate(texts, 1)
]
REQUIRED = frozenset(
    "accuracy-on-imbalance random-split-on-time personal-data-unprotected latency-batch-conflict success-without-target vague-quality"
    " ab-test-without-design skew-unaddressed retraining-without-gate self-made-labels latency-without-load llm-without-evaluation"
    " llm-without-guardrails monitoring-without-action drift-without-response metric-task-mismatch costly-model-without-cost"
    " high-stakes-unexplained decision-without-threshold unfilled-placeholder tools-without-reasons".split()
)
ANY_STANCE = ["asserted", "question", "negated", "deferred", "placeholder", "general"]


# ---- the packaged smells


@pytest.mark.parametrize(("smell", "expected", "text"), EXAMPLES)
def test_every_example_is_what_it_stands_under(linter: Linter, smell: Smell, expected: bool, text: str) -> None:
    assert command_line._is_found(text, smell, linter) is expected


def test_the_smells_that_are_promised_are_there_and_names_are_used_once() -> None:
    ids = [smell.id for smell in PACKAGED.smells]
    assert set(ids) >= REQUIRED
    assert len(set(ids)) == len(ids) and not set(ids) & PACKAGED.rules.keys()
    assert len({smell.title for smell in PACKAGED.smells}) == len({smell.told for smell in PACKAGED.smells}) == len(ids)


@pytest.mark.parametrize("smell", PACKAGED.smells, ids=lambda smell: smell.id)
def test_every_smell_is_well_formed(smell: Smell) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", smell.id)
    for sentence in (smell.told, smell.why, smell.mend):
        assert sentence[0].isupper() and sentence.endswith(".") and not sentence.endswith("..") and sentence == " ".join(sentence.split())
    assert re.fullmatch(r"(?:[A-Z]|p-value).*\w", smell.title)
    assert bool(smell.sought) is (smell.without is not None)
    assert not smell.sought.endswith(".") and smell.sought[:1] != " "
    assert len({*smell.examples.bad, *smell.examples.good}) == len(smell.examples.bad) + len(smell.examples.good)


# ---- the grammar, in smells of one's own


def write(folder: Path, **keys: Any) -> Path:
    """A folder with one topic, one trait and one smell that has these keys."""
    smell = {
        "id": "own", "title": "Ours", "level": "warning", "told": "It smells.", "why": "We say so.", "mend": "Mend it.",
        "examples": {"bad": ["one", "two"], "good": ["three", "four"]}, "references": ["our own practice"], **keys,
    }  # fmt: skip
    if "without" in keys:
        smell = {"sought": "what is wanted", **smell}
    drift = {
        "id": "drift", "title": "Drift", "level": "error", "weight": 3, "ask": "Drift?", "why": "It comes.", "headings": ["drift"],
        "phrases": {"named": ["population stability index"]}, "references": ["our own practice"],
        "examples": {"covered": ["one", "two", "three"], "mentioned": ["four", "five"], "absent": ["six"]},
    }  # fmt: skip
    pack = folder / "pack"
    pack.mkdir(exist_ok=True)
    files = {
        "smells-own.yaml": {"lexicons": {"fruit": ["apple", "pear"]}, "smells": [smell]},
        "own.yaml": {"stage": 5, "title": "Ours", "rules": [drift]},
        "traits.yaml": {"traits": [{"id": "ours", "title": "Our bot", "phrases": ["ourbot"]}]},
    }
    for name, content in files.items():
        (pack / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return pack


def found_in(folder: Path, text: str, **keys: Any) -> Finding | None:
    linter = Linter(rule_files.load(write(folder, **keys)))
    return next(iter(linter.smells.find(linter.examine(text.encode(), "design.md").judged)), None)


def lines(finding: Finding | None) -> list[int]:
    """The lines of all places of a finding, none where there is no finding."""
    return [] if finding is None else [finding.line, *(place.region.line for place in finding.related)]


CONDITIONS: dict[str, list[tuple[dict[str, Any], str, list[int]]]] = {
    "all groups of a statement": [
        ({"says": ["model", "gpu"]}, "A table.\n\nThe model runs on a GPU.", [3]),
        ({"says": ["model", "gpu"]}, "The model is old. The GPU is idle.", []),
        ({"says": ["model | forest", "@fruit"]}, "The forest sorts pears.", [1]),
        ({"says": ["model", "model"]}, "The model runs.", []),
        ({"says": ["model", "model"]}, "The model beats the old model.", [1]),
    ],
    "reach": [
        ({"says": ["model", "gpu"], "reach": 2}, "The model needs one GPU.", [1]),
        ({"says": ["model", "gpu"], "reach": 2}, "The model needs at least one GPU.", []),
    ],
    "ordered": [
        ({"says": ["train", "deploy"], "ordered": True}, "We train, then deploy.", [1]),
        ({"says": ["train", "deploy"], "ordered": True}, "We deploy, then train.", []),
    ],
    "all": [
        ({"all": [{"says": ["model"]}, {"says": ["gpu"]}]}, "The model is old.\n\nThe GPU is idle.", [1, 3]),
        ({"all": [{"says": ["model"]}, {"says": ["gpu"]}]}, "The model is old.", []),
    ],
    "any": [
        ({"any": [{"says": ["gpu"]}, {"says": ["model"]}]}, "The model is old.", [1]),
        ({"any": [{"says": ["gpu"]}, {"says": ["model"]}]}, "The table is old.", []),
    ],
    "none": [
        ({"all": [{"says": ["model"]}, {"none": [{"says": ["gpu"]}, {"says": ["cpu"]}]}]}, "The model is old.", [1]),
        ({"all": [{"says": ["model"]}, {"none": [{"says": ["gpu"]}, {"says": ["cpu"]}]}]}, "The model is old. The CPU is idle.", []),
    ],
    "stance": [
        ({"says": ["gpu"]}, "Do we need a GPU?", []),
        ({"says": ["gpu"], "stance": ["question"]}, "Do we need a GPU?", [1]),
        ({"says": ["gpu"], "stance": ["question"]}, "We buy a GPU.", []),
    ],
    "denied": [
        ({"says": ["gpu"], "stance": ANY_STANCE}, "The service runs without a GPU.", []),
        ({"says": ["gpu"], "stance": ANY_STANCE, "denied": True}, "The service runs without a GPU.", [1]),
        ({"says": ["gpu"], "stance": ANY_STANCE}, "The limit is no more than one GPU.", [1]),
        ({"says": ["gpu"], "stance": ANY_STANCE}, "## Rejected alternatives\n\nA GPU scores every order.", []),
        ({"says": ["gpu"], "stance": ANY_STANCE, "denied": True}, "## Rejected alternatives\n\nA GPU scores every order.", [3]),
    ],
    "besides": [
        ({"says": ["gpu"], "besides": "idle | @fruit"}, "The GPU is busy.", [1]),
        ({"says": ["gpu"], "besides": "idle | @fruit"}, "The GPU counts apples.", []),
    ],
    "under and not_under": [
        ({"says": ["gpu"], "under": "serving"}, "## Serving\n\nThe GPU is busy.", [3]),
        ({"says": ["gpu"], "under": "serving"}, "## Training\n\nThe GPU is busy.", []),
        ({"says": ["gpu"], "not_under": "serving"}, "## Training\n\nThe GPU is busy.", [3]),
        ({"says": ["gpu"], "not_under": "serving"}, "## Serving\n\nThe GPU is busy.", []),
    ],
    "least": [
        ({"says": ["gpu"], "least": 2}, "The GPU is busy.\n\nThe GPU is old.", [1, 3]),
        ({"says": ["gpu"], "least": 2}, "The GPU is busy.", []),
    ],
    "distinct": [
        ({"says": ["@fruit"], "distinct": 2}, "We sort apples.\n\nWe sort pears.", [1, 3]),
        ({"says": ["@fruit"], "distinct": 2}, "We sort apples.\n\nWe count apples.", []),
    ],
    "reasoned and most_words": [
        ({"says": ["gpu"], "reasoned": False}, "We use a GPU.", [1]),
        ({"says": ["gpu"], "reasoned": False}, "We use a GPU because the CPU took too long.", []),
        ({"says": ["gpu"], "most_words": 3}, "The GPU is busy.", [1]),
        ({"says": ["gpu"], "most_words": 3}, "The GPU is busy with images of all shops.", []),
    ],
    "bound": [
        ({"says": ["answer"], "bound": {"kind": "time", "below": 1}}, "We answer within 200 ms.", [1]),
        ({"says": ["answer"], "bound": {"kind": "time", "below": 1}}, "We answer within 20 s.", []),
        ({"says": ["answer"], "bound": {"kind": "time", "above": 1, "below": 60}}, "We answer within half a minute.", [1]),
        ({"says": ["label"], "bound": {"kind": "percent", "below": 1}}, "One label in 500 is positive: 1 in 500.", [1]),
    ],
    "conflict": [
        ({"conflict": {"kind": "time", "of": "latency"}}, "The latency is 100 ms.\n\nThe latency is 0.3 s.", [1, 3]),
        ({"conflict": {"kind": "time", "of": "latency"}}, "The latency is 300 ms.\n\nThe latency is 0.3 s.", []),
        ({"conflict": {"kind": "time", "of": "latency"}}, "The p50 latency is 100 ms.\n\nThe p99 latency is 300 ms.", []),
        ({"conflict": {"kind": "time", "of": "latency"}}, "The latency was 900 ms.\n\nThe latency is 300 ms.", []),
    ],
    "exceeds": [
        ({"exceeds": {"more": {"kind": "time", "says": ["label"]}, "less": {"kind": "cadence", "says": ["retrain"]}}}, text, found)
        for text, found in (
            ("Labels arrive after 30 days.\n\nWe retrain every week.", [1, 3]),
            ("Labels arrive after 3 days.\n\nWe retrain every week.", []),
            ("Labels arrive late.\n\nWe retrain every week.", []),
        )
    ],
    "topic": [
        ({"topic": "drift", "status": ["missing"]}, "A table.", [1]),
        ({"topic": "drift", "status": ["covered"]}, "A table.", []),
        ({"topic": "drift"}, "A table.\n\nWe compute the population stability index of all inputs each week.", [3]),
        ({"topic": "drift", "with": "week"}, "We compute the population stability index of all inputs each week.", [1]),
        ({"topic": "drift", "with": "month"}, "We compute the population stability index of all inputs each week.", []),
    ],
    "trait": [
        ({"all": [{"says": ["gpu"]}, {"trait": "ours"}]}, "# Ourbot\n\nThe GPU is busy.", [3]),
        ({"all": [{"says": ["gpu"]}, {"trait": "ours"}]}, "# Another\n\nThe GPU is busy.", []),
    ],
    "facts": [
        ({"fact": "placeholder"}, "A table.\n\nOwner: TBD", [3]),
        ({"fact": "placeholder"}, "Owner: Mrs. Meyer", []),
        ({"fact": "empty-section"}, "# Design\n\nA table.\n\n## Costs\n\n## Data\n\nA table.", [5]),
        ({"fact": "empty-section"}, "# Design\n\n## Costs\n\nA table.", []),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("when", "text", "found"),
    [pytest.param(*case, id=f"{name}-{number}") for name, cases in CONDITIONS.items() for number, case in enumerate(cases, 1)],
)
def test_a_condition_is_met_where_it_says(tmp_path: Path, when: dict[str, Any], text: str, found: list[int]) -> None:
    assert lines(found_in(tmp_path, text, when=when)) == found


@pytest.mark.parametrize(
    ("scope", "text", "found"),
    [
        ("statement", "The GPU has a cost.", []),
        ("statement", "The GPU is busy. It has a cost.", [1]),
        ("block", "The GPU is busy. It has a cost.", []),
        ("block", "The GPU is busy.\n\nIt has a cost.", [1]),
        ("section", "## A\n\nThe GPU is busy.\n\nIt has a cost.", []),
        ("section", "## A\n\nThe GPU is busy.\n\n## B\n\nIt has a cost.", [3]),
        ("document", "## A\n\nThe GPU is busy.\n\n## B\n\nIt has a cost.", []),
        ("document", "## A\n\nThe GPU is busy.", [3]),
        ("block", "The GPU is busy. It has a cost.\n\nAnother GPU is idle.", [3]),
    ],
)
def test_without_is_looked_for_in_its_scope(tmp_path: Path, scope: str, text: str, found: list[int]) -> None:
    finding = found_in(tmp_path, text, when={"says": ["gpu"]}, without={"says": ["cost"]}, scope=scope)
    assert lines(finding) == found
    assert finding is None or finding.message == "It smells. Looked for in vain: what is wanted. Mend it."


def test_also_gives_a_second_place_and_unless_takes_all_away(tmp_path: Path) -> None:
    parts = {"when": {"says": ["gpu"]}, "also": {"says": ["cpu"]}, "unless": {"says": ["tpu"]}}
    text = "The GPU is busy.\n\nThe CPU is idle."
    found = found_in(tmp_path, text, **parts)
    assert lines(found) == [1, 3] and found is not None
    assert [place.text for place in found.related] == ["The CPU is idle."]
    assert found_in(tmp_path, "The GPU is busy.", **parts) is None
    assert found_in(tmp_path, text + "\n\nThe TPU is new.", **parts) is None


def test_a_trait_spares_a_document_or_changes_the_level(tmp_path: Path) -> None:
    text = "# Ourbot\n\nThe GPU is busy."
    when = {"says": ["gpu"]}
    assert found_in(tmp_path, text, when=when, applies={"unless": ["ours"]}) is None
    raised = found_in(tmp_path, text, when=when, applies={"level": {"ours": "error"}})
    plain = found_in(tmp_path, "The GPU is busy.", when=when, applies={"level": {"ours": "error"}})
    assert raised is not None and plain is not None
    assert (raised.level, plain.level) == ("error", "warning")


# ---- broken smells


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"when": {"says": ["@friut"]}}, "smell 'own' uses the unknown word list '@friut'; did you mean 'fruit'?"),
        ({"when": {"trait": "oours"}}, "smell 'own' names the unknown trait 'oours'; did you mean 'ours'?"),
        ({"when": {"says": ["gpu"]}, "applies": {"unless": ["oours"]}}, "smell 'own' names the unknown trait 'oours'; did you mean 'ours'?"),
        ({"when": {"none": [{"topic": "drfit"}]}}, "smell 'own' names 'drfit', which is no topic of the framework; did you mean 'drift'?"),
        ({"when": {"says": ["gpu"], "topic": "drift"}}, "smells.0.when: a condition needs exactly one of says, topic"),
        ({"when": {"besides": "gpu"}}, "not none; mend the mapping"),
        ({"when": {"says": ["gpu"]}, "without": {"says": ["cost"]}, "sought": ""}, "a smell with 'without' says under 'sought' what was looked for"),
        ({"when": {"says": ["gpu"], "stanse": ["question"]}}, "unknown key 'stanse'"),
        ({"when": {"says": ["_"]}}, "smell 'own' has the phrase '_', which holds no word"),
        ({"when": {"says": ["gpu | gpt-4o"]}}, "smell 'own' has the phrase 'gpt-4o', which any number fits; write '=gpt-4o' for this one only, or 'gpt # o'"),
        ({"when": {"says": ["gpu"]}, "id": "drift"}, "duplicate smell 'drift', first at"),
    ],
)  # fmt: skip
def test_a_broken_smell_is_told_with_file_line_and_mend(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: dict[str, Any], told: str) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, **keys)
    result = run("test-rules", "pack")
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    where = re.match(r"pack/smells-own\.yaml:(\d+): .*;", line)
    assert where and 6 <= int(where[1]) <= 40 and told in line, line


@pytest.mark.parametrize(("name", "file"), [("stance-hedge", "stance.yaml"), ("smell-words", "smells-words.yaml")])
def test_a_number_that_any_number_fits_is_told_in_cues_and_word_lists_of_smells(tmp_path: Path, name: str, file: str) -> None:
    pack = write(tmp_path, when={"says": ["gpu"]})
    content = {"lexicons": {name: ["perhaps", "gpt-3", "=gpt-4", "phase 2", "gpt #", "p99", "per 1k tokens"]}}
    if file.startswith("smells"):
        content["smells"] = []  # type: ignore[assignment]
    (pack / file).write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(rule_files.RuleFileError) as caught:
        rule_files.load(pack)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{(pack / file).as_posix()}:2: word list '{name}' has the phrase 'gpt-3', which any number fits")


# ---- rule packs and commands


def test_a_pack_adds_its_smells_to_the_packaged_ones_and_replaces_those_of_its_name(tmp_path: Path) -> None:
    ids = [smell.id for smell in PACKAGED.smells]
    assert [smell.id for smell in rule_files.load_packs((write(tmp_path, when={"says": ["gpu"]}),)).smells] == [*ids, "own"]
    (tmp_path / "other").mkdir()
    replaced = rule_files.load_packs((write(tmp_path / "other", id=ids[0], when={"says": ["gpu"]}),)).smells
    assert [smell.id for smell in replaced] == ids and replaced[0].title == "Ours"


def test_test_rules_runs_the_examples_of_smells_with_the_packaged_topics(run: Run, tmp_path: Path) -> None:
    pack = write(
        tmp_path,
        when={"all": [{"says": ["gpu"]}, {"topic": "cost", "status": ["missing"]}]},
        examples={"bad": ["The GPU is busy.", "A pear."], "good": ["The GPU costs 400 euros a month.", "An apple."]},
    )
    (pack / "own.yaml").unlink()
    result = run("test-rules", pack)
    where = f"{(pack / 'smells-own.yaml').as_posix()}:"
    assert result.exit_code == 1
    *failed, summary = result.stdout.splitlines()
    assert summary == "4 examples of 0 rules and 1 smells, 1 failed"
    assert [line.startswith(where) and line.endswith(": own: expected found, got not found: A pear.") for line in failed] == [True]


@pytest.mark.parametrize("smell", PACKAGED.smells, ids=lambda smell: smell.id)
def test_explain_shows_all_of_a_smell(run: Run, smell: Smell) -> None:
    shown = " ".join(run("explain", smell.id).stdout.split())
    parts = (smell.title, smell.id, smell.told, smell.sought, smell.why, smell.mend, *smell.references, *smell.examples.bad, *smell.examples.good)
    for text in parts:
        assert " ".join(text.split()) in shown
    assert f"Level {smell.level}" in shown and f"takes {PACKAGED.grading.smell_points[smell.level]:g} points off the score" in shown
    titles = {trait.id: trait.title.lower() for trait in PACKAGED.traits}
    assert all(f"{level} for {titles[trait]}" in shown for trait, level in smell.applies.level.items())
    assert all(f"not looked for in {titles[trait]}" in shown for trait in smell.applies.unless)


def test_an_unknown_name_suggests_a_smell(run: Run) -> None:
    result = run("explain", "vague-qualty")
    assert (result.exit_code, result.stderr) == (2, "unknown rule 'vague-qualty'; did you mean 'vague-quality'?\n")


WHY = {
    "found": ("Answers are needed within 200 ms.\n\nRisk scores are produced by a nightly batch job.", True, "when (must hold): holds"),
    "no when": ("Risk scores are produced by a nightly batch job.", False, "nothing in the document meets 'when'"),
    "no also": ("Answers are needed within 200 ms.", False, "nothing in the document meets 'also'"),
    "unless": ("Answers are needed within 200 ms by the API.\n\nRisk scores are produced by a nightly batch job.", False, "because: 'unless' holds."),
}


@pytest.mark.parametrize(("text", "found", "told"), WHY.values(), ids=WHY)
def test_why_shows_the_chain(run: Run, text: str, found: bool, told: str) -> None:
    result = run("why", "latency-batch-conflict", "-", "--no-config", input=text.encode())
    assert result.exit_code == 0
    assert result.stdout.startswith(f"latency-batch-conflict in <stdin>: {'found' if found else 'not found'}\n  because: ")
    assert told in result.stdout
    assert [line.split(" ")[0] for line in result.stdout.splitlines() if re.match(r"\w+ \(", line)] == ["when", "unless", "also"]
    assert ("    line 1: “Answers are needed within 200 ms" in result.stdout) is ("200 ms" in text)
    assert ("line 3: “Risk scores are produced by a nightly batch job.”" in result.stdout) is ("\n\nRisk" in text)


def test_why_says_what_was_looked_for_and_that_a_finding_is_suppressed(run: Run) -> None:
    good = run("why", "ab-test-without-design", "-", input=b"An A/B test decides. We need a sample size of 9000.").stdout
    assert "'without' holds" in good and "without (is looked for): holds" in good and "sample size of 9000" in good
    hidden = run("why", "number-conflict", "-", input=(DESIGN + "\n<!-- mlsd-lint disable=number-conflict reason: two regions -->\n").encode()).stdout
    assert "in <stdin>: found" in hidden and "it is suppressed by" in " ".join(hidden.split())


@pytest.mark.parametrize("design", ["draft-todos", "template-unfilled", "fraud-detection", "glossary-stuffed"])
def test_why_agrees_with_the_report_about_every_smell(linter: Linter, design: str) -> None:
    data = (FIXTURES / f"{design}.md").read_bytes()
    judged = linter.examine(data, "design.md").judged
    found = {finding.rule for finding in linter.smells.find(judged)}
    for smell in linter.ruleset.smells:
        trace = linter.smells.trace(smell, judged)
        held = {step.part: step.holds for step in trace.steps}
        met = trace.spared is None and held["when"] and held.get("also", True) and not held.get("without") and not held.get("unless")
        assert met is (trace.finding is not None) is (smell.id in found), smell.id


# ---- reports and settings

DESIGN = (FIXTURES / "fraud-detection.md").read_text(encoding="utf-8") + (
    "\n## Targets\n\nThe latency budget is 100 ms.\n\nAll agree.\n\nThe latency budget of 350 ms is kept by two replicas.\n"
)


@pytest.fixture
def report_of(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """The JSON report of the design with a conflict, after a change of its text, with options and a configuration."""
    monkeypatch.chdir(tmp_path)

    def report(*args: str, add: str = "", config: str = "") -> dict[str, Any]:
        Path("design.md").write_text(DESIGN + add, encoding="utf-8")
        Path("mlsd-lint.toml").write_text(config, encoding="utf-8")
        return dict(json.loads(run("design.md", "--format", "json", *args).stdout)["documents"][0])

    return report


def smells_of(report: dict[str, Any]) -> dict[str, str]:
    known = {smell.id for smell in PACKAGED.smells}
    return {finding["rule"]: finding["level"] for finding in report["findings"] if finding["rule"] in known}


def test_both_places_are_shown(run: Run, report_of: Callable[..., dict[str, Any]]) -> None:
    (found,) = [finding for finding in report_of()["findings"] if finding["rule"] == "number-conflict"]
    first, second = (DESIGN[: DESIGN.index(f"The latency budget {word}")].count("\n") + 1 for word in ("is 100", "of 350"))
    assert found["line"] == first and [place["line"] for place in found["related"]] == [second]
    assert found["related"][0]["text"] == "The latency budget of 350 ms is kept by two replicas."
    text = run("design.md").stdout
    weak = text[text.index("Weak spots") :]
    assert f"line {first}" in weak.lower() and f"line {second}" in weak.lower() and "350 ms" in weak


@pytest.mark.parametrize(
    "text",
    [
        "A random split would leak the future into training. We split by month: January to October train, November tests.",
        "Accuracy is useless here: 0.3 % of orders are fraud, so 99.7 % is reached by saying no. We use PR-AUC.",
        "We do not release to everyone at once: 5 % of the traffic for a week, then 25 %, then all; one switch brings the old model back.",
        "Rejected: a nightly job for payments, since a payment must be decided within 80 ms. The service answers each request.",
        "We decided against retraining without a check: a new model goes live only if it beats the present one on the last month.",
    ],
)  # fmt: skip
def test_rejecting_a_bad_practice_raises_nothing(linter: Linter, text: str) -> None:
    asked = {"random-split-on-time", "accuracy-on-imbalance", "big-bang-release", "latency-batch-conflict", "retraining-without-gate"}
    found = {finding.rule for finding in linter.smells.find(linter.examine(text.encode(), "design.md").judged)}
    assert not found & asked


@pytest.mark.parametrize("points", [0.5, 10.0])
def test_smells_take_points_off_as_the_grading_says(points: float) -> None:
    grading = PACKAGED.grading.model_copy(update={"smell_points": {"error": points, "warning": points / 2, "note": 0.0}})
    rules = replace(PACKAGED, grading=grading, digest=f"{PACKAGED.digest}-{points}")
    with_smell = Linter(rules).lint(DESIGN.encode(), "design.md")
    without = Linter(replace(rules, smells=(), digest=f"{rules.digest}-none")).lint(DESIGN.encode(), "design.md")
    taken = sum(grading.smell_points[f.level] for f in with_smell.findings if f.rule not in rules.rules)
    assert taken == points
    assert without.scorecard.score - with_smell.scorecard.score == pytest.approx(points, abs=0.06)
    assert f"1 weak spots take {points:g} points: number-conflict" in with_smell.scorecard.arithmetic


def test_smells_are_selected_and_ignored_one_by_one_or_together(report_of: Callable[..., dict[str, Any]]) -> None:
    whole = report_of()
    assert smells_of(whole) == {"number-conflict": "error"}
    for args in (("--select", "drift"), ("--ignore", "number-conflict"), ("--ignore", "smells"), ("--select", "drift,vague-quality")):
        report = report_of(*args)
        assert smells_of(report) == {}, args
    assert report_of("--ignore", "smells")["score"] == pytest.approx(whole["score"] + PACKAGED.grading.smell_points["error"], abs=0.06)
    for chosen in ("drift,number-conflict", "drift,smells"):
        assert smells_of(report_of("--select", chosen)) == {"number-conflict": "error"}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ('[levels]\nnumber-conflict = "note"\n', {"number-conflict": "note"}),
        ('[levels]\nsmells = "warning"\n', {"number-conflict": "warning"}),
        ('[levels]\nnumber-conflict = "off"\n', {}),
        ('[levels]\nsmells = "off"\n', {}),
        ('ignore = ["smells"]\n', {}),
        ('select = ["drift", "number-conflict"]\n', {"number-conflict": "error"}),
    ],
)
def test_a_configuration_names_smells(report_of: Callable[..., dict[str, Any]], config: str, expected: dict[str, str]) -> None:
    assert smells_of(report_of(config=config)) == expected


@pytest.mark.parametrize("name", ["number-conflict", "smells"])
def test_a_comment_suppresses_smells(report_of: Callable[..., dict[str, Any]], name: str) -> None:
    report = report_of(add=f"\n<!-- mlsd-lint disable={name} reason: two regions -->\n")
    assert smells_of(report) == {}
    assert [entry["rule"] for entry in report["suppressed"]] == ["number-conflict"]


def test_completion_of_rules_shows_smells_with_their_titles(rules: RuleSet) -> None:
    from mlsd_lint.completion import RuleName

    context = command_line.click.Context(command_line.explain)
    offered = RuleName(stages=True).shell_complete(context, command_line.explain.params[0], "drift,vague")
    assert [(item.value, item.help) for item in offered] == [("drift,vague-quality", rules.named["vague-quality"].title)]
