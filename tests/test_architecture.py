"""What holds the code together: layers, who may print, no network, and how the package is put together."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path

from importlinter.cli import lint_imports

import mlsd_lint

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "mlsd_lint").rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OFFLINE = """\
import sys
def refuse(event, args):
    if event.startswith("socket."):
        raise RuntimeError("the network was touched: " + event)
sys.addaudithook(refuse)
sys.argv = ["mlsd-lint", "--fail-on", "never", sys.argv[1]]
from mlsd_lint.cli import main
main()
"""


def calls(module: Path) -> Iterator[str]:
    """The dotted names that a module calls."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_the_layers_are_kept() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_only_the_command_line_prints_and_exits() -> None:
    told = {"print", "click.echo", "sys.exit", "sys.stdout.write", "sys.stderr.write"}
    assert {module.name for module in MODULES if told & set(calls(module))} == {"cli.py"}


def test_every_module_says_what_it_is_for() -> None:
    for module in MODULES:
        told = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
        assert told and told.splitlines()[0].endswith("."), module.name


def test_a_review_never_touches_the_network() -> None:
    design = ROOT / "fixtures" / "fraud-outline.md"
    run = subprocess.run([sys.executable, "-c", OFFLINE, str(design)], check=False, capture_output=True, text=True, encoding="utf-8")
    assert (run.returncode, run.stderr) == (0, "")


def test_a_review_is_the_same_in_every_process() -> None:
    """Sets of words are ordered by a hash that Python seeds anew in each process; no report may depend on it."""
    command = [sys.executable, "-m", "mlsd_lint", "--format", "json", "--fail-on", "never", str(ROOT / "fixtures" / "fraud-detection.md")]
    seeded = [{**os.environ, "PYTHONHASHSEED": seed} for seed in ("1", "2")]
    first, second = (subprocess.run(command, check=True, capture_output=True, env=env).stdout for env in seeded)
    assert first == second


def test_the_package_is_typed_and_brings_what_it_reads() -> None:
    package = resources.files("mlsd_lint")
    assert package.joinpath("py.typed").is_file()
    assert package.joinpath("schema/report.schema.json").is_file()
    assert package.joinpath("template_lines.txt").is_file()
    for name in ("page.html.j2", "page.css", "page.js"):
        assert package.joinpath("reporters", "templates", name).is_file()


def test_only_a_page_waits_for_its_template_engine() -> None:
    code = "import sys; from mlsd_lint import cli; from mlsd_lint.reporters import REPORTERS; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_version_is_written_once() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"] and "version" not in PROJECT["project"]
    assert metadata.version("mlsd-lint") == mlsd_lint.__version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest and newest[1] == mlsd_lint.__version__


def test_the_supported_pythons_are_the_tested_ones() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    classified = {name.rpartition(" ")[2] for name in PROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", name)}
    assert set(re.findall(r'"(3\.\d+)"', workflow)) == classified == {"3.11", "3.12", "3.13", "3.14"}
