"""The command line: options, echo and exit status."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click
from click.shell_completion import CompletionItem

from mlsd_lint import __version__
from mlsd_lint.completion import DocumentName, ProfileName, RuleName, StandardName
from mlsd_lint.errors import ConfigError, DocumentError, MlsdLintError, nearest
from mlsd_lint.reporters import REPORTERS, Options

if TYPE_CHECKING:
    from mlsd_lint.init import Choices
    from mlsd_lint.linter import Linter
    from mlsd_lint.model import DocumentReport
    from mlsd_lint.reporters.layout import Pen
    from mlsd_lint.review import Outcome, Planned, Reviewer
    from mlsd_lint.rule import Rule, Smell, Standard
    from mlsd_lint.ruleset import RuleSet

_FINDINGS, _COULD_NOT_RUN = 1, 2
_LEVELS = ("note", "warning", "error", "never")
_COMPARED = ("text", "json", "markdown")
_FILE = click.Path(path_type=Path, dir_okay=False)
_MANY_FILES = 5
_SEEDS = 10_000

F = TypeVar("F", bound=Callable[..., Any])


class _DefaultToLint(click.Group):
    """A path or option that is no subcommand is linted, so that ``mlsd-lint design.md`` just works."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h", "--version"):
            args = ["lint", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer what ``lint`` takes, too: its options, and files."""
        files = [] if incomplete.startswith("-") else [CompletionItem(incomplete, type="file")]
        taken = lint.shell_complete(click.Context(lint, parent=ctx), incomplete) if incomplete.startswith("-") else []
        return [*files, *taken, *super().shell_complete(ctx, incomplete)]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS] PATHS...", "| COMMAND ..."]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the options of ``lint``, which nobody has to name."""
        options = (param for param in (*lint.params, *self.get_params(ctx)) if isinstance(param, click.Option))
        with formatter.section("Options"):
            formatter.write_dl([record for option in options if (record := option.get_help_record(ctx))])
        self.format_commands(ctx, formatter)

    def invoke(self, ctx: click.Context) -> Any:
        """Every error that a user can mend becomes one line on stderr and exit status 2."""
        try:
            return super().invoke(ctx)
        except MlsdLintError as error:
            click.echo(str(error), err=True)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            click.echo(f"{error.filename or 'mlsd-lint'}: {(error.strerror or str(error)).lower()}", err=True)
        return ctx.exit(_COULD_NOT_RUN)


_COLOR = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True,
    help="Colours; auto is for a terminal and heeds NO_COLOR.",
)  # fmt: skip


@click.group(cls=_DefaultToLint, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="mlsd-lint")
def cli() -> None:
    """Review machine-learning design documents written in Markdown.

    \b
    mlsd-lint design.md              a graded report
    mlsd-lint docs/ --format json    all Markdown below docs/, for a program
    mlsd-lint - < design.md          standard input
    mlsd-lint why drift design.md    what a rule saw and how it judged
    mlsd-lint explain drift          what a rule asks, and why
    mlsd-lint docs/ --baseline known.json     only what is new
    mlsd-lint design.md --compare HEAD~1      what a change did
    mlsd-lint design.md --standard deon       the table of a standard
    mlsd-lint config design.md       the settings, and where they come from

    PATHS are files, folders (searched for *.md, *.markdown and *.mdx that no
    .gitignore excludes) or - for standard input; ./rules is a path even though
    rules is a command.

    Settings come from the nearest mlsd-lint.toml or pyproject.toml with a table
    [tool.mlsd-lint], searched for from each document upwards; options win.

    A document suppresses findings with a comment, for the document, the section
    or the next block:

    \b
    <!-- mlsd-lint disable=drift,cost reason: a one-off report -->
    <!-- mlsd-lint disable-section=drift reason: ... -->
    <!-- mlsd-lint disable-next=drift reason: ... -->

    Exit status: 0 nothing at or above --fail-on and no score below --min-score;
    1 otherwise; 2 it could not run (bad option, configuration, rule file or
    document; the other documents are still reported).
    """


