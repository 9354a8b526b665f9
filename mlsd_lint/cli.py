"""The command line: options, echo and exit status."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from mlsd_lint import __version__
from mlsd_lint.errors import ConfigError, MlsdLintError

if TYPE_CHECKING:
    from mlsd_lint.linter import Linter
    from mlsd_lint.rule import Rule
    from mlsd_lint.ruleset import RuleSet

_LEVELS = {"note": 0, "warning": 1, "error": 2, "never": 3}


class _DefaultToLint(click.Group):
    """A path or option that is no subcommand is linted, so that ``mlsd-lint design.md`` just works."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h", "--version"):
            args = ["lint", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_DefaultToLint, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, prog_name="mlsd-lint")
def cli() -> None:
    """Review machine-learning design documents written in Markdown.

    \b
    mlsd-lint design.md              a graded report
    mlsd-lint docs/ --format json    every *.md below docs/, for a program
    mlsd-lint why drift design.md    what the rule saw and how it judged
    mlsd-lint explain drift          what the rule asks, and why

    Exit status: 0 nothing at or above --fail-on and the score reaches --min-score; 1 otherwise; 2 it could not run
    (bad option, rule file or document; the other documents are still reported).
    """


@cli.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print the report.")
def lint(paths: tuple[str, ...], format_: str) -> None:
    """Lint files, folders or - (standard input). The default command."""
    from mlsd_lint import ruleset
    from mlsd_lint.linter import Linter
    from mlsd_lint.model import Report
    from mlsd_lint.reporters import json as json_reporter

    rules = ruleset.load()
    linter = Linter(rules)
    documents = tuple(linter.lint(Path(p).read_bytes(), Path(p).as_posix()) for p in paths)
    click.echo(json_reporter.render(Report(documents, ()), rules.digest), nl=False)


@cli.command()
@click.argument("rule")
@click.argument("path")
def why(rule: str, path: str) -> None:
    """Show every match that RULE saw in the document PATH and how the status came about."""
    from mlsd_lint import ruleset
    from mlsd_lint.linter import Linter

    rules = ruleset.load()
    linter = Linter(rules)
    report, evidence = linter.examine(Path(path).read_bytes(), Path(path).as_posix())
    topic = next(t for t in report.topics if t.rule == rule)
    click.echo(f"{rule}: {topic.status.value} ({topic.reason})")
    for item in evidence.get(rule, []):
        signs = " ".join(f"{name} {weight:+.2f};" for name, weight in item.signs)
        click.echo(f"  line {item.region.line}: {item.stance.value}{' (' + item.cue + ')' if item.cue else ''} {item.strength:.2f} depth {item.depth} | {' '.join(item.text.split())[:160]}")
        click.echo(f"      {signs}")


@cli.command("test-rules")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def test_rules(folder: Path | None) -> None:
    """Run the examples of every rule."""
    from mlsd_lint import ruleset
    from mlsd_lint.linter import Linter

    rules = ruleset.load(folder)
    linter = Linter(rules)
    failed = 0
    for rule in rules.rules.values():
        for expected in ("covered", "mentioned", "absent"):
            for example in getattr(rule.examples, expected):
                report = linter.lint(example.encode(), "example.md")
                status = next(t.status.value for t in report.topics if t.rule == rule.id)
                if status != ("missing" if expected == "absent" else expected):
                    failed += 1
                    click.echo(f"{rules.origin[rule.id]}: {rule.id}: expected {expected}, got {status}: {' '.join(example.split())[:200]}")
    click.echo(f"{failed} examples failed")
    sys.exit(1 if failed else 0)


def main() -> NoReturn:
    """Entry point of the console script."""
    try:
        cli()
    except MlsdLintError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    sys.exit(0)


if __name__ == "__main__":
    main()
