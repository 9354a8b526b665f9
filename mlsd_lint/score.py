"""Results to a Scorecard: arithmetic only."""

from __future__ import annotations

from mlsd_lint.model import Finding, Scorecard, StageScore, Status, TopicResult
from mlsd_lint.rule import Grading
from mlsd_lint.ruleset import RuleSet


def score(ruleset: RuleSet, topics: tuple[TopicResult, ...], smells: tuple[Finding, ...]) -> Scorecard:
    """Weighted share of the applicable topics, covered ones counting by depth and mentioned ones a fraction, less points for smells.

    Returns:
        A scorecard with scores 0-100; stages with no applicable topic have none and leave the total.
    """
    grading = ruleset.grading
    stages = []
    lines = []
    for number, title in ruleset.stage_titles.items():
        rows = [t for t in topics if t.stage == number and t.status is not Status.NOT_APPLICABLE]
        weights = {t.rule: ruleset.rules[t.rule].weight for t in rows}
        total = sum(weights.values())
        covered = sum(t.status is Status.COVERED for t in rows)
        stage_weight = ruleset.stage_weights.get(number, 1.0)
        if not total:
            stages.append(StageScore(number, title, None, None, 0, 0, stage_weight))
            continue
        earned = sum(weights[t.rule] * credit(grading, t) for t in rows)
        value = round(100 * earned / total, 1)
        stages.append(StageScore(number, title, value, letter(grading, value), covered, len(rows), stage_weight))
        lines.append(f"stage {number}: {earned:.2f} of {total:.0f} weighted points = {value:.1f}, counts {stage_weight:g}")
    counted = [s for s in stages if s.score is not None]
    if not counted:
        return Scorecard(0.0, None, tuple(stages), ("no topic was judged",))
    weight = sum(s.weight for s in counted)
    mean = sum(s.weight * (s.score or 0.0) for s in counted) / weight
    lines.append(f"weighted mean of the stages = {mean:.1f}")
    taken = sum((grading.smell_points[smell.level] for smell in smells), 0.0)
    if taken:
        lines.append(f"{len(smells)} weak spots take {taken:g} points: {', '.join(smell.rule for smell in smells)}")
    final = round(max(0.0, mean - taken), 1)
    lines.append(f"score {final:.1f}, grade {letter(grading, final)}")
    return Scorecard(final, letter(grading, final), tuple(stages), tuple(lines))


def credit(grading: Grading, topic: TopicResult) -> float:
    """Share of a topic's weight that it earns, 0-1."""
    if topic.status is Status.COVERED:
        return grading.depth_credit[topic.depth]
    return grading.mentioned_credit if topic.status is Status.MENTIONED else 0.0


def letter(grading: Grading, value: float) -> str:
    """The best letter whose lower bound the score reaches."""
    bounds = sorted(grading.letters.items(), key=lambda pair: -pair[1])
    return next(name for name, bound in bounds if value >= bound)