_SETTINGS = (
    click.option("--fail-on", type=click.Choice(_LEVELS[::-1]), show_default="error", help="Least level of a finding that makes the exit status 1."),
    click.option("--min-score", type=click.FloatRange(0, 100), metavar="N", help="Exit status 1 where a document scores less than N (0-100)."),
    click.option("--select", multiple=True, metavar="RULE|STAGE", help="Judge and score only these: rule names or stage:N, with commas or repeated."),
    click.option("--ignore", multiple=True, metavar="RULE|STAGE", help="Judge and score all but these."),
    click.option("--rubric", type=click.Choice(["interview", "launch"]), show_default="interview", help="Stage weights; launch asks more of operation."),
    click.option("--profile", multiple=True, metavar="NAME", help="Ask what this kind of system must say: a profile, or none.  [default: by trait]"),
    click.option("--baseline", type=_FILE, metavar="FILE", help="Report only findings that are not in FILE, which --write-baseline wrote."),
)
_CONFIG = (
    click.option("--config", type=_FILE, metavar="FILE", help="Take FILE for all documents, not the configuration nearest to each."),
    click.option("--no-config", is_flag=True, help="Pass over all configuration files."),
)


def _with(options: Iterable[Callable[[F], F]]) -> Callable[[F], F]:
    """Options that several commands share, shown in their order."""

    def add(command: F) -> F:
        for option in reversed(list(options)):
            command = option(command)
        return command

    return add


@cli.command(short_help="Lint files, folders or - (the default).")
@click.argument("paths", nargs=-1)
@click.option("--format", "format_", type=click.Choice(list(REPORTERS)), default="text", show_default=True, help="How to print the report.")
@click.option("--output", type=_FILE, metavar="FILE", help="Write the report to FILE instead of stdout.")
@_with(_SETTINGS)
@click.option("--write-baseline", type=_FILE, metavar="FILE", help="Write all present findings to FILE, for --baseline; nothing else is printed.")
@click.option("--show-suppressed", is_flag=True, help="List the findings that comments, front matter or a baseline suppress.")
@click.option("--compare", metavar="REV|FILE", help="Report what changed since a git revision, or in comparison with a file.")
@click.option("--standard", type=StandardName(), metavar="STANDARD", help="Print the table of a standard instead of the report; see mlsd-lint standards.")
@click.option("--changed-since", metavar="REV", help="Lint only documents changed since the present commit left REV.")
@_with(_CONFIG)
@click.option("--explain-score", is_flag=True, help="Show the arithmetic of the score.")
@_COLOR
@click.pass_context
def lint(
    ctx: click.Context, /, paths: tuple[str, ...], format_: str, output: Path | None, write_baseline: Path | None, show_suppressed: bool,
    compare: str | None, standard: str | None, changed_since: str | None, explain_score: bool, color: str, **settings: Any,
) -> None:  # fmt: skip
    """Lint files, folders or - (standard input). The default command.

    Settings come from the nearest mlsd-lint.toml or pyproject.toml with a table
    [tool.mlsd-lint], searched for from each document upwards; options win over
    it. mlsd-lint config FILE shows the outcome.

    With --compare, REV... is the commit where the present one left REV. With
    --changed-since, PATHS may be left out and is then the current folder. The
    exit status is that of the present documents.
    """
    from mlsd_lint import files, review

    if not paths and changed_since is None:
        raise click.UsageError("Missing argument 'PATHS...'.", ctx)
    _check_combination(format_, output, write_baseline, compare, settings["baseline"])
    pack = None if standard is None else _standard(standard, format_, write_baseline or compare)
    reviewer = _reviewer(**settings)
    paths = paths or (".",)
    sources, failures = files.find(paths)
    if changed_since is not None:
        sources = review.changed_since(sources, changed_since)
    outcome = reviewer.run(sources, failures, _progress, use_baseline=write_baseline is None)
    if changed_since is not None and not sources:
        outcome.notes.append(f"nothing to lint: no document changed since {changed_since}")
    if write_baseline is not None:
        _write_baseline(outcome, write_baseline)
    options = Options(
        outcome.rules, outcome.digest, _use_color(color, None if output else sys.stdout), explain_score, show_suppressed,
        outcome.smells, Path.cwd().as_posix(), _checkout(),
    )  # fmt: skip
    if compare is not None:
        _write(_compared(reviewer, outcome, compare, paths, format_, options), output)
    elif pack is not None:
        _write(_by_standard(pack, outcome, format_, options), output)
    elif write_baseline is None:
        _write(REPORTERS[format_](outcome.report, options), output)
    _tell(outcome)
    sys.exit(_COULD_NOT_RUN if outcome.report.errors else _FINDINGS if outcome.failed and write_baseline is None else 0)


