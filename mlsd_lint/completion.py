"""What a shell offers for rule names, profiles and documents."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from mlsd_lint.errors import MlsdLintError


class RuleName(click.types.StringParamType):
    """A text for which the names of rules and smells are offered, after the last comma where there are several.

    Args:
        stages: whether ``stage:N`` and ``smells`` are offered too.
    """

    def __init__(self, *, stages: bool) -> None:
        self.stages = stages

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Rules, smells, and stages where they may be named, that begin with what is typed; their titles are shown beside them."""
        before, comma, begun = incomplete.rpartition(",") if self.stages else ("", "", incomplete)
        offered = [(name, title) for name, title in self._known() if name.startswith(begun)]
        return [CompletionItem(f"{before}{comma}{name}", help=title) for name, title in offered]

    def _known(self) -> list[tuple[str, str]]:
        from mlsd_lint import ruleset  # a shell that offers file names need not wait for the rules

        try:
            rules = ruleset.load()
        except MlsdLintError:
            return []
        named = [(rule.id, rule.title) for rule in rules.named.values()]
        groups = [*((f"stage:{stage}", title) for stage, title in rules.stage_titles.items()), ("smells", "All weak spots")]
        return named + groups if self.stages else named


class StandardName(click.types.StringParamType):
    """A text for which the names of standards are offered, and files."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The standards that begin with what is typed, or else files, because a standard of one's own is one."""
        from mlsd_lint import ruleset  # a shell that offers file names need not wait for the rules

        offered = [CompletionItem(name) for name in ruleset.standard_names() if name.startswith(incomplete)]
        return offered or [CompletionItem(incomplete, type="file")]


class DocumentName(click.types.StringParamType):
    """A text for which file and folder names are offered."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Leaves it to the shell, which knows how to complete paths."""
        return [CompletionItem(incomplete, type="file")]


class ProfileName(click.types.StringParamType):
    """A text for which the names of profiles are offered."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Profiles that begin with what is typed."""
        from mlsd_lint import ruleset

        return [CompletionItem(kind.profile) for kind in ruleset.load().profiles if kind.profile.startswith(incomplete)]
