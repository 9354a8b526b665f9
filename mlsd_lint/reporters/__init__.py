"""One module per output format, each with a pure function ``render(Report, Options) -> str``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

from mlsd_lint.reporters.options import Options

if TYPE_CHECKING:
    from mlsd_lint.model import Report

Render = Callable[["Report", Options], str]


class _Reporters(Mapping[str, Render]):
    """The reporters by format. A module is imported when its format is asked for, so that ``--help`` loads none."""

    def __init__(self, *formats: str) -> None:
        self._formats = formats

    def __getitem__(self, format_: str) -> Render:
        if format_ not in self._formats:
            raise KeyError(format_)
        return cast(Render, import_module(f"mlsd_lint.reporters.{format_}").render)

    def __iter__(self) -> Iterator[str]:
        return iter(self._formats)

    def __len__(self) -> int:
        return len(self._formats)


REPORTERS: Mapping[str, Render] = _Reporters(
    "text", "json", "jsonl", "sarif", "junit", "github", "gitlab", "checkstyle", "rdjson", "markdown", "html",
)  # fmt: skip

__all__ = ["REPORTERS", "Options"]