def _check_combination(format_: str, output: Path | None, write_baseline: Path | None, compare: str | None, baseline: Path | None) -> None:
    """Refuse what cannot work before the work, not after it."""
    if compare is not None and format_ not in _COMPARED:
        raise ConfigError(f"--format {format_}: --compare does not print it; choose one of {', '.join(_COMPARED)}")
    if write_baseline is not None and (compare or output or baseline):
        raise ConfigError("--write-baseline: goes with none of --baseline, --compare and --output; leave one out")
    for option, file in (("--output", output), ("--write-baseline", write_baseline)):
        if file is not None and not file.parent.is_dir():
            raise ConfigError(f"{option}: {file.as_posix()}: there is no folder '{file.parent.as_posix()}'; create it first")


def _reviewer(*, config: Path | None, no_config: bool, **settings: Any) -> Reviewer:
    from mlsd_lint.config import Finder
    from mlsd_lint.review import Reviewer
    from mlsd_lint.settings import CommandLine

    if config is not None and no_config:
        raise ConfigError("--config, --no-config: choose one of them")
    return Reviewer(Finder(config, off=no_config), CommandLine(**settings), _linter)


def _write_baseline(outcome: Outcome, file: Path) -> None:
    from mlsd_lint import baseline

    reports = [(outcome.planned[report.path].source.file, report) for report in outcome.report.documents]
    count = baseline.write(file, file.as_posix(), reports)
    outcome.notes.append(f"{file.as_posix()}: {count} findings of {len(reports)} document{'' if len(reports) == 1 else 's'} written")


def _compared(reviewer: Reviewer, outcome: Outcome, against: str, paths: tuple[str, ...], format_: str, options: Options) -> str:
    from mlsd_lint.change_report import RENDERERS
    from mlsd_lint.reporters.layout import Pen

    if outcome.report.errors and not outcome.judged:
        return ""
    return RENDERERS[format_](reviewer.compare(outcome, against, paths), against, options.digest, Pen(options.color))


def _standard(name: str, format_: str, other: object) -> Standard:
    """The standard to print, before the work; ``other`` is what an option prints or writes in place of it."""
    from mlsd_lint import ruleset

    if other is not None:
        raise ConfigError("--standard: goes with neither --compare nor --write-baseline; leave one out")
    if format_ not in _COMPARED:
        raise ConfigError(f"--format {format_}: --standard does not print it; choose one of {', '.join(_COMPARED)}")
    return ruleset.standard(name)


def _by_standard(standard: Standard, outcome: Outcome, format_: str, options: Options) -> str:
    """The table of each document; a baseline hides what is known, not what is so, and takes nothing from it."""
    from mlsd_lint import standards
    from mlsd_lint.reporters.layout import Pen
    from mlsd_lint.standards_page import RENDERERS

    results = [standards.judge(standard, report) for report in outcome.judged.values()]
    return RENDERERS[format_](standard, results, outcome.report.errors, options.digest, Pen(options.color))


def _tell(outcome: Outcome) -> None:
    """What could not be done, and what a user should know, on stderr."""
    from mlsd_lint.reporters.layout import clean

    for failure in outcome.report.errors:
        place = failure.path if failure.line is None else f"{failure.path}:{failure.line}"
        click.echo(clean(f"{place}: {failure.message}"), err=True)
    for note in outcome.notes:
        click.echo(clean(note), err=True)


def _linter(rules: RuleSet) -> Linter:
    from mlsd_lint.linter import Linter  # imports spaCy, which help and errors do without

    return Linter(rules)


