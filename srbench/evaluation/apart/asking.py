"""Single questions about a model: answered here for srbench's own, in a process of theirs for all others."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

from srbench.errors import SrbenchError
from srbench.evaluation.apart import processes
from srbench.evaluation.apart.passed import MOST_BYTES, read_record
from srbench.evaluation.apart.setting import Apart
from srbench.isolation.process import Refused, Stopped

if TYPE_CHECKING:
    from srbench.cost.examine import Counting, Examined, Outlined
    from srbench.models.card import ModelCard


def examine_apart(card: ModelCard, counting: Counting, plugins: tuple[str, ...] = ()) -> Examined:
    """As :func:`srbench.cost.examine.examine`, of any model; ``plugins`` are files that its process imports first.

    Raises:
        SrbenchError: as there; or the model's process ended, or gave no answer in time.
    """
    from srbench.cost.examine import Examined, examine

    if processes.is_ours(card):
        return examine(card, counting)
    return _asked("examine", card, (card, counting), plugins, Examined)  # type: ignore[no-any-return]


def outlined_apart(
    card: ModelCard, scale: int, size: tuple[int, int], *, counted: bool = True, plugins: tuple[str, ...] = ()
) -> Outlined:
    """As :func:`srbench.cost.examine.outlined`, of any model; ``plugins`` as above.

    Raises:
        SrbenchError: as there; or the model's process ended, or gave no answer in time.
    """
    from srbench.cost.examine import Outlined, outlined

    if processes.is_ours(card):
        return outlined(card, scale, size, counted=counted)
    return _asked("outline", card, (card, scale, size, counted), plugins, Outlined)  # type: ignore[no-any-return]


def _asked(do: str, card: ModelCard, asked: Any, plugins: tuple[str, ...], kind: type[Any]) -> Any:
    apart = Apart(timeout=processes.START_S, plugins=plugins)
    try:
        reply = processes.process_of(card, apart).ask(do, pickle.dumps(asked), MOST_BYTES)
    except Stopped as error:
        raise SrbenchError(f"{card.name}: its process {error}") from error
    except Refused as error:
        raise SrbenchError(_sentence(card, str(error))) from error
    return read_record(reply.payload, kind)


def _sentence(card: ModelCard, text: str) -> str:
    return f"{card.name} {text}" if text.startswith("raised ") else text
