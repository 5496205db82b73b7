"""Records of quality: what is known of a cell before its images are measured, and the record when they are."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from srbench.evaluation.cells import Cell
from srbench.evaluation.gathered import Measured, Scores
from srbench.models.card import ModelCard
from srbench.results.record import Computed, DatasetRef, ModelRef, QualityRecord, WeightsRef
from srbench.results.reduction import values_over

if TYPE_CHECKING:
    from srbench.models.loading import SRModel
    from srbench.models.notes import Diagnosis
    from srbench.models.weights import ResolvedWeights

LATER = ("images", "values", "missing", "notes", "machine", "command", "created")
"""Fields of a record that its images bring, or that do not matter for them."""
_LEFT_OUT: Any = {**dict.fromkeys(LATER, True), "computed": {"format_trial"}}


def now() -> str:
    """UTC, ISO 8601."""
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def outline(cell: Cell, model: SRModel, computed: Computed) -> QualityRecord:
    """The record of a cell without what its images bring: :data:`LATER` and the hash of the data are empty."""
    from srbench.results import environment

    dataset = cell.dataset
    return QualityRecord(
        model=model_ref(cell.card, cell.source_sha256),
        weights=weights_ref(cell.weights),
        scale=cell.scale,
        dataset=DatasetRef(name=dataset.name, lr=dataset.lr, images=len(dataset.images), sha256="", limit=cell.limit),
        protocol=cell.protocol.model_dump(mode="json"),
        self_ensemble=cell.way.self_ensemble,
        images=(),
        values={},
        substitutions=(*cell.substitutions, *model.notes),
        computed=computed,
        precision=cell.way.precision,
        device=cell.way.device,
        backend=cell.way.backend,
        machine="",
        versions=environment.versions(),
        command="",
        created="",
    )


def filled(
    known: QualityRecord, scores: Scores, *, machine: str, command: str, notes: Sequence[Diagnosis] = ()
) -> QualityRecord:
    """The record out of its outline and the scores of all its images."""
    measured: Measured = scores.by_protocol[known.protocol_id]
    computed = known.computed
    if computed is not None and scores.tiles is not None:
        computed = computed.model_copy(update={"tiles": scores.tiles})
    if computed is not None and len(scores.machines) > 1:
        computed = computed.model_copy(update={"machines": scores.machines})
    return known.model_copy(
        update={
            "dataset": known.dataset.model_copy(update={"sha256": scores.data_sha256}),
            "images": measured.rows,
            "values": {**values_over(measured.rows), **measured.of_set},
            "missing": measured.missing,
            "notes": tuple(notes),
            "computed": computed,
            "machine": machine,
            "command": command,
            "created": now(),
        }
    )


def header_of(outlines: Sequence[QualityRecord], names: Sequence[str], quantities: Sequence[str]) -> dict[str, Any]:
    """What a journal's rows depend on: the outlines of the records that they go into, and what is measured.

    ``names`` are those of the records' files.
    """
    return {
        "names": {known.protocol_id: name for known, name in zip(outlines, names, strict=True)},
        "quantities": list(quantities),
        "records": [known.model_dump(mode="json", by_alias=True, exclude=_LEFT_OUT) for known in outlines],
    }


def outlines_of(header: dict[str, Any]) -> list[QualityRecord]:
    """The outlines that a journal's header holds.

    Raises:
        ValueError: it holds none, or of another version of srbench.
    """
    empty = {"images": [], "values": {}, "machine": "", "command": "", "created": ""}
    return [QualityRecord.model_validate({**record, **empty}) for record in header["records"]]


def model_ref(card: ModelCard, source_sha256: str) -> ModelRef:
    """The model as a record names it."""
    return ModelRef(name=card.name, title=card.title, paper=card.paper, year=card.year, source_sha256=source_sha256)


def weights_ref(weights: ResolvedWeights) -> WeightsRef:
    """The weights as a record names them."""
    return WeightsRef(
        name=weights.name,
        origin=weights.origin,
        sha256=weights.sha256,
        url=weights.url,
        licence=weights.licence,
        note=weights.note,
    )