@contextlib.contextmanager
def _progress(plans: list[Planned]) -> Iterator[Iterable[Planned]]:
    if len(plans) <= _MANY_FILES or not sys.stderr.isatty():
        yield plans
        return
    with click.progressbar(plans, label="Reading designs", file=sys.stderr) as bar:
        yield bar


def _checkout() -> str:
    """The folder that the forge running this counts paths from, else the current one."""
    named = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR")
    return (Path(named) if named else Path.cwd()).as_posix()


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False, color=True)
        return
    if not text:
        return
    try:
        output.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise ConfigError(f"--output: {output.as_posix()}: cannot be written: {(error.strerror or str(error)).lower()}; name another file") from error


def _use_color(choice: str, stream: TextIO | None) -> bool:
    if choice != "auto":
        return choice == "always"
    return stream is not None and stream.isatty() and not os.environ.get("NO_COLOR")


def _named(rules: RuleSet, name: str) -> Rule | Smell:
    if name not in rules.named:
        raise ConfigError(f"unknown rule '{name}'; {nearest(name, rules.named) or 'mlsd-lint rules lists what there is'}")
    return rules.named[name]


@cli.command()
@click.argument("rule")
@_COLOR
def explain(rule: str, color: str) -> None:
    """Show what RULE asks, or what weak spot it finds, and why, with examples."""
    from mlsd_lint import explain as pages
    from mlsd_lint import ruleset
    from mlsd_lint.reporters.layout import Pen

    rules = ruleset.load()
    _write(pages.page(rules, _named(rules, rule), Pen(_use_color(color, sys.stdout))), None)


@cli.command("rules")
@click.option("--format", "format_", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True, help="How to print them.")
@_COLOR
def list_rules(format_: str, color: str) -> None:
    """List all rules by stage, then the weak spots that are looked for; as markdown, all that explain shows of each."""
    from mlsd_lint import explain as pages
    from mlsd_lint import ruleset
    from mlsd_lint.reporters.layout import Pen

    rules = ruleset.load()
    if format_ == "text":
        _write(pages.rule_table(rules, Pen(_use_color(color, sys.stdout))), None)
    else:
        _write(pages.rules_json(rules) if format_ == "json" else pages.rules_markdown(rules), None)


@cli.command("standards")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print them.")
@_COLOR
def list_standards(format_: str, color: str) -> None:
    """List the standards that --standard takes; as JSON, with their items."""
    from mlsd_lint import ruleset
    from mlsd_lint import standards_page as pages
    from mlsd_lint.reporters.layout import Pen

    found = [ruleset.standard(name) for name in ruleset.standard_names()]
    _write(pages.list_json(found) if format_ == "json" else pages.list_text(found, Pen(_use_color(color, sys.stdout))), None)


@cli.command()
@click.argument("rule")
@click.argument("file")
@_with(_CONFIG)
@_COLOR
def why(rule: str, file: str, color: str, **settings: Any) -> None:
    """Show how RULE judged FILE: match by match, or for a weak spot condition by condition."""
    from mlsd_lint import files
    from mlsd_lint.reporters.layout import Pen

    reviewer = _reviewer(**settings)
    sources, failures = files.find([file])
    known = _named(reviewer.rules(reviewer.settings(sources[0].file if sources else None)), rule)
    if failures:
        raise DocumentError(failures[0].path, failures[0].message)
    pen = Pen(_use_color(color, sys.stdout))
    parts = []
    for source in sources:
        planned = reviewer.plan(source)
        parts.append(_why(reviewer.linter(planned.rules), planned, planned.rules.named.get(rule, known), pen))
    _write("\n".join(parts), None)


def _why(linter: Linter, planned: Planned, asked: Rule | Smell, pen: Pen) -> str:
    """How a rule judged a document, by its settings; a topic of another rubric is judged by that one."""
    from mlsd_lint import explain as pages
    from mlsd_lint.linter import ENOUGH
    from mlsd_lint.rule import Smell

    source = planned.source
    if isinstance(asked, Smell):
        report, judged = linter.examine(source.read(), source.path, ENOUGH, planned.judging)  # as many pieces of evidence as the report rests on
        return pages.smell_why_page(report, linter.smells.trace(asked, judged), pen)
    judging = planned.judging if asked.id in planned.asked.rules else replace(planned.judging, rubric=asked.rubrics[0])
    report, judged = linter.examine(source.read(), source.path, judging=judging)
    return pages.why_page(linter.ruleset, asked, report, judged.evidence.get(asked.id, []), pen)


