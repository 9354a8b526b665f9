"""A rule-based linter for machine-learning design documents."""

__version__ = "0.1.0"
