"""``srbench.evaluate``: one model on one dataset, one row per image, nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srbench.errors import SrbenchError
from srbench.evaluation.score import score_dataset
from srbench.metrics.protocols import get_protocol
from srbench.quantities import DEFAULT_QUALITY, image_quantities

if TYPE_CHECKING:
    import pandas as pd

    from srbench.datasets.dataset import Dataset
    from srbench.models.loading import SRModel


def evaluate(
    model: Any,
    dataset: str | Path | Dataset,
    scale: int = 4,
    weights: str | Path = "auto",
    protocol: str = "y-matlab",
    quantities: Sequence[str] = DEFAULT_QUALITY,
) -> pd.DataFrame:
    """What is measured on every image of a dataset.

    What is not among the arguments is said where it belongs: the device, constructor arguments and the range of a
    network's input by :func:`srbench.open_model`, the first images only and how LR is made by
    :func:`srbench.open_dataset`. Both results are taken in the place of names.

    Args:
        model: a name (``srbench list models``), ``net.py:Net``, a ``torch.nn.Module`` or a function, as
            :func:`srbench.open_model` takes it; or what that gave, whose scale, weights and device then hold, also
            within :func:`srbench.models.ensemble.with_self_ensemble`.
        dataset: a name, a folder of HR images, or what :func:`srbench.open_dataset` gave, which also knows LR files
            and takes the first images only.
        scale: factor between LR and HR.
        weights: 'auto', 'released', 'bundled' or a file; see :func:`srbench.open_model`.
        protocol: name or id of the measure, for example 'y-matlab' (the papers').
        quantities: what to measure on images (``srbench list quantities``); one column each, in its unit.

    Returns:
        One row per image: ``image``, the quantities (infinite PSNR: identical images), ``lr_height``, ``lr_width``.
        ``attrs`` holds ``model``, ``weights`` (name, origin, sha256), ``dataset`` (name, lr, sha256), ``scale``,
        ``self_ensemble`` and ``protocol`` with all its parameters. The papers' figure is the mean of a column.

    Raises:
        SrbenchError: unknown names, missing files, no weights, or a model that fails.

    Examples:
        >>> from srbench import open_dataset
        >>> frame = evaluate("bicubic", open_dataset("embedded", 4, limit=1))
        >>> list(frame.columns[:3]), len(frame), frame.attrs["protocol"]["id"]
        (['image', 'psnr', 'ssim'], 1, 'y-matlab@1')
        >>> from srbench import open_model
        >>> images = open_dataset("embedded", 2, lr="double", limit=2)
        >>> frame = evaluate(open_model("bicubic", 2, device="cpu"), images, quantities=["ssim"])
        >>> list(frame.columns[:2]), len(frame), frame.attrs["scale"], frame.attrs["dataset"]["lr"]
        (['image', 'ssim'], 2, 2, 'double')
    """
    import pandas as pd

    from srbench.datasets import Dataset, open_dataset
    from srbench.models import SRModel, open_model

    measure = get_protocol(protocol)
    loaded = model if isinstance(model, SRModel) else open_model(model, scale, weights)
    if loaded.weights.origin == "none":
        raise SrbenchError(
            f"there are no weights for {loaded.card.name} x{loaded.scale}, and random ones are never scored; "
            "give weights='FILE', or fetch them."
        )
    data = dataset if isinstance(dataset, Dataset) else open_dataset(dataset, loaded.scale)
    _check_scale(loaded, data)
    wanted = [quantity for quantity in image_quantities(quantities) if quantity.needs != "set"]
    scores = score_dataset(loaded, data, [measure], quantities=wanted)
    names = [quantity.name for quantity in wanted]
    frame: pd.DataFrame = pd.DataFrame(
        {"image": r.image, **{n: r.value(n) for n in names}, "lr_height": r.lr_size[0], "lr_width": r.lr_size[1]}
        for r in scores.rows(measure)
    )
    frame.attrs = {
        "model": loaded.card.name,
        "weights": {key: getattr(loaded.weights, key) for key in ("name", "origin", "sha256")},
        "dataset": {"name": data.name, "lr": data.lr, "sha256": scores.data_sha256},
        "scale": loaded.scale,
        "self_ensemble": loaded.self_ensemble,
        "protocol": measure.model_dump(mode="json"),
    }
    return frame


def _check_scale(model: SRModel, dataset: Dataset) -> None:
    if dataset.scale != model.scale:
        raise SrbenchError(
            f"{model.card.name} is loaded for x{model.scale}, but the dataset is open at x{dataset.scale}."
        )