@cli.command("config")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print the settings.")
@_with(_SETTINGS)
@_with(_CONFIG)
@_COLOR
def show_config(paths: tuple[str, ...], format_: str, color: str, **settings: Any) -> None:
    """Show the settings for FILE and where each comes from.

    \b
    mlsd-lint config docs/design.md
    mlsd-lint config docs/design.md --ignore drift

    Settings come, later ones winning, from the defaults, the presets and files
    that the configuration extends, the configuration itself, its overrides that
    match FILE, and the command line. FILE need not exist.
    """
    from mlsd_lint import settings_page as pages
    from mlsd_lint.files import STDIN, Source
    from mlsd_lint.reporters.layout import Pen

    reviewer = _reviewer(**settings)
    plans = [reviewer.plan(Source("<stdin>", None) if path == STDIN else Source(path.replace(os.sep, "/"), Path(path))) for path in paths]
    if format_ == "json":
        _write(pages.settings_json([(plan.source.path, plan.settings, plan.selection) for plan in plans]), None)
        return
    pen = Pen(_use_color(color, sys.stdout))
    _write("\n".join(pages.settings_text(plan.source.path, plan.settings, plan.rules, plan.selection, pen) for plan in plans), None)


@cli.command()
@click.argument("name", type=click.Choice(["config", "rules", "report", "compare", "standard", "coach"]))
def schema(name: str) -> None:
    """Print a JSON Schema, for an editor or a program.

    \b
    config     mlsd-lint.toml or [tool.mlsd-lint]
    rules      a rule file
    report     what --format json prints
    compare    what --compare --format json prints
    standard   what --standard --format json prints
    coach      what coach --format json prints
    """
    from mlsd_lint import schemas

    _write(schemas.shipped(name), None)


@cli.command("test-rules")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
def test_rules(folder: Path | None) -> None:
    """Run the examples of the rules and smells (or of those in DIR)."""
    from mlsd_lint import ruleset

    rules = ruleset.load(folder)
    results = [*_rule_results(rules), *_smell_results(rules, folder)]
    failures = [result for result in results if result[1] != result[2]]
    for name, expected, got, text in failures:
        click.echo(f"{rules.origin[name]}: {name}: expected {expected}, got {got}: {' '.join(text.split())[:200]}")
    smells = f" and {len(rules.smells)} smells" if rules.smells else ""
    click.echo(f"{len(results)} examples of {len(rules.rules)} rules{smells}, {len(failures)} failed")
    sys.exit(_FINDINGS if failures else 0)


def _rule_results(rules: RuleSet) -> Iterator[tuple[str, str, str, str]]:
    """Rule, expected and actual status, and text of every example."""
    if not rules.rules:
        return
    linter = _linter(rules)
    for rule in rules.rules.values():
        yield from ((rule.id, expected, _status_in(text, rule, linter), text) for expected, text in _examples(rule))


def _smell_results(rules: RuleSet, folder: Path | None) -> Iterator[tuple[str, str, str, str]]:
    """Smell, whether it is expected and found, and text of every example; smells of a folder may ask for topics that others judge."""
    from mlsd_lint import ruleset

    if not rules.smells:
        return
    linter = _linter(rules if folder is None else ruleset.load_packs((folder,)))
    for smell in rules.smells:
        for expected, texts in (("found", smell.examples.bad), ("not found", smell.examples.good)):
            yield from ((smell.id, expected, "found" if _is_found(text, smell, linter) else "not found", text) for text in texts)


def _is_found(text: str, smell: Smell, linter: Linter) -> bool:
    """Whether a smell is found in a fragment, which is judged as part of a design."""
    return linter.smells.trace(smell, linter.examine(text.encode(), "example.md").judged).finding is not None


def _status_in(text: str, rule: Rule, linter: Linter) -> str:
    """The status of a rule in a fragment, which is judged as part of a design although alone it would not look like one."""
    from mlsd_lint.judge import judge_topics

    evidence = linter.examine(text.encode(), "example.md").judged.evidence
    return next(topic.status.value for topic in judge_topics(linter.ruleset, evidence, ()) if topic.rule == rule.id)


