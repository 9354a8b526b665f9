"""What a kind of system must say beyond the topics, and whether a design says it."""

from __future__ import annotations

from mlsd_lint.fingerprint import fingerprint
from mlsd_lint.model import Document, Finding, RequirementResult, TraitFound
from mlsd_lint.rule import Profile
from mlsd_lint.ruleset import RuleSet
from mlsd_lint.smells import Reading, SmellFinder


def chosen(ruleset: RuleSet, traits: tuple[TraitFound, ...], named: tuple[str, ...] | None) -> list[Profile]:
    """The profiles that are named, or those that the traits show where none is; ``none`` is no profile."""
    if named is not None:
        return [profile for profile in ruleset.profiles if profile.profile in named]
    present = {trait.id for trait in traits}
    return [p for p in ruleset.profiles if not present.isdisjoint(p.traits) and present.isdisjoint(p.without)]


def judge(profiles: list[Profile], finder: SmellFinder, reading: Reading) -> tuple[RequirementResult, ...]:
    """Whether the text says what the profiles ask, in their order; what does not concern it is left out."""
    results = []
    for profile in profiles:
        for asked in profile.requirements:
            if asked.unless is not None and finder.holds(asked.unless, reading) is not None:
                continue
            spots = finder.holds(asked.met, reading)
            place = finder.place(reading, spots[0]) if spots else None
            name = profile.full_id(asked)
            results.append(RequirementResult(name, profile.profile, asked.title, asked.level, asked.ask, place, spots is not None))
    return tuple(results)


def findings(ruleset: RuleSet, results: tuple[RequirementResult, ...], document: Document) -> tuple[Finding, ...]:
    """A finding for everything that a profile asks and the text does not say."""
    found = []
    for result in results:
        if not result.met:
            profile, asked = ruleset.requirements[result.rule]
            message = f"{profile.title}: {asked.title[0].lower()}{asked.title[1:]} is not said. {asked.ask}"
            key = fingerprint(document, result.rule)
            found.append(Finding(result.rule, asked.title, asked.level, message, document.region(0, 0), asked.why, fingerprint=key))
    return tuple(found)
