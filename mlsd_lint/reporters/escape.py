"""Text of a document made harmless in XML and in Markdown that a forge renders."""

from __future__ import annotations

import re

from mlsd_lint.reporters.layout import clean

# what XML 1.0 allows no way of writing
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = re.compile(r"[\\`*_\[\]<>&|~$#]")
# An invisible character that keeps forges from making links of what they look for after Markdown is done:
# @user, #12, !12, %3, ~label, &4, $5, ^6, scheme://, :emoji:, www., GH-12, and the name of a commit, which has 7 digits or more.
_JOINER = "\u2060"
_REFERENCE = re.compile(r"(?<=[@#!%~&$^])(?=\S)|(?<=:)(?=//|[a-z+_-])|(?<=\bwww)(?=\.)|(?<=\bgh-)(?=\d)", re.IGNORECASE)
_COMMIT = re.compile(r"\b(?=\d*[a-f])[0-9a-f]{7,}\b", re.IGNORECASE)
_SHORTER_THAN_A_COMMIT = re.compile(r".{1,6}")


def xml(text: str) -> str:
    """Text without the characters that XML 1.0 forbids; the writer of the XML escapes the others."""
    return _NOT_XML.sub("", text)


def markdown(text: str) -> str:
    """Text as one line of GitHub or GitLab Markdown that shows just this text: no markup, cells, HTML, links or mentions.

    It must not begin a line, where "1." or "-" would start a list.
    """
    text = _REFERENCE.sub(_JOINER, clean(text))
    text = _COMMIT.sub(lambda name: _JOINER.join(_SHORTER_THAN_A_COMMIT.findall(name.group())), text)
    return _MARKUP.sub(r"\\\g<0>", text)
