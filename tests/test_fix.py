"""Stubs for missing topics: where they go, how they are written, what they count for, and that nothing else changes."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from conftest import FIXTURES, assert_golden
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlsd_lint.fix import insert_stubs
from mlsd_lint.linter import Linter
from mlsd_lint.model import Kind, Stance, Status
from mlsd_lint.ruleset import RuleSet

Run = Callable[..., Result]
GOLDEN = Path(__file__).parent / "golden" / "fix"
DOCUMENTS = sorted(path for path in FIXTURES.glob("*.md"))
DESIGNS = [path for path in DOCUMENTS if path.stem not in ("glossary-stuffed", "template-unfilled")]

INTRO = "We rank the offers of our shop with gradient-boosted trees for 40,000 visitors a day.\n"


def fixed(linter: Linter, text: str | bytes, *among: str, path: str = "design.md") -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return insert_stubs(data, linter.lint(data, path), linter.ruleset, among or None).data


def inserted(before: bytes, after: bytes) -> bool:
    """Whether the old bytes are all there, in order."""
    rest = iter(after)
    return all(byte in rest for byte in before)


# ---- what stubs count for


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_stub_is_a_placeholder_and_no_answer(linter: Linter, path: Path) -> None:
    data = path.read_bytes()
    before = linter.lint(data, path.name)
    result = insert_stubs(data, before, linter.ruleset)
    after = linter.lint(result.data, path.name)
    was = {topic.rule: topic.status for topic in before.topics}
    assert after.kind is before.kind
    assert set(result.rules) == {rule for rule, status in was.items() if status is Status.MISSING}
    for topic in after.topics:
        if topic.rule in result.rules:
            assert topic.status is Status.MENTIONED, topic.rule
            assert {evidence.stance for evidence in topic.evidence} & {Stance.PLACEHOLDER, Stance.QUESTION}
        else:
            assert topic.status is was[topic.rule], topic.rule


@pytest.mark.parametrize("form", ["heading", "item", "bold"])
def test_the_stub_of_every_rule_is_a_placeholder(linter: Linter, rules: RuleSet, form: str) -> None:
    """Whatever a document lacks: each rule's own stub, one at a time, is seen by the rule and answers nothing."""
    shape = {"heading": f"# Ranking\n\n## Aim\n\n### Detail\n\n{INTRO}", "item": f"# Ranking\n\n## Aim\n\n{INTRO}", "bold": f"**Aim**\n\n{INTRO}"}[form]
    before = {topic.rule: topic.status for topic in linter.lint(shape.encode(), "design.md").topics}
    asked = [rule for rule, status in before.items() if status is Status.MISSING]
    assert len(asked) > 50
    for rule in asked:
        text = fixed(linter, shape, rule)
        after = {topic.rule: topic for topic in linter.lint(text, "design.md").topics}
        assert after[rule].status is Status.MENTIONED, text.decode()
        assert {name for name, topic in after.items() if topic.status is Status.COVERED} == {n for n, status in before.items() if status is Status.COVERED}
        assert re.search(r"TODO: .*\?", text.decode())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_second_fix_adds_nothing(linter: Linter, path: Path) -> None:
    once = fixed(linter, path.read_bytes(), path=path.name)
    assert fixed(linter, once, path=path.name) == once


def test_an_answered_stub_counts(linter: Linter) -> None:
    text = fixed(linter, f"# Ranking\n\n## Monitoring\n\n{INTRO}", "drift").decode()
    answered = re.sub(r"TODO: .*", "We compare every input with the training data each night and page above a PSI of 0.2.", text)
    status = {topic.rule: topic.status for topic in linter.lint(answered.encode(), "design.md").topics}
    assert status["drift"] is Status.COVERED


def test_texts_that_are_no_designs_stay_as_they_are(linter: Linter) -> None:
    for name in ("glossary-stuffed.md", "template-unfilled.md"):
        data = (FIXTURES / name).read_bytes()
        assert linter.lint(data, name).kind is not Kind.DESIGN
        assert fixed(linter, data) == data


