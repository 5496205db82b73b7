"""Visual comparison of models on one image, after IMDN Fig. 8 and AIDN Fig. 5: the computation and its record.

:func:`compare` gives a :class:`Comparison`; what is drawn and written of it is a matter of reports.
"""

from __future__ import annotations

import contextlib
import datetime
import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from srbench.datasets.dataset import pixel_hash
from srbench.errors import SrbenchError
from srbench.evaluation.apart.processes import close_all
from srbench.evaluation.apart.setting import Apart
from srbench.evaluation.below_bicubic import diagnosed
from srbench.evaluation.compare_crop import Crop, auto_crop, check_crop, default_size
from srbench.evaluation.compare_source import Source
from srbench.evaluation.opening import open_for_cell
from srbench.evaluation.resources import references_of, weights_choices
from srbench.imaging import imresize, rgb_to_y
from srbench.metrics import Protocol, get_protocol
from srbench.metrics.measure import measure_image
from srbench.models.card import ModelCard
from srbench.models.notes import LoadNote
from srbench.models.registry import get_card
from srbench.models.source import source_hash
from srbench.models.words import diagnosis_sentences, note_sentence, weights_sentence, without_weights
from srbench.quantities import DEFAULT_QUALITY, get_quantity, image_quantities
from srbench.results.record import WeightsRef
from srbench.results.store import USUAL_WAY

if TYPE_CHECKING:
    from srbench.models.loading import SRModel
    from srbench.models.notes import Diagnosis
    from srbench.models.weights import ResolvedWeights

Image = NDArray[np.uint8]
SCHEMA = "srbench.compare/1"
BASELINE = "bicubic"


@dataclass(frozen=True)
class Quality:
    """Values by quantity; infinite where nothing measured differs."""

    values: dict[str, float]

    def texts(self) -> tuple[tuple[str, str], ...]:
        """(name of the quantity, value as printed)."""
        return tuple((name, get_quantity(name).text(value)) for name, value in self.values.items())

    def __str__(self) -> str:
        return " / ".join(text for _, text in self.texts())

    def as_json(self) -> dict[str, Any]:
        """For JSON: infinite values are null."""
        infinite = any(map(math.isinf, self.values.values()))
        finite = {name: None if math.isinf(value) else value for name, value in self.values.items()}
        return {**finite, "identical": infinite}


