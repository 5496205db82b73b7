"""The built-in datasets that are downloaded: what they are, whose they are, and which file is the HR of which scale.

The HR files of the SelfExSR repository under ``image_SRF_s`` are cropped to multiples of s, so that LR made from them
by MATLAB's ``imresize`` gives the values the papers print. Urban100 is the exception: its HR files of ``image_SRF_2``
are half the size of those of ``image_SRF_4``, which are therefore the HR of every scale.
"""

from __future__ import annotations

from dataclasses import dataclass

from srbench.datasets.dataset import ImagePair, LrKind, file_reader
from srbench.datasets.facts import dataset_title
from srbench.datasets.manifest import Entry, load_manifest
from srbench.download import RemoteFile, file_for
from srbench.errors import SrbenchError

_SELFEXSR = "https://raw.githubusercontent.com/jbhuang0604/SelfExSR/8f6dd8c1d20cb7e8792a7177b4f6fd677633f598/data/"
_IMDN = "https://raw.githubusercontent.com/Zheng222/IMDN/8f158e6a5ac9db6e5857d9159fd4a6c4214da574/Test_Datasets/"
_BSDS = (
    "https://raw.githubusercontent.com/BIDS/BSDS500/a04b7c6c3a9f0ace74bf205c72a43d32e1c72722/BSDS500/data/images/train/"
)


@dataclass(frozen=True)
class Collection:
    """A dataset whose files are pinned in ``manifests/<name>.csv``.

    ``hr_scale`` fixes the folder HR is taken from; None takes that of the scale asked for.
    """

    name: str
    title: str
    base_url: str
    licence: str
    attribution: str
    note: str = ""
    hr_scale: int | None = None

    def entries(self) -> tuple[Entry, ...]:
        """Every pinned file."""
        return load_manifest(self.name, self.base_url)

    def hr_entries(self, scale: int) -> tuple[Entry, ...]:
        """The HR files of ``scale``: those cropped to it, or to a divisor of it (the rest is cropped on loading).

        Raises:
            SrbenchError: the scale is not a multiple of any that the files were cropped to.
        """
        have = {entry.scale for entry in self.entries() if entry.kind == "HR"}
        if self.hr_scale is not None:
            chosen = self.hr_scale
        elif fitting := [k for k in have if k == 0 or scale % k == 0]:
            chosen = max(fitting)
        else:
            known = ", ".join(f"x{k}" for k in sorted(have))
            raise SrbenchError(
                f"dataset '{self.name}' has no HR images for scale {scale}; it has {known} and multiples of these."
            )
        return tuple(entry for entry in self.entries() if entry.kind == "HR" and entry.scale == chosen)

    def lr_entries(self, scale: int) -> tuple[Entry, ...]:
        """The given LR files of ``scale``.

        Raises:
            SrbenchError: there are none.
        """
        found = tuple(entry for entry in self.entries() if entry.kind == "LR" and entry.scale == scale)
        if not found:
            have = self.lr_scales()
            given = ", ".join(f"x{s}" for s in have) if have else "none at all"
            raise SrbenchError(
                f"dataset '{self.name}' has no LR files for scale {scale} (given: {given}); use --lr imresize."
            )
        return found

    def lr_scales(self) -> tuple[int, ...]:
        """The scales that have LR files of their own."""
        return tuple(sorted({entry.scale for entry in self.entries() if entry.kind == "LR"}))

    def scales(self) -> tuple[int, ...]:
        """The usual scales of this dataset: those that it has files for, else 2, 3 and 4."""
        if self.hr_scale is not None:
            return (2, 3, 4)
        return tuple(sorted({entry.scale for entry in self.entries() if entry.scale})) or (2, 3, 4)

    def files(self, scale: int, lr: LrKind = "imresize") -> tuple[RemoteFile, ...]:
        """What has to be downloaded for ``scale``."""
        given = self.lr_entries(scale) if lr == "files" else ()
        return tuple(entry.file for entry in (*self.hr_entries(scale), *given))

    def pairs(self, scale: int, lr: LrKind) -> tuple[ImagePair, ...]:
        """The images in the cache as pairs; they are read on use."""
        given = {entry.name: file_for(entry.file.url) for entry in self.lr_entries(scale)} if lr == "files" else {}
        return tuple(
            ImagePair(
                name=entry.name,
                scale=scale,
                hr=file_reader(file_for(entry.file.url)),
                lr=file_reader(given[entry.name]) if entry.name in given else None,
            )
            for entry in self.hr_entries(scale)
        )


_SELFEXSR_LICENCE = "unstated (research use; each image belongs to its author)"
_CUSTOMARY = "As collected for SelfExSR (Huang et al., CVPR 2015)."

COLLECTIONS: tuple[Collection, ...] = (
    Collection(
        "set5", dataset_title("set5"), _SELFEXSR, _SELFEXSR_LICENCE,
        f"Bevilacqua et al., BMVC 2012. {_CUSTOMARY}",
        "5 images, cropped to multiples of the scale.",
    ),
    Collection(
        "set14", dataset_title("set14"), _SELFEXSR, _SELFEXSR_LICENCE,
        f"Zeyde et al., Curves and Surfaces 2010. {_CUSTOMARY}",
        "14 images, cropped to multiples of the scale; the grey ones (bridge, man) as three equal channels.",
    ),
    Collection(
        "bsd100", dataset_title("bsd100"), _SELFEXSR, _SELFEXSR_LICENCE,
        f"Martin et al., ICCV 2001 (B100). {_CUSTOMARY}",
        "100 images, cropped to multiples of the scale.",
    ),
    Collection(
        "urban100", dataset_title("urban100"), _SELFEXSR, _SELFEXSR_LICENCE,
        "Huang et al., CVPR 2015 (SelfExSR).",
        "100 images; HR of image_SRF_4 at every scale, since those of image_SRF_2 are half the size.",
        hr_scale=4,
    ),
    Collection(
        "set5-imdn", "Set5 (IMDN's files)", _IMDN, _SELFEXSR_LICENCE,
        "Bevilacqua et al., BMVC 2012. As carried by the IMDN repository (Hui et al., ACM MM 2019).",
        "5 uncropped images, with LR files made by MATLAB R2017a.",
    ),
    Collection(
        "bsds500-train", "BSDS500 train", _BSDS, "non-commercial research and education (Berkeley's terms)",
        "Arbelaez et al., TPAMI 2011; mirrored by the BIDS/BSDS500 repository.",
        "200 training images (JPEG), HR only; not for the papers' tables.",
    ),
)  # fmt: skip
"""In the order they are listed."""