# ---- where they go and how they are written


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_fixtures(linter: Linter, path: Path) -> None:
    assert_golden(fixed(linter, path.read_bytes(), path=path.name).decode(), GOLDEN / path.name)


def lines(text: bytes) -> list[str]:
    return [line for line in text.decode().splitlines() if line]


def test_sub_sections_follow_those_of_the_section(linter: Linter) -> None:
    text = f"# Shop\n\n## 3. Monitoring\n\n### 3.1 Dashboards\n\n{INTRO}\n### 3.2 Feedback\n\n{INTRO}\n## 4. Costs\n\n{INTRO}"
    got = lines(fixed(linter, text, "drift", "retraining"))
    assert [line for line in got if line.startswith("#")] == [
        "# Shop", "## 3. Monitoring", "### 3.1 Dashboards", "### 3.2 Feedback", "### 3.3 Drift", "### 3.4 Retraining", "## 4. Costs",
    ]  # fmt: skip


def test_a_first_sub_section_is_numbered_as_elsewhere(linter: Linter) -> None:
    text = f"# Shop\n\n## 1 Data\n\n### 1.1 Labels\n\n{INTRO}\n## 2 Monitoring\n\n{INTRO}"
    assert "### 2.1 Drift" in lines(fixed(linter, text, "drift"))


def test_a_list_goes_on(linter: Linter) -> None:
    text = f"# Shop\n\n## Monitoring\n\n* **Feedback**: {INTRO}* **Alerts**: to the team's channel\n\n## Costs\n\n{INTRO}"
    got = fixed(linter, text, "drift").decode()
    assert re.search(r"channel\n\* \*\*Drift\*\*: TODO: .*\?\n\n## Costs\n", got)


def test_prose_is_followed_by_a_list(linter: Linter) -> None:
    got = fixed(linter, f"# Shop\n\n## Monitoring\n\n{INTRO}\n## Costs\n\n{INTRO}", "drift").decode()
    assert re.search(r"a day\.\n\n- \*\*Drift:\*\* TODO: .*\?\n\n## Costs\n", got)


def test_setext_headings(linter: Linter) -> None:
    text = f"Shop\n====\n\nData\n----\n\n{INTRO}\nMonitoring\n----------\n\n{INTRO}"
    got = fixed(linter, text, "encryption").decode()
    assert re.search(r"\n\nSecurity, ethics and compliance\n-{31}\n\n- \*\*Encryption", got)


def test_closed_atx_headings(linter: Linter) -> None:
    got = fixed(linter, f"# Shop #\n\n## Data ##\n\n{INTRO}", "encryption")
    assert "## Security, ethics and compliance ##" in lines(got)


def test_bold_lines_as_headings(linter: Linter) -> None:
    got = fixed(linter, f"__Data__\n\n{INTRO}\n__Monitoring__\n\n{INTRO}", "encryption")
    assert "__Security, ethics and compliance__" in lines(got)


@pytest.mark.parametrize(
    ("before", "after"), [("Data Sources and Labels", "Security, Ethics and Compliance"), ("DATA SOURCES", "SECURITY, ETHICS AND COMPLIANCE")]
)
def test_the_case_of_headings(linter: Linter, before: str, after: str) -> None:
    assert f"## {after}" in lines(fixed(linter, f"# Shop\n\n## {before}\n\n{INTRO}", "encryption"))


def test_a_new_section_stands_in_the_order_of_stages(linter: Linter) -> None:
    text = f"# Shop\n\n## Data\n\n{INTRO}\n## Monitoring\n\n{INTRO}\n## References\n\n- a paper\n"
    got = lines(fixed(linter, text, "loss-function", "encryption", "success-metric"))
    assert [line.lstrip("# ") for line in got if line.startswith("##")] == [
        "Problem understanding and scope", "Data", "Model selection and training strategy", "Monitoring", "Security, ethics and compliance", "References",
    ]  # fmt: skip


