"""LPIPS and DISTS through torchmetrics (srbench[perceptual]): networks that judge images, with weights pinned by hash.

Nothing is downloaded here. torchmetrics brings the heads; the features under them are torchvision's, a file that must
lie in torch's own cache. Both are hashed before they are used.
"""

from __future__ import annotations

import importlib
import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from srbench.download import hash_file
from srbench.errors import SrbenchError
from srbench.imaging import shave
from srbench.quantities.perceptual import DISTS, LPIPS_ALEX, LPIPS_VGG, PerceptualProtocol, WeightsFile

_HEADS = {"lpips-alex": "lpips_models", "lpips-vgg": "lpips_models", "dists": "dists_models"}


def lpips_alex(sr: npt.NDArray[Any], hr: npt.NDArray[Any], scale: int, _protocol: object) -> float:
    """LPIPS with AlexNet of two uint8 images HxWx3 or HxW; 0 is equal, larger is worse."""
    return distance(sr, hr, scale, LPIPS_ALEX)


def lpips_vgg(sr: npt.NDArray[Any], hr: npt.NDArray[Any], scale: int, _protocol: object) -> float:
    """LPIPS with VGG16 of two uint8 images HxWx3 or HxW; 0 is equal, larger is worse."""
    return distance(sr, hr, scale, LPIPS_VGG)


def dists(sr: npt.NDArray[Any], hr: npt.NDArray[Any], scale: int, _protocol: object) -> float:
    """DISTS of two uint8 images HxWx3 or HxW; 0 is equal, larger is worse."""
    return distance(sr, hr, scale, DISTS)


@torch.no_grad()
def distance(sr: npt.NDArray[Any], hr: npt.NDArray[Any], scale: int, settings: PerceptualProtocol) -> float:
    """What the network of ``settings`` says of two uint8 images, in its own range, crop and order.

    Raises:
        SrbenchError: torchmetrics or torchvision cannot be had, or a file of weights is not there or is another one.
    """
    metric = _metric(settings)
    images = {"sr": sr, "hr": hr}
    given = [_tensor(shave(images[name], settings.border(scale)), settings.value_range) for name in settings.order]
    value = float(metric(*given))
    metric.reset()
    return value


def _tensor(image: npt.NDArray[Any], value_range: tuple[float, float]) -> Tensor:
    """A uint8 image as (1, 3, h, w) in ``value_range``."""
    rgb = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image
    low, high = value_range
    return torch.from_numpy(rgb.astype(np.float32)).permute(2, 0, 1)[None] / 255 * (high - low) + low


@lru_cache(maxsize=4)
def _metric(settings: PerceptualProtocol) -> Any:
    """The metric of torchmetrics, its files checked first."""
    features, heads = settings.weights
    package = _package(settings)
    checked(package / _HEADS[settings.name] / heads.name, heads, settings)
    checked(Path(torch.hub.get_dir()) / "checkpoints" / features.name, features, settings)
    image = importlib.import_module("torchmetrics.image")
    if settings.name == "dists":
        return image.dists.DeepImageStructureAndTextureSimilarity()
    return image.LearnedPerceptualImagePatchSimilarity(net_type=settings.name.removeprefix("lpips-"))


def _package(settings: PerceptualProtocol) -> Path:
    """Folder of torchmetrics' image functions.

    Raises:
        SrbenchError: torchmetrics or torchvision is not installed, or cannot be imported.
    """
    advice = "pip install 'srbench[perceptual]'"
    for name in ("torchvision", "torchmetrics"):
        if importlib.util.find_spec(name) is None:
            raise SrbenchError(f"{settings.title} ({settings.id}) needs {name}, which is not installed; {advice}.")
        try:
            importlib.import_module(name)
        except Exception as error:  # torchvision raises RuntimeError where it was built for another torch
            first = next(iter(str(error).strip().splitlines()), type(error).__name__)
            raise SrbenchError(
                f"{settings.title} ({settings.id}) needs {name}, which is installed but cannot be imported ({first}); "
                "install the build of it that belongs to the installed torch."
            ) from error
    return Path(str(importlib.import_module("torchmetrics.functional.image").__file__)).parent


def checked(path: Path, file: WeightsFile, settings: PerceptualProtocol) -> Path:
    """``path``, if it holds the bytes that ``file`` names.

    Raises:
        SrbenchError: it is not there, or holds others.
    """
    if not path.is_file():
        raise SrbenchError(
            f"{settings.title} ({settings.id}) rests on {file.name}, which is not there; put {file.source} at {path}."
        )
    found = hash_file(path)
    if not found.startswith(file.sha256):
        raise SrbenchError(
            f"'{path}' is not the {file.name} that {settings.id} means: its SHA-256 is {found[:12]}..., expected "
            f"{file.sha256[:12]}...; another file is another measure."
        )
    return path
