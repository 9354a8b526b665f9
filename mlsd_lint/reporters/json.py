"""The versioned JSON contract for programs."""

from __future__ import annotations

import json
from typing import Any

from mlsd_lint import __version__
from mlsd_lint.model import DocumentFailure, DocumentReport, Evidence, Finding, Region, Report, RequirementResult, StageScore, TopicResult
from mlsd_lint.reporters.options import Options

# version of the contract; it changes when a field is removed or changes its meaning
CONTRACT = 1


def render(report: Report, options: Options) -> str:
    """Render a report as JSON that follows ``schema/report.schema.json``."""
    payload = {
        "version": CONTRACT,
        "tool": {"name": "mlsd-lint", "version": __version__, "rules": options.digest},
        "documents": [document_entry(d) for d in report.documents],
        "errors": [error_entry(e) for e in report.errors],
    }
    return json.dumps(payload, ensure_ascii=False, indent=2) + "\n"


def error_entry(error: DocumentFailure) -> dict[str, Any]:
    """The entry of a document that could not be read."""
    return {"path": error.path, "message": error.message} | ({"line": error.line} if error.line else {})


def document_entry(document: DocumentReport) -> dict[str, Any]:
    """The entry of a document."""
    card = document.scorecard
    return {
        "path": document.path,
        "kind": document.kind.value,
        "kind_reason": document.kind_reason,
        "grade": card.grade,
        "score": card.score,
        "rubric": document.rubric,
        "arithmetic": list(card.arithmetic),
        "traits": [t.id for t in document.traits],
        "trait_evidence": [{"trait": t.id, "places": [_region(place) for place in t.regions]} for t in document.traits],
        "stages": [_stage(s) for s in card.stages],
        "topics": [_topic(t) for t in document.topics],
        "requirements": [_requirement(r) for r in document.requirements],
        "findings": [_finding(f) for f in document.findings],
        "suppressed": [_finding(s.finding) | {"by": s.by, "reason": s.reason} for s in document.suppressed],
    }


def _stage(stage: StageScore) -> dict[str, Any]:
    return {
        "stage": stage.stage, "title": stage.title, "score": stage.score, "grade": stage.grade,
        "covered": stage.covered, "applicable": stage.applicable,
    }  # fmt: skip


def _topic(topic: TopicResult) -> dict[str, Any]:
    return {
        "id": topic.rule, "stage": topic.stage, "status": topic.status.value, "depth": topic.depth, "reason": topic.reason,
        "evidence": [_evidence(e) for e in topic.evidence],
    }  # fmt: skip


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {**_region(evidence.region), "text": evidence.text, "stance": evidence.stance.value}


def _region(region: Region) -> dict[str, int]:
    return {"line": region.line, "column": region.column, "end_line": region.end_line, "end_column": region.end_column}


def _requirement(result: RequirementResult) -> dict[str, Any]:
    place = None if result.place is None else {**_region(result.place.region), "text": result.place.text}
    return {"id": result.rule, "profile": result.profile, "title": result.title, "ask": result.ask, "met": result.met, "place": place}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule, "level": finding.level, "message": finding.message, **_region(finding.region), "help": finding.help,
        "fingerprint": finding.fingerprint,
        "related": [{**_region(place.region), "text": place.text, "note": place.note} for place in finding.related],
    }  # fmt: skip
