"""Paths of documents as forges want them: relative to the root of the checkout, and as URIs."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import quote

from mlsd_lint.reporters.options import Options

_ABSOLUTE = re.compile(r"/|[A-Za-z]:/")


def from_root(path: str, options: Options) -> str:
    """A document's path relative to ``options.root``, without "./"; a path that does not lie below it is only tidied."""
    whole = path if _ABSOLUTE.match(path) else posixpath.join(options.here, path)
    whole = posixpath.normpath(whole)
    root = options.root.rstrip("/") + "/"
    return whole[len(root) :] if options.root and whole.startswith(root) else posixpath.normpath(path)


def to_uri(path: str) -> str:
    """A path as URI reference: %-encoded, and with a scheme where it is absolute."""
    if not _ABSOLUTE.match(path):
        return _encoded(path)
    return f"file://{_encoded(path)}" if path.startswith("/") else f"file:///{path[:2]}{_encoded(path[2:])}"


def _encoded(path: str) -> str:
    return quote(path, safe="/", errors="surrogateescape")
