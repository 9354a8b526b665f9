"""One module per output format; each has a pure function ``render(Report, Options) -> str``."""
