"""What git knows of documents: which have changed since a revision, and what they said then."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from mlsd_lint.errors import ConfigError

_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


@dataclass(frozen=True)
class Changes:
    """How the working tree differs from a commit, by real path.

    Attributes:
        present: files that are new, changed or renamed, each with the path it had, None for a new one.
        removed: files that are no more.
    """

    present: dict[Path, Path | None]
    removed: tuple[Path, ...]


class Repository:
    """A git repository, asked through the git program."""

    def __init__(self, folder: Path) -> None:
        """The repository that a folder lies in.

        Raises:
            ConfigError: there is none, or no git program.
        """
        self._folder = folder
        done = self._run("rev-parse", "--show-toplevel")
        if done.returncode:
            told = os.fsdecode(done.stderr).strip()
            why = "this is not a git repository" if "not a git repository" in told else told.replace("\n", " ")
            raise ConfigError(f"{folder.as_posix()}: {why}; --changed-since and a revision for --compare or --since need one")
        self.root = Path(os.path.realpath(os.fsdecode(done.stdout).rstrip("\r\n")))
        self._folder = self.root

    def commit(self, option: str, revision: str) -> str:
        """The hash of a commit; ``REV...`` is the commit where the present one left REV.

        Raises:
            ConfigError: no commit bears the name.
        """
        name = revision.removesuffix("...")
        done = self._run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}") if name and not name.startswith("-") else None
        if done is None or done.returncode:
            raise ConfigError(f"{option}: git knows no revision '{name}'; name a branch, tag or commit that is here (a shallow clone may lack it)")
        commit = done.stdout.decode().strip()
        return self.fork(commit) if name != revision else commit

    def fork(self, commit: str) -> str:
        """The commit where the present one left another; that other one where git knows none."""
        done = self._run("merge-base", commit, "HEAD")
        return commit if done.returncode else done.stdout.decode().strip()

    def changes(self, commit: str) -> Changes:
        """How the files differ from a commit; those that git ignores are left out."""
        told = self._ask("diff", "--name-status", "-z", "--find-renames", "--no-ext-diff", commit, "--")
        present: dict[Path, Path | None] = {}
        removed = []
        fields = iter(told)
        for status in fields:
            path = self.root / next(fields)
            if status.startswith(("R", "C")):
                present[self.root / next(fields)] = path
            elif status == "D":
                removed.append(path)
            else:
                present[path] = None if status == "A" else path
        present |= dict.fromkeys(self.root / name for name in self._ask("ls-files", "--others", "--exclude-standard", "-z", "--"))
        return Changes(present, tuple(removed))

    def read(self, commit: str, file: Path) -> bytes | None:
        """A file as it was in a commit, by its real path; None where it was not there."""
        if not file.is_relative_to(self.root):
            return None
        found = self._ask("ls-tree", "-z", "--full-tree", commit, "--", file.relative_to(self.root).as_posix())
        if not found:
            return None
        _, kind, blob = found[0].partition("\t")[0].split()
        if kind != "blob":
            return None
        done = self._run("cat-file", "blob", blob)
        return None if done.returncode else done.stdout

    def _ask(self, *args: str) -> list[str]:
        """The fields of an answer that ends each with NUL."""
        done = self._run(*args)
        if done.returncode:
            raise ConfigError(f"git {args[0]} failed: {' '.join(os.fsdecode(done.stderr).split())}")
        return [field for field in os.fsdecode(done.stdout).split("\0") if field]

    def _run(self, *args: str) -> subprocess.CompletedProcess[bytes]:
        program = shutil.which("git")
        if program is None:
            raise ConfigError("--changed-since and a revision for --compare need the program git, which is not installed here")
        # in a hook git names a repository that need not be the document's
        env = {name: value for name, value in os.environ.items() if name not in _HOOK}
        # pathspecs are names of files here, and git must neither take locks nor speak another language
        env |= {"GIT_LITERAL_PATHSPECS": "1", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        command = [program, "-c", "core.fsmonitor=false", "-C", str(self._folder), *args]
        return subprocess.run(command, check=False, capture_output=True, stdin=subprocess.DEVNULL, env=env)
