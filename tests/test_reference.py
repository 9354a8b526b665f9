"""The rule reference is what the rules say; UPDATE_GOLDEN=1 writes it anew."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result
from conftest import FIXTURES, assert_golden

from mlsd_lint.markdown import parse
from mlsd_lint.model import BlockKind
from mlsd_lint.rule import LAUNCH_TOPICS, TOPICS
from mlsd_lint.ruleset import RuleSet

REFERENCE = FIXTURES.parent / "rules" / "REFERENCE.md"


def test_the_reference_has_not_drifted_from_the_rules(run: Callable[..., Result]) -> None:
    assert_golden(run("rules", "--format", "markdown").stdout, REFERENCE)


def test_every_rule_has_its_section_with_all_that_is_asked(run: Callable[..., Result], rules: RuleSet) -> None:
    document = parse(run("rules", "--format", "markdown").stdout.encode(), "reference.md")
    headings = [block.text for block in document.blocks if block.kind is BlockKind.HEADING]
    assert [text for text in headings if text in rules.named] == list(rules.named)
    assert set(rules.rules) == {topic for topics in (*TOPICS.values(), *LAUNCH_TOPICS.values()) for topic in topics}
    shown = [" ".join(block.text.split()) for block in document.blocks]
    told = set(shown)
    for rule in rules.rules.values():
        assert f"{rule.title}. {rule.ask}" in told
        assert " ".join(rule.why.split()) in told
        assert set(rule.references) <= told
        for text in (*rule.examples.covered, *rule.examples.mentioned, *rule.examples.absent):
            assert all(" ".join(line.split()) in told for line in text.splitlines() if line.strip()), (rule.id, text)
    for smell in rules.smells:
        assert {f"{smell.title}. {smell.told}", " ".join(smell.why.split()), f"Mend: {smell.mend}", *smell.references} <= told, smell.id
        assert not smell.sought or f"Looks for: {smell.sought}" in told
        for text in (*smell.examples.bad, *smell.examples.good):
            assert all(" ".join(line.split()) in told for line in text.splitlines() if line.strip()), (smell.id, text)


def test_traits_that_change_a_rule_are_named(run: Callable[..., Result], rules: RuleSet) -> None:
    text = run("rules", "--format", "markdown").stdout
    titles = {trait.id: trait.title.lower() for trait in rules.traits}
    raised = [(level, titles[trait]) for rule in rules.rules.values() for trait, level in rule.applies.level.items()]
    spared = [titles[trait] for rule in rules.rules.values() for trait in rule.applies.unless]
    assert raised and spared
    assert all(f"{level} for {title}" in text for level, title in raised)
    assert all(f"not asked for {title}" in text for title in spared)


def test_links_within_the_reference_lead_somewhere(run: Callable[..., Result], rules: RuleSet) -> None:
    text = run("rules", "--format", "markdown").stdout
    assert text.count("](#") >= len(rules.named)
    assert all(target.split(")")[0] in rules.named for target in text.split("](#")[1:])
