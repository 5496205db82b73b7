"""How wide a text is in a browser's sans-serif font, guessed on the safe side (the font is the reader's)."""

from __future__ import annotations

_NARROW = set("iljI.,:;'|!()[]ft/ -")
_WIDE = set("mwMW@%")
_SAFETY = 1.1


def text_width(text: str, size: float) -> float:
    """Width in pixels of ``text`` at font size ``size`` in pixels, an upper estimate for common fonts.

    >>> text_width("IMDN", 10) > text_width("imdn", 10) > text_width("ill", 10)
    True
    """
    return _SAFETY * size * sum(_em(char) for char in text)


def _em(char: str) -> float:
    if char in _NARROW:
        return 0.36
    if char in _WIDE:
        return 0.92
    if char.isupper():
        return 0.70
    return 0.585 if char.isascii() else 0.75
