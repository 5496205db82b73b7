"""Sizes of LR images as users write them; plain text, no torch."""

from __future__ import annotations

import re

from srbench.errors import SrbenchError

HR_SIZES = {"720p": (720, 1280), "1080p": (1080, 1920), "2k": (1080, 2048), "4k": (2160, 3840), "8k": (4320, 7680)}
LARGEST_EDGE = 65_536
"""Largest height and width of an LR image that anything is counted at."""


def parse_size(text: str, scale: int) -> tuple[int, int]:
    """LR (height, width) of ``256x256`` (LR height x width) or of a named HR size divided by ``scale``.

    >>> parse_size("256x256", 4), parse_size("720p", 4), parse_size("720p", 3)
    ((256, 256), (180, 320), (240, 427))

    Raises:
        SrbenchError: neither of the two, or too large.
    """
    named = HR_SIZES.get(text.lower())
    if named is not None:
        return round(named[0] / scale), round(named[1] / scale)
    match = re.fullmatch(r"([1-9]\d*)[xX]([1-9]\d*)", text.strip())
    if match is None:
        raise SrbenchError(
            f"'{text}' is not a size; expected HxW of the LR image, such as 256x256, "
            f"or the name of an HR size: {', '.join(HR_SIZES)}."
        )
    if max(map(len, match.groups())) > len(str(LARGEST_EDGE)) or max(map(int, match.groups())) > LARGEST_EDGE:
        raise SrbenchError(f"'{text}' is too large a size; expected at most {LARGEST_EDGE} pixels per edge.")
    return int(match.group(1)), int(match.group(2))