def test_a_new_numbered_section_takes_no_number_that_is_in_use(linter: Linter) -> None:
    text = f"# Shop\n\n## 1. Data\n\n{INTRO}\n## 2. Monitoring\n\n{INTRO}"
    got = lines(fixed(linter, text, "loss-function", "packaging", "encryption", "trade-offs"))
    assert [line.lstrip("# ").split(" ")[0] for line in got if line.startswith("##")] == ["1.", "1a.", "1b.", "2.", "3.", "4."]


def test_topic_sections_are_joined_by_others(linter: Linter) -> None:
    text = f"# Shop\n\n## Drift\n\n{INTRO}\n## Encryption\n\n{INTRO}"
    got = [line for line in lines(fixed(linter, text, "retraining")) if line.startswith("##")]
    assert got == ["## Drift", "## Retraining", "## Encryption"]


def test_what_belongs_to_the_next_heading_stays_with_it(linter: Linter) -> None:
    """Rulers, anchors and comments, such as one that suppresses a rule in the next block."""
    kept = '---\n\n<a name="cost"></a>\n<!-- mlsd-lint disable=cost\n     reason: none -->\n## Cost\n'
    got = fixed(linter, f"# Shop\n\n## Monitoring\n\n{INTRO}\n{kept}\n{INTRO}", "drift").decode()
    assert re.search(r"- \*\*Drift:\*\* .*\n\n" + re.escape(kept), got)


def test_code_that_looks_like_headings_is_left_alone(linter: Linter) -> None:
    code = "```yaml\n# Monitoring\n- drift\n---\n```\n"
    got = fixed(linter, f"# Shop\n\n## Monitoring\n\n{code}\n## Cost\n\n{INTRO}", "drift").decode()
    assert f"{code}\n- **Drift:** " in got


# ---- every other byte


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("tail", ["", "\n", "  \n", "\n\n\n", "   "])
def test_line_ends_marks_and_blanks_stay(linter: Linter, ending: str, mark: str, tail: str) -> None:
    text = f"---\nowner: x\n---\n# Shop  \n\n## Data\t\n\nWe sell tea.   \nWe rank\\\nit.\n\n\n## Monitoring\n\nIt is watched{tail}"
    data = (mark + text).replace("\n", ending).encode()
    got = fixed(linter, data)
    assert inserted(data, got) and got.startswith(mark.encode() + b"---")
    assert got.count(b"\r\n") == (got.count(b"\n") if ending == "\r\n" else 0)
    assert got.endswith((b"\n", b"\r\n")) == tail.endswith("\n")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16(linter: Linter, encoding: str) -> None:
    text = f"\ufeff# Läden\r\n\r\n## Monitoring\r\n\r\n{INTRO}"
    got = fixed(linter, text.encode(encoding), "drift").decode(encoding)
    assert got.startswith(text.rstrip()) and "Drift" in got and got.count("\ufeff") == 1


FRAGMENTS = st.sampled_from([
    "# Shop", "## 1. Data", "## 2) Model", "### 2.1 Labels", "Monitoring\n---", "Title\n===", "**Security**", "3.2 Serving", "> ## Drift", "- # Cost",
    "## References", "- item", "  - nested", "1. first", "* **Latency**: 50 ms", "text  ", "| a | b |\n|---|---|\n| 1 | 2 |", "```\n# code", "```", "~~~",
    "---", "***", "<!-- c -->", "<!--", "-->", "<details>", "</details>", "    indented", "[ref]: http://x", "\t", "", "ümläut 漢字 🚀", "\\", "&amp;",
    "<a id=x>", "\u2028", "\x0b", "\x0c", "## ", "#", "We retrain weekly because tastes change.",
])  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(FRAGMENTS, min_size=1, max_size=25), st.sampled_from(["\n", "\r\n", "\n\n", "\r"]), st.booleans(), st.booleans())
def test_any_text_keeps_its_bytes_and_is_mended_once(linter: Linter, parts: list[str], ending: str, closed: bool, marked: bool) -> None:
    text = ("\ufeff" if marked else "") + "We rank tea." + ending + ending.join(parts).replace("\n\n", "\n") + (ending if closed else "")
    data = text.encode()
    once = fixed(linter, data)
    assert inserted(data, once)
    assert fixed(linter, once) == once
    before, after = (linter.lint(d, "design.md") for d in (data, once))
    covered = [{t.rule for t in report.topics if t.status is Status.COVERED} for report in (before, after)]
    assert covered[1] <= covered[0]