@dataclass(frozen=True)
class Shown:
    """What one model made of the image; without HR (``reference``) there is no ``whole`` and no ``crop`` quality."""

    name: str
    title: str
    paper: str
    year: int
    weights: WeightsRef
    source_sha256: str
    sr: Image
    reference: Image | None = None
    whole: Quality | None = None
    crop: Quality | None = None
    instead: LoadNote | None = None
    notes: tuple[LoadNote, ...] = ()
    below_bicubic: Diagnosis | None = None

    @property
    def substituted(self) -> str:
        """What was used in place of its released weights, in words; '' where nothing was."""
        return "" if self.instead is None else weights_sentence(self.instead, self.title)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What had to be done to open the model, and what would help one that is worse than bicubic, in words."""
        doubts = diagnosis_sentences(self.title, self.below_bicubic) if self.below_bicubic is not None else ()
        return (*map(note_sentence, self.notes), *doubts)

    def error(self) -> NDArray[np.float64]:
        """|Y(SR) - Y(HR)| at every pixel, in grey levels of luma, HxW.

        Raises:
            SrbenchError: there is no HR.
        """
        if self.reference is None:
            raise SrbenchError(f"there is no error map of {self.title} without an HR image; give --image.")
        return np.abs(rgb_to_y(self.sr) - rgb_to_y(self.reference))


@dataclass(frozen=True)
class Request:
    """What to compare. ``crop`` None finds the crop where the models differ most; ``crop_size`` is its side."""

    cards: tuple[ModelCard, ...]
    scale: int = 4
    weights: str = "auto"
    crop: Crop | None = None
    crop_size: int | None = None
    protocol: str = "y-matlab"
    device: str = "cpu"
    command: str = ""
    plugins: tuple[str, ...] = ()
    """Files that are imported first where a model runs in a process of its own."""


@dataclass(frozen=True)
class Comparison:
    """Everything a figure or a page of a comparison shows, and where it comes from.

    ``shown`` begins with bicubic; ``left_out`` and ``failed`` hold one sentence per model without weights, and per
    model that went wrong.
    """

    source: Source
    scale: int
    protocol: Protocol
    crop: Crop
    crop_found_between: tuple[str, ...]
    shown: tuple[Shown, ...]
    left_out: tuple[str, ...]
    failed: tuple[str, ...]
    versions: dict[str, str]
    command: str
    created: str

    @property
    def has_hr(self) -> bool:
        """Whether there is an HR image, and so something to measure against, and error maps."""
        return self.source.hr is not None

    @property
    def overview(self) -> Image:
        """The whole image to mark the crop in: HR, or without it bicubic."""
        return self.shown[0].sr if self.source.hr is None else self.source.hr

    @property
    def enlarged_lr(self) -> Image:
        """LR with every pixel repeated to the size of SR."""
        return self.source.lr.repeat(self.scale, 0).repeat(self.scale, 1)

    @property
    def crop_note(self) -> str:
        """How the crop was chosen, in words."""
        if not self.crop_found_between:
            return "as given"
        titles = self.crop_found_between
        listed = f"{', '.join(titles[:-1])} and {titles[-1]}"
        return f"where {listed} differ most (variance of their luma, summed over the crop)"


def compare(request: Request, source: Source, progress: Callable[[str], None] | None = None) -> Comparison:
    """Run bicubic and every model of ``request`` on the image and score the results, whole and in the crop.

    A model without weights, or one that fails, is left out with a sentence. ``progress`` is told each model's name.

    Raises:
        SrbenchError: unknown protocol, a bad crop, an image too small, or not one model could be shown.
    """
    protocol = get_protocol(request.protocol)
    if request.crop is not None:
        check_crop(request.crop, source.shape, protocol.window_side)
    names = {card.name for card in request.cards}
    cards = request.cards if BASELINE in names else (get_card(BASELINE), *request.cards)
    shown: list[Shown] = []
    left_out: list[str] = []
    failed: list[str] = []
    with contextlib.closing(_outcomes(cards, request, source, progress)) as outcomes:
        for card, outcome in outcomes:
            if isinstance(outcome, SrbenchError):
                failed.append(f"{card.title}: {outcome}")
            else:
                (left_out if isinstance(outcome, str) else shown).append(outcome)  # type: ignore[arg-type]
    if not any(one.name in names for one in shown):
        raise SrbenchError(f"none of the models can be shown: {' '.join([*left_out, *failed])}")
    shown.sort(key=lambda one: one.name != BASELINE)
    crop, between = _choose_crop(request, source, shown, protocol)
    return Comparison(
        source=source,
        scale=request.scale,
        protocol=protocol,
        crop=crop,
        crop_found_between=between,
        shown=tuple(_scored(one, crop, request.scale, protocol) for one in shown),
        left_out=tuple(left_out),
        failed=tuple(failed),
        versions=_versions(),
        command=request.command,
        created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    )


def _outcomes(
    cards: Sequence[ModelCard], request: Request, source: Source, progress: Callable[[str], None] | None
) -> Generator[tuple[ModelCard, Shown | str | SrbenchError], None, None]:
    """Each model's SR, why it has none, or what went wrong; processes of models end with it."""
    try:
        for card in cards:
            if progress is not None:
                progress(card.title)
            try:
                yield card, _run(card, request, source)
            except SrbenchError as error:
                yield card, error
    finally:
        close_all()


def _run(card: ModelCard, request: Request, source: Source) -> Shown | str:
    """The model's SR, or why it has none."""
    from srbench.models.weights import needs_weights, resolve

    choices = weights_choices(request.weights, [one.name for one in request.cards], references_of(request.cards))
    choice = choices.get(f"{card.name}@{request.scale}", choices.get(card.name, "auto"))
    weights = resolve(card, request.scale, choice if needs_weights(card) else "auto")
    if weights.origin == "none":
        subject = f"{card.name} x{request.scale}"
        asked = f"{subject} was asked for without weights"
        why = without_weights(weights.instead, subject) if weights.instead else asked
        return f"{why}, so it is not shown."
    from srbench.evaluation.images import super_resolve

    model = open_for_cell(card, request.scale, weights, (request.device, USUAL_WAY), Apart(plugins=request.plugins))
    sr = super_resolve(model, source.lr, source.name)
    return Shown(
        name=card.name,
        title=card.title,
        paper=card.paper,
        year=card.year,
        weights=_weights_ref(weights),
        source_sha256=source_hash(card),
        sr=sr,
        reference=source.hr,
        instead=weights.instead,
        notes=model.notes,
        below_bicubic=_doubt(model, sr, request, source),
    )


def _doubt(model: SRModel, sr: Image, request: Request, source: Source) -> Diagnosis | None:
    """What other ways of feeding a network would give, if it is worse than bicubic."""
    if source.hr is None or model.card.network is None:
        return None

    first, protocol = get_quantity(DEFAULT_QUALITY[0]), get_protocol(request.protocol)
    ours, bicubic = (
        measure_image(image, source.hr, request.scale, protocol, [first])[first.name]
        for image in (sr, imresize(source.lr, request.scale))
    )
    return diagnosed(model, source.lr, source.hr) if first.better(bicubic, ours) else None


