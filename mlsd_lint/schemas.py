"""JSON Schemas for editors and programs, made from the models where there are any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from mlsd_lint.config import ConfigFile
from mlsd_lint.rule import CoachingFile, GradingFile, LexiconFile, RuleFile, SmellFile, TraitFile

FOLDER = Path(__file__).resolve().parent / "schema"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def made() -> dict[str, str]:
    """The schemas that are generated, by name, as text of a file; the shipped files must be equal to them."""
    return {
        "config": _text("mlsd-lint configuration", "mlsd-lint.toml, or the table [tool.mlsd-lint] of pyproject.toml.", ConfigFile.model_json_schema()),
        "rules": _text("mlsd-lint rule file", "A file of rules, smells, word lists, traits or grading.", _rule_files()),
    }


def shipped(name: str) -> str:
    """The text of a schema: config, rules, report, compare, standard or coach."""
    return (FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")


def _rule_files() -> dict[str, Any]:
    kinds: TypeAdapter[Any] = TypeAdapter(RuleFile | SmellFile | LexiconFile | TraitFile | GradingFile | CoachingFile)
    return kinds.json_schema()


def _text(title: str, description: str, schema: dict[str, Any]) -> str:
    return json.dumps({"$schema": _DIALECT, **schema, "title": title, "description": description}, ensure_ascii=False, indent=2) + "\n"
