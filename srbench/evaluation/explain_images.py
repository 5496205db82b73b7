"""How the images behind a reported number were made: one model on every known crop of HR and kind of LR."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from srbench.evaluation.cells import LrKind
from srbench.evaluation.images import super_resolve
from srbench.metrics.conventions import Convention, ConventionRow, Pair, row_of_scores, score_conventions
from srbench.metrics.protocols import get_protocol, score

if TYPE_CHECKING:
    from srbench.datasets import ImagePair
    from srbench.models import SRModel

USUAL_CROP = 12
"""HR cropped to multiples of 12 serves x2, x3 and x4 alike; some test code does so at every scale."""

PLANE = "y-matlab-plane@1"


@dataclass(frozen=True)
class ImageKind:
    """One way to make the images of a dataset: its name with the crop, the kind of LR, and both in words."""

    dataset: str
    lr: LrKind
    title: str


def image_kinds(dataset: str, scale: int) -> tuple[ImageKind, ...]:
    """The ways to make the images of ``dataset`` at ``scale``, the usual one first.

    >>> [kind.dataset + " " + kind.lr for kind in image_kinds("set5", 4)][:3]
    ['set5 imresize', 'set5 double', 'set5@mod12 imresize']
    """
    rounding: tuple[tuple[LrKind, str], ...] = (
        ("imresize", "LR rounded after each pass"),
        ("double", "LR rounded once"),
    )
    crops = [(dataset, "HR cropped to the scale")]
    if USUAL_CROP % scale == 0 and "@" not in dataset:
        crops.append((f"{dataset}@mod{USUAL_CROP}", f"HR cropped to {USUAL_CROP}"))
    return tuple(ImageKind(name, lr, f"{crop}, {how}") for name, crop in crops for lr, how in rounding)


@dataclass(frozen=True)
class Way:
    """A way to get SR of a model besides its own: what stands behind the keys of its rows, and what it is in words."""

    key: str
    title: str
    model: SRModel


def other_ways(model: SRModel) -> tuple[Way, ...]:
    """What a number of that model may have been instead: its self-ensemble, or the bicubic of another library."""
    if model.network is not None:
        from srbench.models.ensemble import with_self_ensemble

        title = "self-ensemble (the mean over eight flips and turns)"
        return () if model.self_ensemble else (Way("self-ensemble", title, with_self_ensemble(model)),)
    if model.card.name != "bicubic":
        return ()
    from srbench.models import open_model

    return (Way("pytorch", "PyTorch's bicubic", open_model("bicubic-torch", model.scale)),)


def score_image_kinds(
    model: SRModel, dataset: str, image_done: Callable[[], object] | None = None, way: Way | None = None
) -> tuple[ConventionRow, ...]:
    """``model`` on every kind of images of ``dataset``, each scored under every convention of PSNR and SSIM.

    The key and the title of a row's convention name the kind of images too, and the ``way`` where it is not the
    model's own.

    Raises:
        SrbenchError: an unknown dataset, or a model that fails.
    """
    from srbench.datasets import open_dataset

    behind, before = (f" {way.key}", f"{way.title}; ") if way is not None else ("", "")
    rows: list[ConventionRow] = []
    for kind in image_kinds(dataset, model.scale):
        images = open_dataset(kind.dataset, model.scale, lr=kind.lr).images

        pairs = (partial(_pair, model, image) for image in images)
        for row in score_conventions(pairs, model.scale, image_done):
            named = replace(
                row.convention,
                key=f"{row.convention.key} {kind.dataset} {kind.lr}{behind}",
                title=f"{before}{kind.title}; {row.convention.title}",
            )
            rows.append(replace(row, convention=named))
    return tuple(rows)


def score_planes(model: SRModel, dataset: str) -> tuple[ConventionRow, ...]:
    """What older MATLAB programs print of bicubic and of networks on luma: only the luma is super-resolved.

    Nothing is rounded between HR and SR; no rows for models that take colour.

    Raises:
        SrbenchError: an unknown dataset, or a model that fails.
    """
    from srbench.datasets import open_dataset
    from srbench.evaluation.plane import plane_of, takes_plane

    if not takes_plane(model.card):
        return ()
    protocol = get_protocol(PLANE)
    rows = []
    crops = {kind.dataset: kind.title.partition(",")[0] for kind in image_kinds(dataset, model.scale)}
    for name, crop in crops.items():
        images = open_dataset(name, model.scale).images
        found = [score(*plane_of(model, image), model.scale, protocol) for image in images]
        convention = Convention(f"{PLANE} {name}", f"{crop}; {protocol.title}", protocol)
        rows.append(row_of_scores(convention, found))
    return tuple(rows)


def _pair(model: SRModel, image: ImagePair) -> Pair:
    """SR and HR; HR is HxW where its file has a single channel."""
    lr, hr = image.load()
    stored = image.load_stored()
    return super_resolve(model, lr, image.name), stored if stored.ndim == 2 else hr