def _examples(rule: Rule) -> Iterator[tuple[str, str]]:
    """The status that each example of a rule must get, and its text."""
    for status, texts in (("covered", rule.examples.covered), ("mentioned", rule.examples.mentioned), ("missing", rule.examples.absent)):
        yield from ((status, text) for text in texts)


@cli.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILES...")
@click.option("--diff", is_flag=True, help="Print a unified diff and change nothing.")
@click.option("--select", multiple=True, metavar="RULE|STAGE", help="Insert only these: rule names or stage:N, with commas or repeated.")
@click.option("--ignore", multiple=True, metavar="RULE|STAGE", help="Insert all but these.")
def fix(paths: tuple[str, ...], diff: bool, select: tuple[str, ...], ignore: tuple[str, ...]) -> None:
    """Insert the missing topics into FILES as questions to answer.

    A stub is a heading or list item with "TODO:" and the question of the rule, in the section where it belongs and
    written as the document writes its headings. It never counts as an answer. Nothing else in the file changes.
    """
    from mlsd_lint import files
    from mlsd_lint.model import DocumentFailure
    from mlsd_lint.reporters.layout import clean

    reviewer = _reviewer(config=None, no_config=False, fail_on=None, min_score=None, select=select, ignore=ignore, baseline=None, rubric=None, profile=())
    sources, failures = files.find(paths)
    for source in sources:
        try:
            click.echo(clean(_fix(reviewer, reviewer.plan(source), diff)), err=True)
        except DocumentError as error:
            failures.append(DocumentFailure(error.path, error.message))
    for failure in failures:
        click.echo(clean(f"{failure.path}: {failure.message}"), err=True)
    sys.exit(_COULD_NOT_RUN if failures else 0)


def _fix(reviewer: Reviewer, planned: Planned, diff: bool) -> str:
    """Insert stubs into one document and tell what was done; stdout gets the diff, or the text where it came from standard input."""
    from mlsd_lint import fix as fixing
    from mlsd_lint.writing import write_whole

    source = planned.source
    data = source.read()
    report = reviewer.examine(planned, data)
    fixed = fixing.insert_stubs(data, report, planned.rules, planned.selection.rules.rules)
    if diff:
        click.echo(fixing.difference(source.path, data, fixed.data).encode(), nl=False)
    elif source.file is None:
        click.echo(fixed.data, nl=False)
    elif fixed.rules:
        try:
            write_whole(source.file, fixed.data)
        except OSError as error:
            raise DocumentError(source.path, f"cannot be written: {(error.strerror or str(error)).lower()}; it is as it was") from error
    if fixed.rules:
        return f"{source.path}: {'to insert' if diff else 'inserted'}: {', '.join(fixed.rules)}"
    return f"{source.path}: nothing to insert: {fixing.why_nothing(report)}"


@cli.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--yes", is_flag=True, help="Ask nothing; take the options and the defaults.")
@click.option("--force", is_flag=True, help="Overwrite what is there already.")
@click.option("--documents", metavar="DIR", help="Folder of the design documents, from the root of the repository.  [default: all of it]")
@click.option("--fail-on", type=click.Choice(_LEVELS[::-1]), help="Least level of a finding that fails.  [default: error]")
@click.option("--min-score", type=click.FloatRange(0, 100), metavar="N", help="Least score that passes (0-100).  [default: none]")
@click.option("--repository", metavar="URL", help="Git repository to take mlsd-lint from.  [default: where this one came from, else the package]")
@click.option("--revision", metavar="REV", help="Its tag or commit.  [default: the tag of this version]")
@click.option("--hook/--no-hook", default=None, help="Whether to write the pre-commit hook.  [default: yes]")
@click.option("--workflow/--no-workflow", default=None, help="Whether to write the GitHub workflow.  [default: yes]")
def initialise(
    folder: Path, yes: bool, force: bool, documents: str | None, fail_on: str | None, min_score: float | None,
    repository: str | None, revision: str | None, hook: bool | None, workflow: bool | None,
) -> None:  # fmt: skip
    """Write configuration, pre-commit hook and GitHub workflow into a repository, after asking."""
    from mlsd_lint import init

    _check_root(folder)
    ask = _Questions(silent=yes)
    origin = init.installed_origin() if repository is None else init.Origin(repository)
    choices = init.Choices(
        documents=ask.text("Folder of the design documents", documents, "."),
        fail_on=ask.text("Fail for findings of level", fail_on, "error", click.Choice(_LEVELS[::-1])),
        min_score=min_score,
        origin=replace(origin, revision=revision) if revision else origin,
    )
    hook = ask.confirm("Write a pre-commit hook?", hook)
    workflow = ask.confirm("Write a GitHub workflow?", workflow)
    if _is_configured(folder) and not force:
        click.echo("pyproject.toml: has the configuration already", err=True)
    else:
        _put(folder / init.CONFIG, init.config_file(choices), force)
    if hook:
        _put_hook(folder / init.HOOK, choices, force)
    if workflow:
        _put(folder / init.WORKFLOW, init.workflow_file(choices), force)


