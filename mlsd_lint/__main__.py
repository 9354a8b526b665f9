"""Lets ``python -m mlsd_lint`` run the command line."""

from mlsd_lint.cli import main

main()
