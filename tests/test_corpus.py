"""Floors of agreement with a labelled corpus that lives beside the project in CI; skipped where it is not there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

EVAL = Path(__file__).parent.parent.parent / "shared" / "eval"
COMMAND = shlex.join([sys.executable, "-m", "mlsd_lint"])

pytestmark = pytest.mark.skipif(not EVAL.is_dir(), reason="no labelled corpus beside the project")


def measured(script: str) -> str:
    """What a script of the corpus prints about this linter."""
    run = subprocess.run(
        [sys.executable, str(EVAL / script), "--command", COMMAND], check=False, capture_output=True, text=True, encoding="utf-8", timeout=600
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def figure(text: str, name: str) -> float:
    """The last number that stands after a name."""
    return float(re.findall(rf"{re.escape(name)} (-?\d+\.\d+)", text)[-1])


def test_agreement_with_the_labels() -> None:
    out = measured("score.py")
    assert figure(out, "micro-F1") >= 0.82
    assert figure(out, "kappa") >= 0.68
    assert figure(out, "false-alarm-rate") <= 0.15
    assert figure(out, "Spearman") >= 0.80


def test_behaviour_under_probes() -> None:
    out = measured("probe.py")
    assert figure(out, "recall") >= 0.65
    assert figure(out, "resistance") >= 0.90


def test_what_is_no_design_is_reported_as_what_it_is() -> None:
    assert figure(measured("controls.py"), "kind right") >= 0.90