class _Questions:
    """Asks on stderr what no option has answered, or takes the defaults."""

    def __init__(self, *, silent: bool) -> None:
        self.silent = silent

    def text(self, question: str, given: str | None, default: str, kind: click.ParamType[Any] | None = None) -> str:
        if given is not None or self.silent:
            return given if given is not None else default
        return str(click.prompt(question, default=default, type=kind, err=True))

    def confirm(self, question: str, given: bool | None) -> bool:
        if given is not None or self.silent:
            return given is not False
        return click.confirm(question, default=True, err=True)


def _check_root(folder: Path) -> None:
    """Refuse a folder within a repository: hooks and workflows count at its root only."""
    here = folder.resolve()
    root = next((path for path in (here, *here.parents) if (path / ".git").exists()), here)
    if root != here:
        raise ConfigError(f"{folder.as_posix()}: lies within the repository {root.as_posix()}; run mlsd-lint init there")


def _is_configured(folder: Path) -> bool:
    project = folder / "pyproject.toml"
    return project.is_file() and "[tool.mlsd-lint" in project.read_text(encoding="utf-8", errors="replace")


def _put(file: Path, text: str, force: bool) -> None:
    """Write a file and say so; one that is there already is kept, or overwritten where that is asked for."""
    from mlsd_lint.writing import write_whole

    known = os.path.lexists(file)
    if known and not force:
        click.echo(f"{file.as_posix()}: is there already and was kept; --force overwrites it", err=True)
        return
    write_whole(file, text.encode())
    click.echo(f"{file.as_posix()}: {'overwritten' if known else 'written'}", err=True)


def _put_hook(file: Path, choices: Choices, force: bool) -> None:
    """Write the hook; other hooks that are configured already are left to their owner, who gets the entry on stdout."""
    from mlsd_lint import init

    if force or not os.path.lexists(file):
        _put(file, init.hook_file(choices), force)
        return
    hooks = file.read_text(encoding="utf-8", errors="replace")
    if re.search(r"\bid:\s*['\"]?mlsd-lint\b", hooks):
        click.echo(f"{file.as_posix()}: has the hook already", err=True)
        return
    click.echo(f"{file.as_posix()}: is there already and was kept; add this to its repos (--force overwrites the file):", err=True)
    click.echo(init.hook_entry_like(hooks, choices), nl=False)


# ---- practice


