"""``srbench.costs``: what one network costs at one size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from srbench.errors import SrbenchError
from srbench.quantities import DEFAULT_CONVENTION, counted_as, get_quantity

RUNTIME = "runtime"


@dataclass(frozen=True, repr=False)
class Costs(Mapping[str, float]):
    """Values by name of quantity (``srbench list quantities``): counts, bytes of memory, milliseconds of runtime."""

    model: str
    scale: int
    lr_size: tuple[int, int]
    """LR (height, width) that was counted, rounded up to what the network takes."""
    values_by_name: Mapping[str, float]
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> float:
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)

    def texts(self) -> dict[str, str]:
        """The values as tables print them, with units, by the headings of their quantities."""
        return {get_quantity(name).heading: get_quantity(name).text(value) for name, value in self.items()}

    def __repr__(self) -> str:
        height, width = self.lr_size
        shown = ", ".join(f"{heading} {text}" for heading, text in list(self.texts().items())[:2])
        return f"<Costs of {self.model} x{self.scale} at LR {width}x{height}: {shown}>"

    def _repr_html_(self) -> str:
        height, width = self.lr_size
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in self.texts().items()
        )
        title = f"{escape(self.model)} ×{self.scale}, LR {width}×{height}"
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return f"<table><caption>{title}</caption>{rows}</table>{notes}"


def costs(
    model: Any,
    scale: int = 4,
    size: str = "720p",
    convention: str = DEFAULT_CONVENTION,
    device: str = "cpu",
    runtime: bool = False,
) -> Costs:
    """What one network costs; nothing is computed for the counts, and no weights are needed.

    Args:
        model: a name, ``net.py:Net``, a ``torch.nn.Module`` or a card; what :func:`srbench.open_model` gave.
        scale: factor between LR and HR.
        size: "720p" and the like for HR, or HEIGHTxWIDTH for LR.
        convention: how to count (``srbench list conventions``).
        device: where it is timed.
        runtime: also time it here, for a few seconds; ``srbench time`` measures more soundly.

    Returns:
        A mapping: ``params``, ``macs``, ``activations``, ``convs``, ``depth``, ``memory`` [bytes] and, if asked for,
        ``runtime`` [ms]; the counts carry the name of a convention that is not the usual one (``macs:fvcore``).

    Raises:
        SrbenchError: an unknown model, scale, size or convention, an interpolation, or a network that fails.

    >>> costs("imdn", scale=4, size="720p")
    <Costs of imdn x4 at LR 320x180: Params 715K, MACs 40.9G>
    """
    from srbench.cost.conventions import check_conventions
    from srbench.cost.input_size import parse_size
    from srbench.cost.profile import profile
    from srbench.models import SRModel

    (name,) = check_conventions([convention])
    scale = model.scale if isinstance(model, SRModel) else scale
    source = _source(model, scale)
    found = profile(source, parse_size(size, scale), [name])
    count = found.counts[name]
    values = {"params": float(found.params.params), counted_as("macs", name): float(count.macs),
              counted_as("activations", name): float(count.activations),
              counted_as("convs", name): float(count.num_conv)}  # fmt: skip
    values |= {"depth": float(count.depth), "memory": float(found.memory.total_bytes)}
    notes = found.notes
    if runtime:
        from srbench.cost.count import Given
        from srbench.cost.runtime import measure

        given = Given(source.card.channels, scale, source.card.pre_upsampled)
        timed = measure(source.network.eval().to(device), found.input_size, given=given, device=device)
        values[RUNTIME] = timed.median_ms
        notes = (*notes, *map(str, timed.warnings))
    return Costs(found.name, scale, found.input_size, values, tuple(notes))


def _source(model: Any, scale: int) -> Any:
    from srbench.cost.source import Source, open_network
    from srbench.models import SRModel, find_card, open_model
    from srbench.models.find import is_network

    if is_network(model):
        model = open_model(model, scale)
    if isinstance(model, SRModel):
        if model.network is None:
            raise SrbenchError(
                f"'{model.card.name}' is an interpolation and has no network; nothing is counted for it."
            )
        return Source(model.card, model.network, model.scale, model.notes)
    return open_network(find_card(model), scale)
