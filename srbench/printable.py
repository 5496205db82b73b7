"""Text of strangers, such as titles and names of files, made harmless for where it is shown: one way per place.

What acts on a reader or a terminal (control characters, marks that turn the direction of writing, half of a surrogate
pair) is shown as its escape everywhere. Then each format has marks of its own: see the exporters.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from typing import Any

from srbench.errors import SrbenchWarning

_DIRECTION = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_INVISIBLE = "\u00ad\u200b\u2028\u2029\u2060\ufeff"
_PLAIN = re.compile(r"[ -~]*")


def visible(text: str, *, lines: bool = False) -> str:
    r"""``text`` with every character that acts, instead of being seen, as its escape; ends of lines become blanks.

    ``lines`` keeps ends of lines and tabs as they are.

    >>> visible("IMDN\u202etxt.exe"), visible("a\x1b[31mb\nc")
    ('IMDN\\u202etxt.exe', 'a\\x1b[31mb c')
    """
    if _PLAIN.fullmatch(text):
        return text
    return "".join(_shown(char, lines) for char in text)


def warnings_in_one_line() -> None:
    """From now on, say warnings of srbench itself in one line, without the place in the code that they come from."""
    usual = warnings.formatwarning

    def one_line(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> str:
        if issubclass(category, SrbenchWarning):
            return f"warning: {visible(str(message))}\n"
        return usual(message, category, *rest, **more)

    warnings.formatwarning = one_line


def _shown(char: str, lines: bool) -> str:
    if char in "\n\t\r":
        return char if lines else " "
    if char in _DIRECTION or char in _INVISIBLE or unicodedata.category(char) in ("Cc", "Cs"):
        return char.encode("unicode_escape", "surrogatepass").decode("ascii")
    return char


def whole_pairs(text: str) -> str:
    r"""JSON text in which half of a surrogate pair is its escape: UTF-8 has no bytes for it.

    >>> whole_pairs('"a\ud800b"')
    '"a\\ud800b"'
    """
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):x}", text)


def spreadsheet_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: one that begins like it gets an apostrophe before it.

    >>> [spreadsheet_cell(text) for text in ("=1+1", "@SUM(A1)", "-1.5", "-", "-x", "IMDN")]
    ["'=1+1", "'@SUM(A1)", '-1.5', '-', "'-x", 'IMDN']
    """
    shown = visible(text)
    if shown[:1] in ("=", "@", "+") or re.match(r"-[^\d.\s]", shown) or re.match(r"\s+[=@+]", shown):
        return f"'{shown}"
    if re.match(r"-[\d.]", shown) and not re.fullmatch(r"-[\d.,]+([eE][-+]?\d+)?\s*\w*%?", shown):
        return f"'{shown}"
    return shown
