"""The shape of a rule file, checked by pydantic: what an author may write and nothing else."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

Level = Literal["error", "warning", "note"]
StanceName = Literal["asserted", "question", "negated", "deferred", "placeholder", "general"]
Text = Annotated[str, Field(min_length=1)]
Words = tuple[Text, ...]
Groups = tuple[Annotated[Words, Field(min_length=2)], ...]

# The topics of the framework by stage: their ids are fixed, and every rule judges one of them.
TOPICS: dict[int, tuple[str, ...]] = {
    1: (
        "ml-goal", "end-users", "business-objective", "success-metric", "constraints", "input-output", "latency-requirement",
        "scale-requirement", "accuracy-requirement", "scope",
    ),
    2: (
        "data-sources", "labels", "data-pipeline", "data-storage", "features", "data-cleaning", "feature-encoding",
        "feature-freshness", "data-split", "data-quality",
    ),
    3: (
        "learning-paradigm", "baseline", "model-choice", "pretrained-or-scratch", "continual-learning", "class-imbalance",
        "overfitting", "sampling", "loss-function", "offline-metrics", "distributed-training", "hyperparameter-tuning",
        "complexity-interpretability",
    ),
    4: (
        "inference-mode", "deployment-target", "packaging", "serving-framework", "load-handling", "ab-test",
        "statistical-significance", "staged-rollout", "bandits", "model-compression",
    ),
    5: (
        "system-monitoring", "model-monitoring", "drift", "fairness-monitoring", "alerting", "retraining", "human-in-the-loop",
        "user-feedback",
    ),
    6: (
        "encryption", "access-control", "api-security", "adversarial-robustness", "bias-mitigation", "explainability",
        "regulation", "privacy",
    ),
    7: ("caching", "parallelism", "cost", "efficient-model"),
    8: ("trade-offs", "alternatives", "risks"),
}  # fmt: skip

# What launch reviews ask beyond the framework, by stage; only the launch rubric asks it.
LAUNCH_TOPICS: dict[int, tuple[str, ...]] = {
    3: ("error-analysis", "reproducibility"),
    4: ("fallback",),
    5: ("ownership", "retirement"),
    6: ("limitations",),
}


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Phrases(_Strict):
    """Phrases by how much they say on their own; see CONTRIBUTING.md for the phrase language."""

    named: Words = ()
    strong: Words = ()
    weak: Words = ()


class Examples(_Strict):
    """Markdown fragments that are linted in the tests; each must get the status it is listed under."""

    covered: Annotated[Words, Field(min_length=3)]
    mentioned: Annotated[Words, Field(min_length=2)]
    absent: Annotated[Words, Field(min_length=1)]


class Applies(_Strict):
    """When a topic is asked for. ``unless``: traits that make it not applicable; ``level``: trait -> raised or lowered level."""

    unless: Words = ()
    level: dict[str, Level] = Field(default_factory=dict)


class Rule(_Strict):
    """What judges one topic.

    ``rubrics``: the rubrics that ask it; all unless set.
    ``implied_by``: topics whose answer also answers this one (where labels come from tells what the model learns from).
    """

    id: Text
    title: Text
    level: Level
    weight: Annotated[float, Field(gt=0, le=5)]
    ask: Text
    why: Text
    headings: Words = ()
    contexts: Words = ()
    phrases: Phrases = Phrases()
    together: Groups = ()
    patterns: tuple[tuple[dict[str, Any], ...], ...] = ()
    exclude: Words = Field(default=(), alias="except")
    unless: Words = ()
    accepts: tuple[StanceName, ...] = ()
    implied_by: Words = ()
    applies: Applies = Applies()
    rubrics: Words = ()
    examples: Examples
    references: Annotated[Words, Field(min_length=1)]


class RuleFile(_Strict):
    """One stage of the framework (8 is how the design is argued) with its rules."""

    stage: Annotated[int, Field(ge=1, le=8)]
    title: Text
    lexicons: dict[str, Words] = Field(default_factory=dict)
    rules: tuple[Rule, ...]


class LexiconFile(_Strict):
    """Word lists that every rule file may use as ``@name``."""

    lexicons: dict[str, Words]


class Trait(_Strict):
    """A kind of system, seen from the text: its phrases and combinations must reach ``least`` points (see rules/traits.yaml)."""

    id: Text
    title: Text
    phrases: Words = ()
    together: Groups = ()
    exclude: Words = Field(default=(), alias="except")
    least: Annotated[int, Field(ge=1)] = 1
    without: Words = ()


class TraitFile(_Strict):
    """The traits, in the order in which they are decided (``without`` may only name earlier ones)."""

    traits: tuple[Trait, ...]


QuantityKind = Literal["time", "cadence", "percent", "data-count"]
Scope = Literal["statement", "block", "section", "document"]


class Bound(_Strict):
    """A number of a kind that a statement must hold: time and cadence in seconds, percent in parts of a hundred, data-count as it is."""

    kind: QuantityKind
    above: float | None = None
    below: float | None = None


class Measure(_Strict):
    """A quantity of a kind and the words that must stand in its statement; ``says`` as in a condition."""

    kind: QuantityKind
    says: Annotated[Words, Field(min_length=1)]


class Exceeds(_Strict):
    """A quantity that is longer than another one, in statements of their own or the same one."""

    more: Measure
    less: Measure


class Conflict(_Strict):
    """Two statements that give different values of one kind to the same thing; ``of`` is a group of its names.

    With ``limit``, a group of words that set a limit, only statements with one of them count, and they may hold further
    values: they differ where they share none. ``alike``: all names in ``of`` name the same thing. ``aside``: a value right
    after one of these words is no limit of it ("first words within 2 s").
    """

    kind: QuantityKind
    of: Text
    limit: str = ""
    aside: str = ""
    alike: bool = False


class Condition(_Strict):
    """One condition of a smell; exactly one of the first nine keys.

    ``says``: groups of phrases that must all occur in one statement, each at a place of its own. ``topic``: a topic has one
    of ``status``, or says one of the words ``with`` in a statement that speaks to it. ``trait``: the system has the trait.
    ``fact``: what no word shows. ``conflict`` and ``exceeds``: see there. ``all``, ``any``, ``none``: of further conditions.

    The others narrow ``says``: ``stance`` of the statement; ``bound`` on a number in it; ``besides``: a group that
    must not occur in it; ``under`` and ``not_under``: groups of which one must, or must not, occur in what frames it
    (headings, lead-in, column, parent item); ``about``: a group of which one must occur in it or in what frames it;
    ``reach``: most tokens between two words; ``ordered``: whether the groups must occur in the order in which they
    are written; ``least``: how many statements; ``distinct``: how many different words of the first group in them;
    ``denied``: whether words after a negation and in sections of rejected alternatives count; ``reasoned``: whether a
    reason is given; ``most_words``: of the statement.
    """

    says: Words = ()
    topic: str = ""
    trait: str = ""
    fact: Literal["", "placeholder", "empty-section"] = ""
    conflict: Conflict | None = None
    exceeds: Exceeds | None = None
    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()
    status: tuple[Literal["covered", "mentioned", "missing", "not-applicable"], ...] = ("covered",)
    holding: Annotated[str, Field(alias="with")] = ""
    stance: tuple[StanceName, ...] = ("asserted",)
    bound: Bound | None = None
    besides: str = ""
    under: str = ""
    not_under: str = ""
    about: str = ""
    reach: Annotated[int, Field(ge=1)] = 18
    ordered: bool = False
    least: Annotated[int, Field(ge=1)] = 1
    distinct: Annotated[int, Field(ge=1)] = 1
    denied: bool = False
    reasoned: bool | None = None
    most_words: int | None = None

    @model_validator(mode="after")
    def _is_one_condition(self) -> Condition:
        given = [key for key in CONDITION_KEYS if getattr(self, key)]
        if len(given) != 1:
            raise ValueError(f"a condition needs exactly one of {', '.join(CONDITION_KEYS)}, not {' and '.join(given) or 'none'}")
        return self


CONDITION_KEYS = ("says", "topic", "trait", "fact", "conflict", "exceeds", "all", "any", "none")


class SmellExamples(_Strict):
    """Markdown fragments that are linted in the tests: the smell is found in the bad ones and not in the good ones."""

    bad: Annotated[Words, Field(min_length=2)]
    good: Annotated[Words, Field(min_length=2)]


class Smell(_Strict):
    """A weakness seen by holding two places together.

    It is found where ``when`` holds, and ``also`` does where given, and ``without`` does not hold in its ``scope`` around the
    place of ``when``, and ``unless`` holds nowhere. ``told``: what is wrong, in one sentence; ``sought``: what ``without``
    looks for, for "looked for in vain"; ``mend``: what would put it right.
    """

    id: Text
    title: Text
    level: Level
    told: Text
    sought: str = ""
    why: Text
    mend: Text
    when: Condition
    also: Condition | None = None
    without: Condition | None = None
    scope: Scope = "document"
    unless: Condition | None = None
    applies: Applies = Applies()
    examples: SmellExamples
    references: Annotated[Words, Field(min_length=1)]

    @model_validator(mode="after")
    def _has_two_conditions(self) -> Smell:
        if self.without is not None and not self.sought:
            raise ValueError("a smell with 'without' says under 'sought' what was looked for")
        return self


class SmellFile(_Strict):
    """Smells, with word lists that every rule file may use."""

    lexicons: dict[str, Words] = Field(default_factory=dict)
    smells: tuple[Smell, ...]


class RequirementExamples(_Strict):
    """Markdown fragments that are linted in the tests: those that say what is asked, and those that do not."""

    met: Annotated[Words, Field(min_length=2)]
    missing: Annotated[Words, Field(min_length=2)]


class Requirement(_Strict):
    """What a design of one kind of system must say beyond the topics: ``met`` by a condition, not asked where ``unless`` holds."""

    id: Text
    title: Text
    level: Level
    ask: Text
    why: Text
    met: Condition
    unless: Condition | None = None
    examples: RequirementExamples
    references: Annotated[Words, Field(min_length=1)]


class Profile(_Strict):
    """A kind of system, chosen where its text shows one of ``traits`` and none of ``without``, or by name."""

    profile: Text
    title: Text
    traits: Annotated[Words, Field(min_length=1)]
    without: Words = ()
    lexicons: dict[str, Words] = Field(default_factory=dict)
    requirements: tuple[Requirement, ...]

    def full_id(self, requirement: Requirement) -> str:
        """The name under which a requirement is reported."""
        return f"{self.profile}/{requirement.id}"


class EvidenceWeights(_Strict):
    """How much each sign of evidence counts; a topic is covered at ``covered`` and mentioned at ``mentioned``."""

    named: float
    strong: float
    weak: float
    together: float
    section: float
    key: float
    under_heading: float
    under_context: float
    second_phrase: float
    quantity: float
    product: float
    plan: float
    words: float
    bare: float
    hedge: float
    diagram: float
    covered: float
    mentioned: float


class EnumerationLimits(_Strict):
    """What counts as a bare enumeration, and when enumerations cover nothing.

    A statement of at least ``segments`` segments between commas, half of them of at most ``words`` words, with at most
    ``ties`` words per segment that tie terms to a decision, that would cover at least ``topics`` topics. A text rests on them
    where ``least`` topics and a ``share`` (0-1) of all covered ones have nothing else.
    """

    segments: int
    words: int
    ties: float
    topics: int
    least: int
    share: float


class KindLimits(_Strict):
    """Where a design ends and another sort of document begins.

    Shares are 0-1; ``trade_words`` counts words of the trade per 1000 words, which matter no more from ``design_topics`` covered
    topics on; below ``least_words`` a text is too short to tell.
    """

    unanswered: float
    unanswered_form: float
    template_topics: int
    least_words: int
    trade_words: float
    design_topics: int
    reference_headings: int
    foreign_letters: float
    foreign_words: float


class Grading(_Strict):
    """Constants of evidence, document kinds, depth, scores and letters. ``rubrics``: stage weights by name, the default first."""

    evidence: EvidenceWeights
    enumerations: EnumerationLimits
    kinds: KindLimits
    depth_credit: Annotated[tuple[float, ...], Field(min_length=6, max_length=6)]
    mentioned_credit: Annotated[float, Field(ge=0, le=1)]
    rubrics: Annotated[dict[str, dict[int, float]], Field(min_length=1)]
    smell_points: dict[str, float]
    letters: dict[str, float]


class GradingFile(_Strict):
    """rules/grading.yaml."""

    grading: Grading


class StandardItem(_Strict):
    """One item of a published standard and what in a design shows it.

    ``topics``: all of them covered is what meets it. ``check``: what no topic shows, so that it is partly met at best and a reader
    has to look. ``smells``: a finding of one of them leaves a gap all the same. ``only``: the item is asked where the system has
    one of these traits. ``beyond``: why no design document can show it.
    """

    id: Text
    name: Text
    asks: Text
    topics: Words = ()
    check: str = ""
    smells: Words = ()
    only: Words = ()
    beyond: str = ""

    @model_validator(mode="after")
    def _is_judged_or_not(self) -> StandardItem:
        if bool(self.topics) == bool(self.beyond):
            raise ValueError("an item needs either topics that show it, or under 'beyond' why no design document can show it")
        if (self.smells or self.check) and self.beyond:
            raise ValueError("an item that no design document can show has neither smells nor a check")
        return self


class Standard(_Strict):
    """A published list of items. ``note``: which words are whose, and what could not be checked against the source."""

    standard: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Text
    source: Text
    year: Annotated[int, Field(ge=1900, le=2999)]
    note: Text
    items: Annotated[tuple[StandardItem, ...], Field(min_length=1)]


class Coaching(_Strict):
    """How the next questions are chosen; a topic's value is the weight of its rule times that of its stage times one of the factors.

    ``after``: topic -> topics that are asked before it. ``missing``, ``mentioned``, ``thin`` and ``brief``: factor of a topic that
    is missing, mentioned in so many words, or covered with depth 1 or 2. ``again``: factor for each question of the same stage
    that is chosen already. ``smells``: value of a weak spot by its level. ``silent``: smells that make no question.
    """

    after: dict[str, Words] = Field(default_factory=dict)
    missing: Annotated[float, Field(gt=0)]
    mentioned: Annotated[float, Field(gt=0)]
    thin: Annotated[float, Field(gt=0)]
    brief: Annotated[float, Field(gt=0)]
    again: Annotated[float, Field(gt=0, le=1)]
    smells: dict[str, float]
    silent: Words = ()


class CoachingFile(_Strict):
    """rules/coach.yaml."""

    coaching: Coaching


class Scenario(_Strict):
    """A mock question for practice: what is to be built for whom, its figures, and what an interviewer adds at the end."""

    title: Text
    situation: Text
    numbers: Annotated[Words, Field(min_length=1)]
    twist: Text


class ScenarioFile(RootModel[Annotated[tuple[Scenario, ...], Field(min_length=1)]]):
    """rules/scenarios/PROFILE.yaml."""