def _weights_ref(weights: ResolvedWeights) -> WeightsRef:
    return WeightsRef(
        name=weights.name,
        origin=weights.origin,
        sha256=weights.sha256,
        url=weights.url,
        licence=weights.licence,
        note=weights.note,
    )


def _choose_crop(
    request: Request, source: Source, shown: Sequence[Shown], protocol: Protocol
) -> tuple[Crop, tuple[str, ...]]:
    """The crop, and the titles of the models between which it was found (none if it was given).

    Bicubic takes part only where there is but one other model: else the crop would show how networks differ from
    it, not from each other.
    """
    if request.crop is not None:
        return request.crop, ()
    own = [one for one in shown if one.name != BASELINE]
    between = own if len(own) > 1 else list(shown)
    if len(between) < 2:
        raise SrbenchError(f"one image of {between[0].title} alone has no crop to find; give --crop X,Y,W,H.")
    side = request.crop_size or default_size(source.shape, request.scale)
    if side < protocol.window_side:
        raise SrbenchError(
            f"a crop of {side}x{side} pixels is too small for the SSIM of {protocol.id}; "
            f"give --crop-size {protocol.window_side} or more, or a larger image."
        )
    margin = max(protocol.border(request.scale), request.scale)
    crop = auto_crop([one.sr for one in between], side, margin, request.scale)
    return crop, tuple(one.title for one in between)


def _scored(one: Shown, crop: Crop, scale: int, protocol: Protocol) -> Shown:
    """With quality under the protocol; of the crop, all its pixels count (nothing is shaved off it)."""
    if one.reference is None:
        return one
    wanted = image_quantities()
    whole = measure_image(one.sr, one.reference, scale, protocol, wanted)
    unshaved = protocol.model_copy(update={"shave": 0})
    sr, hr = (np.ascontiguousarray(crop.of(image)) for image in (one.sr, one.reference))
    return replace(one, whole=Quality(whole), crop=Quality(measure_image(sr, hr, scale, unshaved, wanted)))


def best_of(shown: Sequence[Shown]) -> set[tuple[str, str, str]]:
    """Which figures are the best of theirs as printed, as (model's name, "whole" or "crop", name of the quantity).

    Equal prints share the mark; a single model has none.
    """
    found: set[tuple[str, str, str]] = set()
    for part in ("whole", "crop"):
        scored = [(one.name, quality) for one in shown if (quality := getattr(one, part)) is not None]
        for name in dict.fromkeys(name for _, quality in scored for name in quality.values):
            quantity = get_quantity(name)
            values = [(model, quantity.rounded(quality.values[name])) for model, quality in scored]
            best = [(model, v) for model, v in values if not any(quantity.better(other, v) for _, other in values)]
            if len(values) > 1 and quantity.direction != "none":
                found |= {(model, part, name) for model, _ in best}
    return found


def _versions() -> dict[str, str]:
    from importlib import metadata

    return {name: metadata.version(name) for name in ("srbench", "torch", "numpy")}


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The figures of a comparison with their provenance, ready for JSON."""
    source = comparison.source
    return {
        "schema": SCHEMA,
        "image": {
            "name": source.name,
            "hr_sha256": None if source.hr is None else pixel_hash(source.hr),
            "lr_sha256": pixel_hash(source.lr),
            "lr": source.lr_kind,
            "hr_size": None if source.hr is None else list(source.hr.shape[:2]),
            "lr_size": list(source.lr.shape[:2]),
        },
        "scale": comparison.scale,
        "protocol": comparison.protocol.model_dump(mode="json"),
        "crop": {
            "x": comparison.crop.x,
            "y": comparison.crop.y,
            "width": comparison.crop.width,
            "height": comparison.crop.height,
            "chosen": "auto" if comparison.crop_found_between else "given",
            "found_between": list(comparison.crop_found_between),
        },
        "models": [_model_json(one) for one in comparison.shown],
        "left_out": list(comparison.left_out),
        "failures": list(comparison.failed),
        "versions": comparison.versions,
        "command": comparison.command,
        "created": comparison.created,
    }


def _model_json(one: Shown) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "paper": one.paper,
        "year": one.year,
        "weights": one.weights.model_dump(mode="json"),
        "source_sha256": one.source_sha256,
        "whole": None if one.whole is None else one.whole.as_json(),
        "crop": None if one.crop is None else one.crop.as_json(),
        "sr_sha256": pixel_hash(one.sr),
        "substituted": None if one.instead is None else asdict(one.instead),
        "notes": [asdict(note) for note in one.notes],
        "below_bicubic": None if one.below_bicubic is None else asdict(one.below_bicubic),
    }
