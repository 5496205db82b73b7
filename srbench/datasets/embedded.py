"""The embedded set: natural colour photographs that lie inside scikit-image's own wheel, so nothing is downloaded.

=========  ====================================================================  ==========================
image      what it shows, whose it is                                            terms
=========  ====================================================================  ==========================
astronaut  Eileen Collins; NASA Great Images database                            public domain
chelsea    a cat; Stefan van der Walt                                            CC0
coffee     a cup on a table; Rachel Michetti, courtesy of Pikolo Espresso Bar    CC0
rocket     launch of DSCOVR on a Falcon 9; SpaceX Photos                         public domain
=========  ====================================================================  ==========================

Terms as stated in the documentation of ``skimage.data``. The wheel's other colour images are left out: microscopy
and medicine (ihc, retina), the sky (hubble_deep_field), a drawing, colour charts, and a stereo pair without stated
terms (motorcycle). Each image is cropped at the bottom and right to multiples of 12, so that scales 2, 3 and 4 (and
6 and 12) see the same pixels.
"""

from __future__ import annotations

from importlib import util
from pathlib import Path

from srbench.datasets.dataset import FileReader, ImagePair
from srbench.errors import SrbenchError

FILES: dict[str, str] = {
    "astronaut": "astronaut.png",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "rocket": "rocket.jpg",
}
CROP = 12
ATTRIBUTION = (
    "astronaut: NASA; chelsea: Stefan van der Walt; coffee: Rachel Michetti, courtesy of Pikolo Espresso Bar; "
    "rocket: SpaceX."
)
LICENCE = "public domain (astronaut, rocket) and CC0 (chelsea, coffee)"
NOTE = (
    "4 photographs inside the scikit-image wheel, cropped to multiples of 12; no download; not in the papers' tables."
)


def wheel_folder() -> Path:
    """Folder of the images inside the installed scikit-image; found without importing it.

    Raises:
        SrbenchError: scikit-image is not installed.
    """
    spec = util.find_spec("skimage")
    if spec is None or spec.origin is None:
        raise SrbenchError(
            "the embedded images come with scikit-image, which is not installed; pip install scikit-image."
        )
    return Path(spec.origin).parent / "data"


def missing() -> tuple[str, ...]:
    """Files of the set that the installed wheel lacks; empty when all is well."""
    folder = wheel_folder()
    return tuple(file for file in FILES.values() if not (folder / file).is_file())


def pairs(scale: int) -> tuple[ImagePair, ...]:
    """The embedded images as pairs.

    Raises:
        SrbenchError: the installed scikit-image does not carry them.
    """
    if absent := missing():
        raise SrbenchError(f"the installed scikit-image lacks {', '.join(absent)}; reinstall it from a wheel.")
    folder = wheel_folder()
    return tuple(ImagePair(name, scale, hr=FileReader(folder / file, CROP)) for name, file in FILES.items())
