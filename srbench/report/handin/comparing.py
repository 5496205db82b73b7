"""``srbench.compare``: images through several methods, as figure and figures, in Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srbench.errors import SrbenchError
from srbench.evaluation.compare import BASELINE, Comparison, Request, compare_all
from srbench.evaluation.compare_crop import Crop, parse_crop
from srbench.evaluation.compare_source import Source, open_source
from srbench.report import visual_figure

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from srbench.models import SRModel

Crops = str | tuple[int, int, int, int] | Sequence[tuple[int, int, int, int]]


@dataclass(frozen=True, repr=False)
class Compared:
    """Images by methods: ``comparisons`` holds one entry per image; shown in notebooks as the figure of a paper."""

    comparisons: tuple[Comparison, ...]
    width: float = visual_figure.WIDTH

    def __repr__(self) -> str:
        first = self.comparisons[0]
        names = ", ".join(one.source.name for one in self.comparisons[:3])
        more = f" and {len(self.comparisons) - 3} more" if len(self.comparisons) > 3 else ""
        return f"<Comparison of {len(first.shown)} methods on {names}{more}, x{first.scale}>"

    def _repr_html_(self) -> str:
        from srbench.report.figures import svg

        notes = "".join(f"<p>{escape(text)}</p>" for text in self.notes)
        return f"{svg(self.figure)}{notes}"

    @property
    def figure(self) -> Figure:
        """Matplotlib's figure."""
        return visual_figure.draw_all(self.comparisons, self.width)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was used instead, left out, or went wrong, one sentence each."""
        return tuple(dict.fromkeys(_notes(self.comparisons)))

    @property
    def scores(self) -> pd.DataFrame:
        """One row per image and method: image, method, weights, the quantities of the whole image and of the crop."""
        import pandas as pd

        frame: pd.DataFrame = pd.DataFrame(
            {"image": each.source.name, "method": one.title, "weights": one.weights.name,
             **(one.whole.values if one.whole else {}),
             **{f"{name}_of_crop": value for name, value in (one.crop.values if one.crop else {}).items()}}
            for each in self.comparisons for one in each.shown
        )  # fmt: skip
        return frame

    def save(self, file: str | Path) -> Path:
        """Write the figure, by its ending as PDF, SVG or PNG; returns the path.

        Raises:
            SrbenchError: another ending, or the file cannot be written.
        """
        path = Path(file)
        if path.suffix.lstrip(".") not in visual_figure.FORMATS:
            raise SrbenchError(f"figures are written as {', '.join(visual_figure.FORMATS)}, not as '{path.name}'.")
        return visual_figure.save(self.figure, path)


def compare(
    models: Any,
    images: Any,
    scale: int = 4,
    crop: Crops = "auto",
    width: float = visual_figure.WIDTH,
    **how: Any,
) -> Compared:
    """The same crop of images from every method, beside HR and bicubic, with what is measured under each.

    Args:
        models: one or several of what :func:`srbench.open_model` takes: names, ``torch.nn.Module``, functions; or a
            mapping from the name that is shown to any of these, or to a ``pathlib.Path`` of a folder of SR images.
        images: one or several of FILE, DATASET/NAME (``set5/butterfly``), or uint8 HR arrays (H, W, 3).
        scale: factor between LR and HR; LR is made of HR by MATLAB's resize.
        crop: "auto" (where the models differ most), (x, y, width, height) in HR pixels, or one of these per image.
        width: of the figure in inches; 3.3 is a column of a paper.
        how: ``weights`` and ``device`` as :func:`srbench.open_model` takes them, ``protocol`` (``srbench list
            protocols``), ``crop_size`` (side of the auto crop).

    Returns:
        The figure (``.figure``, ``.save("crops.pdf")``) and the values (``.scores``, a DataFrame).

    Raises:
        SrbenchError: an unknown name, a bad crop, or not one method could be shown.

    >>> from srbench.imaging import imresize
    >>> made = compare({"smooth": imresize}, "embedded/astronaut", 4, crop=(96, 40, 64, 64))
    >>> made, list(made.scores.columns[:3])
    (<Comparison of 2 methods on embedded/astronaut, x4>, ['image', 'method', 'weights'])
    """
    known = {"weights", "device", "protocol", "crop_size"}
    if set(how) - known:
        raise SrbenchError(f"compare takes no '{min(set(how) - known)}'; further arguments are {', '.join(known)}.")
    sources = [_source(image, scale, number) for number, image in enumerate(_several(images), start=1)]
    crops = _crops(crop, len(sources))
    opened, folders = _methods(models, scale, how)
    request = Request(
        cards=tuple(model.card for model in opened.values()), scale=scale, crops=crops, folders=folders, opened=opened,
        crop_size=how.get("crop_size"), protocol=how.get("protocol", "y-matlab"),
    )  # fmt: skip
    return Compared(compare_all(request, sources), width)


def _several(given: Any) -> list[Any]:
    return list(given) if isinstance(given, (list, tuple)) else [given]


def _source(image: Any, scale: int, number: int) -> Source:
    import numpy as np

    from srbench.imaging import imresize, modcrop

    if isinstance(image, (str, Path)):
        return open_source(str(image), None, scale)
    if not (isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3):
        raise SrbenchError("an image is FILE, DATASET/NAME or a uint8 array of HxWx3; give one of these.")
    hr = np.ascontiguousarray(modcrop(image, scale))
    lr = imresize(hr, (hr.shape[0] // scale, hr.shape[1] // scale))
    return Source(f"image {number}", scale, lr, hr, "imresize of HR")


def _crops(crop: Any, images: int) -> tuple[Crop | None, ...]:
    """One per image."""
    given = list(crop) if not isinstance(crop, str) and crop and not isinstance(crop[0], int) else [crop] * images
    return tuple(parse_crop(one) if isinstance(one, str) else parse_crop(",".join(map(str, one))) for one in given)


def _methods(models: Any, scale: int, how: Mapping[str, Any]) -> tuple[dict[str, SRModel], dict[str, Path]]:
    """Open models, and folders of images, by the names that they are shown under."""
    opened: dict[str, SRModel] = {}
    folders: dict[str, Path] = {}
    for name, model in _named(models):
        if name and isinstance(model, Path) and model.is_dir():
            folders[name] = model
            continue
        found = _open(model, scale, how)
        if name:
            slug = "".join(char if char.isalnum() else "-" for char in name.lower())
            found = replace(found, card=found.card.model_copy(update={"name": slug, "title": name}))
        if found.card.name in opened or found.card.name in folders:
            raise SrbenchError(f"two methods are called '{found.card.name}'; give a mapping from names to models.")
        opened[found.card.name] = found
    if BASELINE not in opened:
        return opened, folders
    return {BASELINE: opened.pop(BASELINE), **opened}, folders


def _named(models: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(models, Mapping):
        yield from models.items()
    else:
        yield from (("", model) for model in _several(models))


def _open(model: Any, scale: int, how: Mapping[str, Any]) -> SRModel:
    from srbench.models import SRModel, open_model

    if isinstance(model, SRModel):
        return model
    return open_model(model, scale, how.get("weights", "auto"), how.get("device", "cpu"))


def _notes(comparisons: Sequence[Comparison]) -> Iterator[str]:
    for each in comparisons:
        yield from (one.substituted for one in each.shown if one.substituted)
        yield from each.left_out
        yield from each.failed
