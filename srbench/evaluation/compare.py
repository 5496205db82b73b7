"""Visual comparison of models on one image, after IMDN Fig. 8 and AIDN Fig. 5: the computation and its record.

:func:`compare` gives a :class:`Comparison`; what is drawn and written of it is a matter of reports.
"""

from __future__ import annotations

import contextlib
import datetime
import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
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
from srbench.evaluation.image_folders import read_one
from srbench.evaluation.opening import open_for_cell
from srbench.evaluation.records import weights_ref
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

Image = NDArray[np.uint8]
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
    def trained_by_us(self) -> bool:
        """Whether its weights are srbench's own, which stand for no paper's number."""
        return self.weights.origin == "bundled"

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
    crops: tuple[Crop | None, ...] = ()
    """Of several images, one each, in the place of ``crop``."""
    folders: Mapping[str, Path] = field(default_factory=dict)
    """Folders of SR images that were made elsewhere, by the name that the method gets."""
    opened: Mapping[str, SRModel] = field(default_factory=dict)
    """Models that are open already, by the names of their cards."""


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
    return compare_all(request, (source,), progress)[0]


def compare_all(
    request: Request, sources: Sequence[Source], progress: Callable[[str], None] | None = None
) -> tuple[Comparison, ...]:
    """The same on several images; every model is opened once.

    Raises:
        SrbenchError: as :func:`compare`, of any of the images; or another number of crops than images.
    """
    protocol = get_protocol(request.protocol)
    crops = request.crops or (request.crop,) * len(sources)
    if len(crops) != len(sources):
        raise SrbenchError(f"there are {len(crops)} crops for {len(sources)} images; give one for all, or one each.")
    for crop, source in zip(crops, sources, strict=True):
        if crop is not None:
            check_crop(crop, source.shape, protocol.window_side)
    names = {card.name for card in request.cards}
    cards = request.cards if BASELINE in names else (get_card(BASELINE), *request.cards)
    found = [_Found() for _ in sources]
    with contextlib.closing(_outcomes(cards, request, sources, progress)) as outcomes:
        for index, title, outcome in outcomes:
            found[index].add(title, outcome)
    versions = _versions()
    return tuple(
        _comparison(replace(request, crop=crop), source, one, versions)
        for crop, source, one in zip(crops, sources, found, strict=True)
    )


@dataclass
class _Found:
    """What came of the methods on one image."""

    shown: list[Shown] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def add(self, title: str, outcome: Shown | str | SrbenchError) -> None:
        """Keep an SR image, why there is none, or what went wrong."""
        if isinstance(outcome, Shown):
            self.shown.append(outcome)
        elif isinstance(outcome, str):
            self.left_out.append(outcome)
        else:
            self.failed.append(f"{title}: {outcome}")


def _comparison(request: Request, source: Source, found: _Found, versions: dict[str, str]) -> Comparison:
    protocol = get_protocol(request.protocol)
    names = {*(card.name for card in request.cards), *request.folders}
    if not any(one.name in names for one in found.shown):
        raise SrbenchError(f"none of the models can be shown: {' '.join([*found.left_out, *found.failed])}")
    shown = sorted(found.shown, key=lambda one: one.name != BASELINE)
    crop, between = _choose_crop(request, source, shown, protocol)
    return Comparison(
        source=source,
        scale=request.scale,
        protocol=protocol,
        crop=crop,
        crop_found_between=between,
        shown=tuple(_scored(one, crop, request.scale, protocol) for one in shown),
        left_out=tuple(found.left_out),
        failed=tuple(found.failed),
        versions=versions,
        command=request.command,
        created=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    )


_Outcome = tuple[int, str, "Shown | str | SrbenchError"]


def _outcomes(
    cards: Sequence[ModelCard], request: Request, sources: Sequence[Source], progress: Callable[[str], None] | None
) -> Generator[_Outcome, None, None]:
    """(number of the image, method, its SR image, why it has none, or what went wrong); processes end with it."""
    say = progress or (lambda _title: None)
    try:
        for card in cards:
            say(card.title)
            try:
                model = request.opened.get(card.name) or _open(card, request)
            except SrbenchError as error:
                yield from ((index, card.title, error) for index in range(len(sources)))
                continue
            for index, source in enumerate(sources):
                try:
                    yield index, card.title, model if isinstance(model, str) else _run(model, request, source)
                except SrbenchError as error:
                    yield index, card.title, error
        for name, folder in request.folders.items():
            for index, source in enumerate(sources):
                try:
                    yield index, name, _of_folder(name, folder, source)
                except SrbenchError as error:
                    yield index, name, error
    finally:
        close_all()


def _open(card: ModelCard, request: Request) -> SRModel | str:
    """The model with its weights, or why it has none."""
    from srbench.models.weights import needs_weights, resolve

    choices = weights_choices(request.weights, [one.name for one in request.cards], references_of(request.cards))
    choice = choices.get(f"{card.name}@{request.scale}", choices.get(card.name, "auto"))
    weights = resolve(card, request.scale, choice if needs_weights(card) else "auto")
    if weights.origin == "none":
        subject = f"{card.name} x{request.scale}"
        asked = f"{subject} was asked for without weights"
        why = without_weights(weights.instead, subject) if weights.instead else asked
        return f"{why}, so it is not shown."
    return open_for_cell(card, request.scale, weights, (request.device, USUAL_WAY), Apart(plugins=request.plugins))


def _run(model: SRModel, request: Request, source: Source) -> Shown:
    """The model's SR of one image."""
    from srbench.evaluation.images import super_resolve

    card = model.card
    sr = super_resolve(model, source.lr, source.name)
    return Shown(
        name=card.name,
        title=card.title,
        paper=card.paper,
        year=card.year,
        weights=weights_ref(model.weights),
        source_sha256="" if card.name in request.opened else source_hash(card),
        sr=sr,
        reference=source.hr,
        instead=model.weights.instead,
        notes=model.notes,
        below_bicubic=_doubt(model, sr, request, source),
    )


def _of_folder(name: str, folder: Path, source: Source) -> Shown:
    """The SR image of a method that was made elsewhere."""
    sr = read_one(folder, source.title, source.shape, source.scale)
    weights = WeightsRef(name="images", origin="user", note=f"SR images made elsewhere, pixels {pixel_hash(sr)[:16]}")
    return Shown(name=name, title=name, paper="", year=0, weights=weights, source_sha256="", sr=sr, reference=source.hr)


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


def _versions() -> dict[str, str]:
    from importlib import metadata

    return {name: metadata.version(name) for name in ("srbench", "torch", "numpy")}
