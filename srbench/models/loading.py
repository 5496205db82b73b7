"""``SRModel``: a model as a function from uint8 LR to uint8 SR, and how a card becomes one."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.errors import SrbenchError
from srbench.imaging import imresize, rgb_to_ycbcr, ycbcr_to_rgb
from srbench.models import checkpoints
from srbench.models.advice import common_divisor, output_advice, pass_advice, scale_advice, untracked
from srbench.models.card import ModelCard
from srbench.models.foreign import import_reference
from srbench.models.networks import build
from srbench.models.notes import LoadNote
from srbench.models.reference import parse_reference
from srbench.models.registry import check_scale
from srbench.models.weights import ResolvedWeights, resolve
from srbench.plugins import import_attribute

Image = NDArray[np.uint8]


class WrongOutput(SrbenchError):
    """A network's output has not the size that its scale asks for; ``scale`` is what it has, 0 if that is none."""

    def __init__(self, sentence: str, scale: int) -> None:
        super().__init__(sentence)
        self.scale = scale


class PassFailed(SrbenchError):
    """A network raised on one input, and it is known what would help."""


@dataclass(frozen=True)
class SRModel:
    """A model ready to run: call it with a uint8 LR image (h, w, 3), get the uint8 SR image (scale*h, scale*w, 3).

    ``network`` is the torch module in eval mode (None for interpolations), in ``precision`` on ``device``.
    ``function`` is there for models that are a Python object, a function from (uint8 LR, scale) to uint8 SR. ``notes``
    say what had to be done so that the model could be opened. ``self_ensemble`` says that ``network`` is the mean over
    eight views (:func:`srbench.models.ensemble.with_self_ensemble`).
    """

    card: ModelCard
    scale: int
    network: nn.Module | None
    weights: ResolvedWeights
    device: str = "cpu"
    function: Callable[[Image, int], Image] | None = None
    notes: tuple[LoadNote, ...] = ()
    self_ensemble: bool = False
    precision: str = "fp32"
    backend: str = "eager"
    taken: set[int] = field(default_factory=set, compare=False, repr=False)
    """Common divisors of the sizes that the network ran on, by which advice is checked where it fails on another."""

    def __call__(self, lr: Image) -> Image:
        """Super-resolve one image: input in the card's range, padded to the size it takes, clamped and rounded.

        Raises:
            SrbenchError: not a uint8 HxWx3 image, smaller than the network takes, no weights, or an
                output that is not exactly scale x input.
        """
        _check_image(lr)
        if self.card.interpolation is not None:
            interpolate = self.function or import_reference(
                parse_reference(self.card.interpolation), root=self.card.root, shims=self.card.shims
            )
            return _image(interpolate(lr, self.scale), self.card.name)
        self._check_ready(lr)
        if self.card.order == "bgr" and self.card.colour == "rgb":
            as_declared = replace(self, card=self.card.model_copy(update={"order": "rgb"}))
            return np.ascontiguousarray(as_declared(np.ascontiguousarray(lr[..., ::-1]))[..., ::-1])
        if self.card.colour == "y":
            return self._through_luma(lr)
        enlarged = imresize(lr, self.scale) if self.card.pre_upsampled else lr
        sr = self._run(enlarged.astype(np.float32).transpose(2, 0, 1))
        return np.ascontiguousarray(_rounded(sr).transpose(1, 2, 0))

    def _check_ready(self, lr: Image) -> None:
        if self.weights.origin == "none":
            raise SrbenchError(f"'{self.card.name}' x{self.scale} was loaded without weights; it has a cost but no SR.")
        if min(lr.shape[:2]) < self.card.min_size:
            raise SrbenchError(
                f"'{self.card.name}' takes LR images of at least {self.card.min_size}x{self.card.min_size} pixels, "
                f"got {lr.shape[0]}x{lr.shape[1]}."
            )

    def on_plane(self, plane: NDArray[np.float64]) -> NDArray[np.float64]:
        """A network on one channel: luma (h, w) in [0, 255] to (scale*h, scale*w), neither clipped nor rounded."""
        height, width = plane.shape[0] * self.scale, plane.shape[1] * self.scale
        enlarged = imresize(plane, (height, width)) if self.card.pre_upsampled else plane
        sr: NDArray[np.float64] = self._run(enlarged.astype(np.float32)[None])[0].astype(np.float64)
        return sr

    def _through_luma(self, lr: Image) -> Image:
        """The network on luma, as the papers of Y-only networks evaluate; chroma by bicubic."""
        ycbcr = rgb_to_ycbcr(lr)
        height, width = lr.shape[0] * self.scale, lr.shape[1] * self.scale
        sr = self.on_plane(ycbcr[..., 0])
        chroma = imresize(ycbcr[..., 1:], (height, width))
        return ycbcr_to_rgb(np.dstack([np.clip(sr, 0, 255), chroma]))

    def _run(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """The network on one (channels, h, w) image in [0, 255]; the result likewise, not rounded."""
        x = torch.from_numpy(np.ascontiguousarray(image))[None].to(self.device)
        y = self.forward(x if self.card.input_range == 255 else x / 255)
        out: NDArray[np.float32] = (y if self.card.input_range == 255 else y * 255)[0].cpu().numpy()
        if not np.isfinite(out).all():
            raise SrbenchError(
                f"the network of '{self.card.name}' x{self.scale} returned NaN or infinite values; "
                "check its weights and the input range it declares."
            )
        return out

    def forward(self, x: Tensor) -> Tensor:
        """The network on a batch (N, channels, h, w) in the card's range, padded to its size multiple and cropped.

        Raises:
            SrbenchError: no network, or an output that is not exactly scale x input.
        """
        if self.network is None:
            raise SrbenchError(f"'{self.card.name}' is an interpolation and has no network.")
        factor = 1 if self.card.pre_upsampled else self.scale
        height, width = x.shape[-2:]
        with torch.inference_mode(), _full_precision(self.device), contextlib.redirect_stdout(sys.stderr):
            padded = _pad(x, self.card.size_multiple)
            try:
                y = self.network(padded)
            except SrbenchError:
                raise
            except Exception as error:  # a user's network may raise anything
                advice = pass_advice(self.network, padded, error, self.taken)
                if not advice:
                    raise
                raise PassFailed(f"the network of '{self.card.name}' x{self.scale} {advice}") from error
        self.taken.add(common_divisor(*padded.shape[-2:]))
        expected = (x.shape[0], self.card.channels, padded.shape[-2] * factor, padded.shape[-1] * factor)
        got = tuple(y.shape) if isinstance(y, Tensor) else type(y).__name__
        if got != expected:
            own = _own_scale(got, tuple(padded.shape))
            advice = output_advice(y) or scale_advice(self.network, self.scale, own)
            raise WrongOutput(
                f"the network of '{self.card.name}' x{self.scale} returned {got} for {tuple(padded.shape)}; "
                f"expected {expected} (N, channels, height, width){advice}.",
                own,
            )
        return y[..., : height * factor, : width * factor].float()  # type: ignore[no-any-return]


def load_card(
    card: ModelCard, scale: int = 4, weights: str | Path | ResolvedWeights = "auto", device: str = "cpu"
) -> SRModel:
    """The model of a card, with ``weights`` "auto", "released", "bundled", "none", the path of a file, or resolved.

    Raises:
        SrbenchError: unknown scale, weights that are not there, cannot be had, are unsafe or do not fit, a network
            that cannot be built, or no such device.
    """
    check_scale(card, scale)
    found = weights if isinstance(weights, ResolvedWeights) else resolve(card, scale, weights)
    if card.network is None:
        return SRModel(card, scale, None, found, device)
    network, notes = build(card, scale, device)
    if found.path is not None:
        notes += load_weights(network, card, scale, found)
    elif found.origin not in ("none", "not needed"):
        raise SrbenchError(f"the weights {found.name} were not fetched; run 'srbench fetch {card.name}'.")
    return SRModel(card, scale, to_device(network, device), found, device, notes=notes)


def load_weights(network: nn.Module, card: ModelCard, scale: int, weights: ResolvedWeights) -> tuple[LoadNote, ...]:
    """Load the file of ``weights`` into ``network``; a user's file may have our names or those of a released file."""
    found = checkpoints.read_state(str(weights.path), card.checkpoint_key or weights.key)
    state, notes = found.tensors, found.notes
    label = f"'{weights.path}' for {card.name}"
    maps = [weights.key_map] if weights.key_map else []
    if weights.origin == "user":
        maps += [entry.key_map for entry in card.weights if entry.key_map]
        state, more = _fitting(network, found, maps)
        notes += more
    elif maps:
        state = import_attribute(maps[0])(state)
    notes += _of_hidden_modules(network, f"{label} x{scale}", card.strict)
    return notes + checkpoints.load_into(network, state, label=label, scale=scale, strict=card.strict)


def _fitting(
    network: nn.Module, found: checkpoints.CheckpointState, maps: Sequence[str]
) -> tuple[dict[str, Tensor], tuple[LoadNote, ...]]:
    """The first reading of a user's file that fits ``network``, by our names or by those of a released file.

    Without one, the file as it is.
    """
    taken_off = LoadNote("checkpoint-key", f"keys with '{found.prefix}'", "keys without it")
    before = (taken_off,) if found.prefix else ()
    for part, notes in checkpoints.parts(found.tensors):
        for reference in (None, *dict.fromkeys(maps)):
            renamed = part if reference is None else import_attribute(reference)(part)
            if not checkpoints.mismatch(network, renamed):
                return renamed, (*before, *notes)
    return found.tensors, before


def _of_hidden_modules(network: nn.Module, label: str, strict: bool) -> tuple[LoadNote, ...]:
    """Modules that no file of weights can hold: they would keep the values of their random start."""
    hidden = untracked(network)
    if not hidden:
        return ()
    places, count = tuple(hidden), sum(hidden.values())
    if strict:
        raise SrbenchError(
            f"{label}: {count:,} parameters lie in {', '.join(places)}, a plain list or dictionary, which no "
            "checkpoint holds, so they would stay random; put them into nn.ModuleList, or give --no-strict to run it."
        )
    why = "plain lists and dictionaries are not saved with a network, so these keep their random start"
    return (LoadNote("skipped-weights", "its parameters", f"all but {count:,}", why, places),)


def to_device(network: nn.Module, device: str) -> nn.Module:
    """The network on ``device``, in eval mode."""
    try:
        return network.to(device).eval()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise SrbenchError(f"device '{device}' cannot be used here: {first}") from error


def _own_scale(got: object, given: tuple[int, ...]) -> int:
    """How many times larger the output is than the input; 0 where it is no whole multiple."""
    if not isinstance(got, tuple) or len(got) != 4 or got[:2] != given[:2] or got[2] % given[2] or got[3] % given[3]:
        return 0
    factor = int(got[2] // given[2])
    return factor if factor == got[3] // given[3] else 0


def _check_image(image: Any) -> None:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        got = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise SrbenchError(f"a model takes a uint8 image of shape (height, width, 3), got {got}.")


def _image(found: Any, name: str) -> Image:
    if not isinstance(found, np.ndarray) or found.dtype != np.uint8:
        got = f"{found.dtype} values" if isinstance(found, np.ndarray) else f"a {type(found).__name__}"
        raise SrbenchError(f"'{name}' returned {got}; expected a uint8 image of shape (height, width, 3).")
    return found


def _pad(x: Tensor, multiple: int) -> Tensor:
    """Pad bottom and right to a multiple: mirrored, or the edge repeated where the image is too small to mirror."""
    bottom, right = -x.shape[-2] % multiple, -x.shape[-1] % multiple
    if not bottom and not right:
        return x
    mode = "reflect" if bottom < x.shape[-2] and right < x.shape[-1] else "replicate"
    return F.pad(x, (0, right, 0, bottom), mode=mode)


def _rounded(image: NDArray[np.float32]) -> Image:
    return np.rint(np.clip(image, 0, 255)).astype(np.uint8)


@contextlib.contextmanager
def _full_precision(device: str) -> Iterator[None]:
    """No TF32 on CUDA: fp32 means fp32."""
    if not device.startswith("cuda"):
        yield
        return
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
        yield
