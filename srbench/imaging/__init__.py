"""Images as the field's tables need them: exact reading, luma, cropping and MATLAB's ``imresize``."""

from __future__ import annotations

from srbench.imaging.colour import rgb_to_y, rgb_to_ycbcr, ycbcr_to_rgb
from srbench.imaging.crop import modcrop, shave
from srbench.imaging.imresize import imresize
from srbench.imaging.io import IMAGE_SUFFIXES, read_image, write_image

__all__ = [
    "IMAGE_SUFFIXES",
    "imresize",
    "modcrop",
    "read_image",
    "rgb_to_y",
    "rgb_to_ycbcr",
    "shave",
    "write_image",
    "ycbcr_to_rgb",
]