@cli.command("new")
@click.argument("profile")
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Which mock question; the same one for the same number.  [default: any]")
@click.option("--output", type=_FILE, metavar="FILE", help="Write the document to FILE instead of stdout.")
@click.option("--force", is_flag=True, help="Overwrite FILE where it is there already.")
def new_design(profile: str, seed: int | None, output: Path | None, force: bool) -> None:
    """Write a mock question for PROFILE and an outline to answer it in.

    The outline has a heading for every topic, with its question as a comment;
    nothing in it counts as an answer.
    """
    import secrets

    from mlsd_lint import new, ruleset

    if output is not None and os.path.lexists(output) and not force:
        raise ConfigError(f"--output: {output.as_posix()}: is there already and was kept; name another file, or overwrite it with --force")
    rules = ruleset.load()
    known = {kind.profile: kind for kind in rules.profiles}
    if profile not in known:
        raise ConfigError(f"unknown profile '{profile}'; {nearest(profile, known)} there are: {', '.join(known)}".replace(";  ", "; "))
    seed = secrets.randbelow(_SEEDS) if seed is None else seed
    asks = tuple(asked.ask for asked in known[profile].requirements)
    scenario = new.choose(ruleset.scenarios(profile), seed)
    text = new.design(rules, new.Profile(profile, known[profile].title, asks), scenario, seed)
    if output is None:
        _write(text, None)
    else:
        _put(output, text, force)


@cli.command("coach")
@click.argument("file")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print the questions.")
@click.option("--questions", "count", type=click.IntRange(min=1), default=3, show_default=True, metavar="N", help="How many to ask.")
@click.option("--since", metavar="REV|FILE", help="Show what moved since a git revision, or in comparison with a file.")
@_with(_CONFIG)
@_COLOR
def coach_design(file: str, format_: str, count: int, since: str | None, color: str, **settings: Any) -> None:
    """Ask what an interviewer would ask next about FILE.

    The questions are chosen by weight, by what rests on what, and by what the
    document says already. Each names the line where its answer would stand;
    none is answered.
    """
    from mlsd_lint import coach, coach_page, files
    from mlsd_lint.reporters.layout import Pen

    if os.path.isdir(file):
        raise ConfigError(f"{file}: is a folder; name one document")
    reviewer = _reviewer(**settings, fail_on=None, min_score=None, select=(), ignore=(), baseline=None)
    outcome = reviewer.run(*files.find([file]), _progress, use_baseline=False)
    _tell(outcome)
    if outcome.report.errors:
        sys.exit(_COULD_NOT_RUN)
    change = reviewer.compare(outcome, since, [file], "--since")[0] if since is not None and outcome.judged else None
    answered = {topic.rule for topic in coach.gained(change)} if change else set()
    for report in outcome.report.documents:
        planned = outcome.planned[report.path]
        questions = coach.next_questions(_to_ask(reviewer, planned, report), planned.selection.rules, count, answered)
        if format_ == "json":
            _write(coach_page.render_json(report, questions, outcome.digest, change), None)
        else:
            _write(coach_page.render_text(report, questions, Pen(_use_color(color, sys.stdout)), change), None)


def _to_ask(reviewer: Reviewer, planned: Planned, report: DocumentReport) -> DocumentReport:
    """The report to ask about: of an unfilled template one with its topics judged all the same."""
    from mlsd_lint import coach
    from mlsd_lint.model import Kind

    if report.kind is not Kind.TEMPLATE:
        return report
    judged = reviewer.linter(planned.rules).examine(report.source.encode(), report.path).judged
    return coach.judged_anyway(report, judged.evidence, planned.asked)


def _describe() -> None:
    """Give every command its examples and exit statuses, and tell shells what to offer for its arguments."""
    from mlsd_lint import manual

    for name, command in cli.commands.items():
        command.epilog = manual.epilog(name)
        for param in command.params:
            if param.name == "rule":
                param.type = RuleName(stages=False)
            elif param.name in ("select", "ignore"):
                param.type = RuleName(stages=True)
            elif param.name == "profile":
                param.type = ProfileName()
            elif param.name in ("paths", "file"):
                param.type = DocumentName()
    cli.epilog = manual.completion_help()


_describe()


def main() -> None:
    """Entry point of the console script; a bug becomes one line, or a traceback where MLSD_LINT_DEBUG is set."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # bars and quotations fit no other encoding
    try:
        cli(prog_name="mlsd-lint")
    except Exception as error:
        if os.environ.get("MLSD_LINT_DEBUG"):
            raise
        click.echo(
            f"mlsd-lint: internal error: {type(error).__name__}: {error}; please report it with the document that caused it"
            " (MLSD_LINT_DEBUG=1 shows where it happened)",
            err=True,
        )
        sys.exit(_COULD_NOT_RUN)


if __name__ == "__main__":
    main()
