"""Measurements, printed and never failing on time; run with ``pytest tests/benchmarks --benchmark-only``."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import cycle

import pytest
from conftest import FIXTURES
from pytest_benchmark.fixture import BenchmarkFixture

from mlsd_lint import cache, ruleset
from mlsd_lint.linter import Linter

Tell = Callable[[str], None]

DOCUMENT = FIXTURES / "fraud-detection.md"
SPACY = [sys.executable, "-c", "import spacy; spacy.blank('en')"]
LINT = [sys.executable, "-m", "mlsd_lint", "--fail-on", "never"]
PEAK = """\
import resource, sys
sys.argv = ["mlsd-lint", "--fail-on", "never", sys.argv[1]]
from mlsd_lint.cli import main
try:
    main()
finally:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak / (2**20 if sys.platform == "darwin" else 2**10), file=sys.stderr)
"""
NORMAL_LENGTH = 1500
KILOBYTE = 1000
SIZES = (10, 100, 1_000, 10_000)

# Time of the processor, not of the clock: what else the machine does is left out.
on_one_core = pytest.mark.benchmark(timer=time.process_time)


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Prints a line that pytest does not swallow."""

    def show(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}", end="")

    return show


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def document_of(kilobytes: int) -> str:
    """A design of about that length: the fixtures again and again, each time as another chapter."""
    parts: list[str] = []
    size = 0
    designs = [path.read_text(encoding="utf-8") for path in sorted(FIXTURES.glob("*.md")) if "stuffed" not in path.name and "unfilled" not in path.name]
    for number, text in enumerate(cycle(designs)):
        parts.append(f"# Chapter {number}\n\n{text}\n")
        size += len(parts[-1].encode())
        if size >= kilobytes * KILOBYTE:
            return "".join(parts)[: kilobytes * KILOBYTE]
    raise AssertionError("there are no fixtures")


def test_one_cold_run(benchmark: BenchmarkFixture, tell: Tell) -> None:
    blank: list[float] = []
    command = [*LINT, str(DOCUMENT)]
    seconds(command)  # fills the cache of rules, as the first run on a machine does
    benchmark.pedantic(lambda: seconds(command), setup=lambda: blank.append(seconds(SPACY)), rounds=9)
    lint, spacy = statistics.median(benchmark.stats.stats.data), statistics.median(blank)
    tell(f"cold run over {DOCUMENT.stat().st_size / KILOBYTE:.1f} kB: {lint:.2f} s, {lint / spacy:.2f} times a blank spaCy pipeline ({spacy:.2f} s)")


@on_one_core
def test_documents_per_second(benchmark: BenchmarkFixture, tell: Tell, linter: Linter) -> None:
    texts = [path.read_bytes() for path in sorted(FIXTURES.glob("*.md"))]
    words = sum(len(text.split()) for text in texts)
    benchmark.pedantic(lambda: [linter.lint(text, "design.md") for text in texts], warmup_rounds=1, rounds=5)
    rate = words / NORMAL_LENGTH / statistics.median(benchmark.stats.stats.data)
    tell(f"once warm: {rate:.0f} documents of {NORMAL_LENGTH} words a second on one core")


@on_one_core
@pytest.mark.parametrize("cached", [False, True], ids=["from YAML", "from the cache"])
def test_compiling_the_rules(benchmark: BenchmarkFixture, tell: Tell, monkeypatch: pytest.MonkeyPatch, cached: bool) -> None:
    if not cached:
        monkeypatch.setattr(cache, "read", lambda _: None)
        monkeypatch.setattr(cache, "write", lambda *_: None)
    benchmark.pedantic(lambda: Linter(ruleset.load()), rounds=3)
    tell(f"rules to a linter, {'from the cache' if cached else 'from YAML'}: {statistics.median(benchmark.stats.stats.data):.2f} s")


@pytest.mark.parametrize("kilobytes", [10, 1_000])
def test_peak_memory(benchmark: BenchmarkFixture, tell: Tell, tmp_path_factory: pytest.TempPathFactory, kilobytes: int) -> None:
    pytest.importorskip("resource")
    path = tmp_path_factory.mktemp("long") / "design.md"
    path.write_text(document_of(kilobytes), encoding="utf-8")
    run = benchmark.pedantic(
        lambda: subprocess.run([sys.executable, "-c", PEAK, str(path)], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True), rounds=1
    )
    tell(f"peak memory over {kilobytes} kB: {float(run.stderr.split()[-1]):.0f} MB")


@on_one_core
@pytest.mark.parametrize("kilobytes", SIZES)
def test_time_grows_with_length(benchmark: BenchmarkFixture, tell: Tell, linter: Linter, kilobytes: int) -> None:
    data = document_of(kilobytes).encode()
    linter.lint(data[: SIZES[0] * KILOBYTE], "design.md")
    benchmark.pedantic(lambda: linter.lint(data, "design.md"), rounds=5 if kilobytes < SIZES[2] else 1)
    took = statistics.median(benchmark.stats.stats.data)
    tell(f"{kilobytes} kB: {took:.2f} s, {1000 * took / kilobytes:.2f} ms for each kB")
