"""Examples and exit statuses for the help of every command."""

from __future__ import annotations

_FINDINGS = "1 a finding at or above --fail-on, or a score below --min-score"
_COULD_NOT_RUN = "2 it could not run: a bad option, rule file or document"

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "lint": (
        ("mlsd-lint design.md", "a graded report"),
        ("mlsd-lint docs/ --min-score 65", "fail below 65 of 100"),
        ("mlsd-lint design.md --select stage:5", "monitoring only"),
        ("mlsd-lint docs/ --format json --output report.json", "for a program"),
        ("git show HEAD:design.md | mlsd-lint -", "standard input"),
        ("mlsd-lint docs/ --format html --output report.html", "a page to open"),
        ("mlsd-lint docs/ --write-baseline known.json", "keep what is there"),
        ("mlsd-lint docs/ --baseline known.json", "and report what is new"),
        ("mlsd-lint docs/ --compare HEAD", "grade and topics, then and now"),
        ("mlsd-lint --changed-since origin/main", "what this branch changed"),
        ("mlsd-lint design.md --standard ml-test-score", "a standard, item by item"),
    ),
    "config": (
        ("mlsd-lint config design.md", "each setting, and where it stands"),
        ("mlsd-lint config docs/ --format json", "for a program"),
    ),
    "schema": (
        ("mlsd-lint schema config > config.schema.json", "for an editor"),
        ("mlsd-lint schema report", "what --format json prints"),
    ),
    "explain": (
        ("mlsd-lint explain drift", "what the rule asks, and why"),
        ("mlsd-lint explain vague-quality", "what the weak spot is, and why"),
        ("mlsd-lint explain drift --color always | less -R", "in a pager"),
    ),
    "rules": (
        ("mlsd-lint rules", "the table"),
        ("mlsd-lint rules --format json", "for a program"),
        ("mlsd-lint rules --format markdown > reference.md", "the reference"),
    ),
    "standards": (
        ("mlsd-lint standards", "what there is"),
        ("mlsd-lint standards --format json", "with all items, for a program"),
    ),
    "why": (
        ("mlsd-lint why drift design.md", "every match, and its weight"),
        ("mlsd-lint why vague-quality design.md", "every condition, and where it holds"),
        ("mlsd-lint why drift - < design.md", "standard input"),
    ),
    "test-rules": (
        ("mlsd-lint test-rules", "the rules that ship"),
        ("mlsd-lint test-rules design-rules/", "your own"),
    ),
    "fix": (
        ("mlsd-lint fix --diff design.md", "look first"),
        ("mlsd-lint fix design.md", "insert the questions"),
        ("mlsd-lint fix --select stage:5,privacy design.md", "some of them only"),
        ("mlsd-lint fix - < draft.md > design.md", "from standard input to standard output"),
    ),
    "init": (
        ("mlsd-lint init", "ask, then write"),
        ("mlsd-lint init --yes --documents docs/design", "ask nothing"),
        ("mlsd-lint init --yes --min-score 50 --fail-on warning", "be strict"),
    ),
    "new": (
        ("mlsd-lint new fraud-detection --output practice.md", "any of its mock questions"),
        ("mlsd-lint new fraud-detection --seed 2 > practice.md", "the same one each time"),
    ),
    "coach": (
        ("mlsd-lint coach design.md", "three questions"),
        ("mlsd-lint coach design.md --questions 1", "the next one"),
        ("mlsd-lint coach design.md --since HEAD", "and what moved since the commit"),
        ("mlsd-lint coach design.md --format json", "for a program"),
    ),
}  # fmt: skip
STATUSES: dict[str, tuple[str, ...]] = {
    "lint": ("0 nothing to fail for", _FINDINGS, f"{_COULD_NOT_RUN} (the other documents are still reported)"),
    "config": ("0 shown", "2 a configuration is broken"),
    "schema": ("0 shown", "2 no such schema"),
    "explain": ("0 shown", "2 no such rule"),
    "rules": ("0 shown", _COULD_NOT_RUN),
    "standards": ("0 shown", _COULD_NOT_RUN),
    "why": ("0 shown, whatever the status", _COULD_NOT_RUN),
    "test-rules": ("0 all examples get their status", "1 some do not", "2 a rule file is broken"),
    "fix": ("0 inserted, or nothing to insert", f"{_COULD_NOT_RUN} (the others are still mended)"),
    "new": ("0 written", "2 no such profile, or the file is there already"),
    "coach": ("0 asked, or nothing left to ask", _COULD_NOT_RUN),
    "init": ("0 written, or there already", "1 stopped at a question", "2 a file cannot be written"),
}
COMPLETION = (
    ("bash", '~/.bashrc: eval "$(_MLSD_LINT_COMPLETE=bash_source mlsd-lint)"'),
    ("zsh", '~/.zshrc: eval "$(_MLSD_LINT_COMPLETE=zsh_source mlsd-lint)"'),
    ("fish", "~/.config/fish/completions/mlsd-lint.fish: _MLSD_LINT_COMPLETE=fish_source mlsd-lint | source"),
)


def epilog(command: str) -> str:
    """The last part of a command's help: examples and exit statuses, as click keeps their lines ("" for an unknown command)."""
    if command not in EXAMPLES:
        return ""
    width = max(len(line) for line, _ in EXAMPLES[command])
    examples = [f"  {line:<{width}}  {what}" if width + len(what) < 76 else f"  {line}\n      {what}" for line, what in EXAMPLES[command]]
    statuses = [f"  {status}" for status in STATUSES[command]]
    return "\n".join(["\b", "Examples:", *examples, "", "\b", "Exit status:", *statuses])


def completion_help() -> str:
    """How to turn on completion, for the help of the whole program."""
    return "\n".join(["\b", "Completion of commands, options and rule names; add one line to", *(f"  {line}" for _, line in COMPLETION)])