# ---- the command


@pytest.fixture
def draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copy(FIXTURES / "draft-todos.md", tmp_path / "draft.md"))


def test_the_command_writes_and_says_what(run: Run, draft: Path) -> None:
    draft.chmod(0o640)
    result = run("fix", "draft.md")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("draft.md: inserted: constraints, features, ")
    assert "### Constraints\n\nTODO: " in draft.read_text(encoding="utf-8")
    assert os.name == "nt" or stat.S_IMODE(draft.stat().st_mode) == 0o640
    again = run("fix", "draft.md")
    assert (again.exit_code, again.stderr) == (0, "draft.md: nothing to insert: every topic that is asked has a place already\n")
    assert list(draft.parent.iterdir()) == [draft]


@pytest.mark.parametrize("ending", ["lf", "crlf", "no-final", "bom"])
def test_the_diff_changes_nothing_and_can_be_applied(run: Run, draft: Path, ending: str) -> None:
    data = draft.read_bytes()
    data = {"lf": data, "crlf": data.replace(b"\n", b"\r\n"), "no-final": data.rstrip(), "bom": b"\xef\xbb\xbf" + data}[ending]
    draft.write_bytes(data)
    result = run("fix", "--diff", "draft.md")
    assert result.exit_code == 0 and draft.read_bytes() == data
    assert result.stderr.startswith("draft.md: to insert: constraints, ")
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    subprocess.run(["git", "-c", "core.autocrlf=false", "apply", "-"], input=result.stdout_bytes, check=True, cwd=draft.parent)
    patched = draft.read_bytes()
    draft.write_bytes(data)
    run("fix", "draft.md")
    assert draft.read_bytes() == patched != data


def test_standard_input_goes_to_standard_output(run: Run, draft: Path) -> None:
    result = run("fix", "-", "--select", "drift,caching,trade-offs", input=draft.read_bytes())
    assert result.exit_code == 0
    assert result.stdout_bytes.decode().count("\nTODO: What does each main choice win") == 1
    assert result.stderr == "<stdin>: inserted: trade-offs\n"


def test_one_bad_file_does_not_stop_the_others(run: Run, draft: Path) -> None:
    (draft.parent / "bad.md").write_bytes(b"\xff\xfe\x00")
    result = run("fix", "bad.md", "missing.md", "draft.md")
    assert result.exit_code == 2
    assert "bad.md: line 1" in result.stderr and "missing.md: no such file or folder" in result.stderr
    assert "TODO: Which limits" in draft.read_text(encoding="utf-8")


def test_a_link_stays_a_link(run: Run, draft: Path) -> None:
    link = draft.parent / "link.md"
    try:
        link.symlink_to(draft.name)
    except OSError:
        pytest.skip("links cannot be made here")
    run("fix", "link.md")
    assert link.is_symlink() and "TODO: Which limits" in draft.read_text(encoding="utf-8")


@pytest.mark.parametrize("broken", ["access", "replace"])
def test_a_file_that_cannot_be_written_stays_whole(run: Run, draft: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    def refused(*_: object) -> bool:
        raise PermissionError(13, "Permission denied")

    before = draft.read_bytes()
    monkeypatch.setattr(os, broken, (lambda *_: False) if broken == "access" else refused)
    result = run("fix", "draft.md")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "draft.md: cannot be written: permission denied; it is as it was\n"
    assert draft.read_bytes() == before and list(draft.parent.iterdir()) == [draft]


def test_no_design_is_said_to_be_none(run: Run, draft: Path) -> None:
    before = shutil.copy(FIXTURES / "glossary-stuffed.md", draft.parent / "glossary.md")
    result = run("fix", "glossary.md")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing to insert: This is not the design of a machine-learning system." in result.stderr
    assert Path(before).read_bytes() == (FIXTURES / "glossary-stuffed.md").read_bytes()
