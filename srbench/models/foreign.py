"""Networks from somebody else's files: imported in a scope of their own, built, and what that took, as notes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srbench.errors import SrbenchError
from srbench.import_scope import ImportScope, open_scope
from srbench.models.card import ModelCard
from srbench.models.notes import LoadNote
from srbench.models.reference import Reference
from srbench.models.signature import arguments_wanted, settings_wanted
from srbench.plugins import attribute_of, import_attribute, import_file, place_of

if TYPE_CHECKING:
    from torch import nn

STAND_INS = Path(__file__).parent / "shims"
"""Small packages under the names of those that challenge entries import; used only when asked for."""


@dataclass(frozen=True)
class Loaded:
    """A network of somebody else's, built, with the card that says how it is run and what building it took."""

    card: ModelCard
    network: nn.Module
    notes: tuple[LoadNote, ...] = ()


def is_foreign(card: ModelCard) -> bool:
    """Whether the network of ``card`` is in a user's file."""
    return ".py:" in (card.network or card.interpolation or "")


def import_reference(reference: Reference, *, root: str | None, shims: bool) -> Any:
    """What ``reference`` names: in its own scope if it is a file, else by Python's own import.

    Raises:
        SrbenchError: the file or module is missing or raises, or it has no such attribute.
    """
    if not reference.is_file:
        return import_attribute(f"{reference.place}:{reference.attribute}")
    asked: list[str] = []
    with ExitStack() as stack:
        if _mentions_torch(Path(reference.place)):
            import torch

            from srbench.models.no_cuda import without_cuda

            asked = [] if torch.cuda.is_available() else stack.enter_context(without_cuda())
        module = import_file(reference.place, root=Path(root) if root else None, stand_ins=STAND_INS if shims else None)
    if asked:
        scope_of(reference, root, shims).asked_on_import.extend(asked)
    return attribute_of(module, reference.place, reference.attribute)


def scope_of(reference: Reference, root: str | None, shims: bool) -> ImportScope:
    """The scope that a file is imported in."""
    return open_scope(
        Path(reference.place).expanduser().resolve(),
        root=Path(root).resolve() if root else None,
        stand_ins=STAND_INS if shims else None,
    )


def call(make: Any, reference: Reference, arguments: Mapping[str, Any], card: ModelCard, device: str) -> Loaded:
    """Call the class or function of a user's file; its prints go to stderr, and it asks for no GPU if not ``device``.

    Raises:
        SrbenchError: whatever it raises, with the line of its file.
    """
    import torch
    from torch import nn

    from srbench.models.no_cuda import asks_in_passes, keep_on_cpu, without_cuda

    scope = scope_of(reference, card.root, card.shims)
    with scope.active(), without_cuda(device) as replaced:
        try:
            network = make(*reference.positional, **arguments)
        except SrbenchError:
            raise
        except (Exception, SystemExit) as error:  # a user's class: anything can be raised
            raise SrbenchError(_why_not_built(scope, make, replace(reference, keywords=arguments), error)) from error
    notes = [LoadNote("stand-in", one.package, "" if one.empty else "a stand-in", NOT_USABLE) for one in scope.replaced]
    asked = (*scope.asked_on_import, *replaced)
    if asked:
        why = "it runs on the CPU" if torch.cuda.is_available() else "this machine has no CUDA"
        notes.append(LoadNote("no-cuda", ", ".join(dict.fromkeys(asked)), "cpu", why))
    if isinstance(network, nn.Module) and not device.startswith("cuda") and asks_in_passes(scope.files):
        keep_on_cpu(network)
    return Loaded(card, network, tuple(notes))


NOT_USABLE = "it is not installed, or not for this torch"


def _why_not_built(scope: ImportScope, make: Any, called: Reference, error: BaseException) -> str:
    text = scope.plain(" ".join(str(error).split()))
    place, advice = f"{Path(called.place).name}:{called.attribute}", ""
    if isinstance(error, TypeError) and "argument" in text:
        advice = f"; give its arguments as '{place}({arguments_wanted(make, called)})' or by --arg NAME=VALUE"
        wanted = settings_wanted(make, called)
        if wanted is not None:
            values = ", ".join(f"{name}=..." for name in wanted[1][:12])
            advice = f"; '{wanted[0]}' holds its settings: give them as '{place}(args({values}))'"
    raised = f"raised {type(error).__name__} in {called.attribute}{called.call or '()'}"
    return f"{place_of(scope, error)} {raised}: {text}{advice}"


def _mentions_torch(file: Path) -> bool:
    try:
        return b"torch" in file.read_bytes()
    except OSError:
        return False
