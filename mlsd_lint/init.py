"""The files with which a repository starts to use mlsd-lint: configuration, hook and workflow."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass
from importlib import metadata
from urllib.parse import urlsplit

from mlsd_lint import __version__

CONFIG, HOOK, WORKFLOW = "mlsd-lint.toml", ".pre-commit-config.yaml", ".github/workflows/mlsd-lint.yml"

_PACKAGE = "mlsd-lint"
_CONFIG = """\
# Settings of mlsd-lint for the documents below this folder; mlsd-lint config FILE shows what holds for a file.

# The exit status is 1 where a finding has at least this level: never, error, warning or note.
fail-on = {fail_on}

# The exit status is 1 where a document scores less, 0 to 100.
{min_score}

# Documents that are not linted, as in a .gitignore file.
# exclude = ["drafts/"]

# Rules that are not asked, or the only ones that are, by name or stage; mlsd-lint rules lists them.
# ignore = ["bandits", "stage:7"]
# select = ["stage:5", "privacy"]

# Another configuration that this one builds on.
# extends = "../mlsd-lint.toml"

# Stage weights: for an interview or for a launch.
# rubric = "launch"

# Folders with rules of your own.
# rules = ["design-rules"]

# Findings that are known and not reported; mlsd-lint --write-baseline makes the file.
# baseline = "mlsd-lint-baseline.json"

# Whether a comment that suppresses a rule must say why.
# require-reason = true

# Levels of single rules: error, warning or note.
# [levels]
# drift = "error"
"""
_WORKFLOW = """\
# Reviews the design documents of machine-learning systems: findings beside the lines, a summary below the run.
name: mlsd-lint

on:
  pull_request:
  push:
    branches: [main, master]

permissions:
  contents: read

jobs:
  review:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
{steps}"""
_ACTION_STEPS = """\
      - uses: {action}
        with:
          paths: {paths}
"""
_PIP_STEPS = """\
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install "$PACKAGE"
        env:
          PACKAGE: {requirement}
      - run: mlsd-lint lint --format github -- "$DOCUMENTS"
        env:
          DOCUMENTS: {paths}
      - run: mlsd-lint lint --fail-on never --format markdown -- "$DOCUMENTS" >> "$GITHUB_STEP_SUMMARY"
        if: always()
        env:
          DOCUMENTS: {paths}
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a repository gets mlsd-lint from.

    Attributes:
        repository: address of its git repository, "" to install the released package.
        revision: tag or commit in that repository.
    """

    repository: str = ""
    revision: str = f"v{__version__}"


@dataclass(frozen=True, slots=True)
class Choices:
    """What is asked before the files are written.

    Attributes:
        documents: the folder of the design documents, relative to the repository, with forward slashes; "." is all of it.
        fail_on: never, error, warning or note.
        min_score: 0-100, None for no bound.
        origin: where hook and workflow get mlsd-lint from.
    """

    documents: str = "."
    fail_on: str = "error"
    min_score: float | None = None
    origin: Origin = Origin()


def installed_origin() -> Origin:
    """Where this very installation came from, if that was a git repository (PEP 610), else the released package."""
    try:
        told = json.loads(metadata.distribution(_PACKAGE).read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError):
        return Origin()
    vcs = told.get("vcs_info", {})
    if vcs.get("vcs") != "git" or "commit_id" not in vcs:
        return Origin()
    return Origin(told["url"], vcs.get("requested_revision") or vcs["commit_id"])


def config_file(choices: Choices) -> str:
    """The text of mlsd-lint.toml."""
    bound = "# min-score = 50" if choices.min_score is None else f"min-score = {choices.min_score:g}"
    return _CONFIG.format(fail_on=json.dumps(choices.fail_on), min_score=bound)


def hook_entry(choices: Choices) -> str:
    """The entry for the list ``repos`` of .pre-commit-config.yaml."""
    origin, files = choices.origin, _pattern(choices.documents)
    if origin.repository:
        lines = [f"- repo: {_quoted(origin.repository)}", f"  rev: {_quoted(origin.revision)}", "  hooks:", "  - id: mlsd-lint"]
    else:
        lines = [
            "- repo: local", "  hooks:", "  - id: mlsd-lint", "    name: mlsd-lint", "    language: python", "    entry: mlsd-lint lint",
            f"    additional_dependencies: [{_quoted(f'{_PACKAGE}=={__version__}')}]", "    types: [markdown]", "    require_serial: true",
        ]  # fmt: skip
    return "\n".join([*lines, *([f"    files: {_quoted(files)}"] if files else [])]) + "\n"


def hook_entry_like(other_hooks: str, choices: Choices) -> str:
    """The entry, indented as those of a .pre-commit-config.yaml are."""
    first = re.search(r"^([ ]*)-[ ]+repo:", other_hooks, re.MULTILINE)
    return textwrap.indent(hook_entry(choices), first[1] if first else "")


def hook_file(choices: Choices) -> str:
    """The text of a .pre-commit-config.yaml that has no other hook."""
    return "repos:\n" + hook_entry(choices)


def workflow_file(choices: Choices) -> str:
    """The text of the GitHub workflow: the action where mlsd-lint is known to lie on GitHub, else the package and its command."""
    origin, paths = choices.origin, _quoted(choices.documents)
    address = urlsplit(origin.repository)
    if address.hostname == "github.com":
        action = f"{address.path.strip('/').removesuffix('.git')}@{origin.revision}"
        return _WORKFLOW.format(steps=_ACTION_STEPS.format(action=_quoted(action), paths=paths))
    requirement = f"{_PACKAGE} @ git+{origin.repository}@{origin.revision}" if origin.repository else f"{_PACKAGE}=={__version__}"
    return _WORKFLOW.format(steps=_PIP_STEPS.format(requirement=_quoted(requirement), paths=paths))


def _pattern(folder: str) -> str:
    """The regular expression for the files below a folder, "" for all files."""
    plain = folder.strip("/").removeprefix("./")
    if plain in ("", "."):
        return ""
    return f"^{''.join(c if c.isalnum() or c in '/_-' else chr(92) + c for c in plain)}/"


def _quoted(text: str) -> str:
    """A text in double quotes, which YAML reads back as it was: unquoted, "true" and "3.10" would be no texts."""
    return json.dumps(text, ensure_ascii=False)
