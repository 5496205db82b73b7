"""What the process of a model answers: its card, how it opens, SR of one image, what it costs. Runs the user's code."""

from __future__ import annotations

import contextlib
import os
import pickle
import random
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from srbench.errors import SrbenchError
from srbench.isolation.serve import words_of

if TYPE_CHECKING:
    from srbench.models.loading import SRModel

Answer = tuple[dict[str, Any], Any]


class ModelHandler:
    """State of the process: the folder it started in, and the model that is open."""

    def __init__(self) -> None:
        self.folder = Path.cwd()
        self.model: SRModel | None = None
        self.threads = 1

    def do_start(self, _payload: bytearray, plugins: Sequence[str]) -> Answer:
        """Get ready before any of the user's code runs."""
        import torch

        from srbench.plugins import import_file

        self.threads = torch.get_num_threads()
        for path in plugins:
            import_file(path)
        return {}, b""

    def do_card(self, payload: bytearray) -> Answer:
        """The card of a pickled (reference, options), and the files that were imported for it."""
        from srbench.import_scope import imported_files
        from srbench.models.find import find_card
        from srbench.models.reference import parse_reference

        reference, options = pickle.loads(payload)  # from the process that started this one
        card = find_card(reference, options)
        place = parse_reference(str(card.network or card.interpolation)).place
        files: Sequence[Path] = ()
        if place.endswith(".py"):
            files = imported_files(Path(place), Path(card.root).resolve() if card.root else None)
        fields = card.model_dump(mode="python", exclude={"arguments"})
        return {"card": fields, "arguments": repr(dict(card.arguments)), "files": [str(file) for file in files]}, b""

    def do_open(self, payload: bytearray, warm: bool) -> Answer:
        """Open the model of a pickled (card, scale, weights, device, way); ``warm``: the allocator keeps memory."""
        from srbench.cost.allocator import tune
        from srbench.evaluation.opening import open_here

        if warm:
            tune()
        card, scale, weights, device, way = pickle.loads(payload)  # from the process that started this one
        self._settle()
        with _told(card.name):
            self.model = open_here(card, scale, weights, device, way)
        return {"notes": [asdict(note) for note in self.model.notes]}, b""

    def do_threads(self, _payload: bytearray, count: int) -> Answer:
        """Threads of a pass from now on; 0 for as many as at the start."""
        import torch

        torch.set_num_threads(count or self.threads)
        return {}, b""

    def do_run(self, payload: bytearray, shape: Sequence[int]) -> Answer:
        """SR of one uint8 image of ``shape``."""
        model = self._opened()
        lr = np.frombuffer(payload, np.uint8).reshape(*shape)
        with _raised() as raised:
            sr: Any = model(lr)
        if raised:
            return raised, b""
        if not isinstance(sr, np.ndarray):
            return {"got": type(sr).__name__}, b""
        if sr.dtype != np.uint8:
            return {"got": f"{sr.dtype} {sr.shape}"}, b""
        return {"shape": list(sr.shape)}, np.ascontiguousarray(sr).data.cast("B") if sr.size else b""

    def do_plane(self, payload: bytearray, shape: Sequence[int]) -> Answer:
        """SR of one luma plane of ``shape``, float64."""
        model = self._opened()
        with _raised() as raised:
            sr = np.ascontiguousarray(model.on_plane(np.frombuffer(payload, np.float64).reshape(*shape)))
        return raised or {"shape": list(sr.shape)}, b"" if raised else sr.data.cast("B")

    def do_reach(self, _payload: bytearray) -> Answer:
        """How far the network looks."""
        from srbench.evaluation.engine.tiles import reach_of

        return {"found": asdict(reach_of(self._opened()))}, b""

    def do_bytes(self, _payload: bytearray, size: Sequence[int]) -> Answer:
        """Peak bytes of a pass."""
        from srbench.evaluation.engine.fit import pass_bytes

        return {"found": pass_bytes(self._opened(), (size[0], size[1]))}, b""

    def do_diagnose(self, payload: bytearray, lr: Sequence[int], hr: Sequence[int]) -> Answer:
        """Other ways of feeding the network, tried on one pair."""
        from srbench.models.diagnosis import diagnose

        pixels = np.frombuffer(payload, np.uint8)
        first = int(np.prod(lr))
        found = diagnose(self._opened(), pixels[:first].reshape(*lr), pixels[first:].reshape(*hr))
        return {"found": asdict(found)}, b""

    def do_costs(self, _payload: bytearray, device: str, runtime: bool, quantities: Sequence[str]) -> Answer:
        """What the network costs at the usual sizes."""
        from srbench.evaluation.backends import ways_of
        from srbench.evaluation.costs import CostRequest, model_cost
        from srbench.models.ensemble import without_self_ensemble
        from srbench.quantities import find_quantity, get_quantity

        self._settle()
        model = without_self_ensemble(self._opened())
        if unknown := [name for name in quantities if find_quantity(name) is None]:
            raise SrbenchError(
                f"the process of the model does not know the quantity '{unknown[0]}', which was added in Python; "
                "put it into a file and give that with --plugin, or install its package."
            )
        network, timed = ways_of(model)
        request = CostRequest(device, runtime, tuple(get_quantity(name) for name in quantities), True, timed)
        with _raised() as raised:
            found = model_cost(network, model.card, model.scale, request)
        return raised or {"found": [asdict(at) for at in found]}, b""

    def do_examine(self, payload: bytearray) -> Answer:
        """Profile of a pickled (card, how it is counted), as a pickle."""
        from srbench.cost.examine import examine

        card, counting = pickle.loads(payload)  # from the process that started this one
        self._settle()
        with _told(card.name, "while it was counted"):
            return {}, pickle.dumps(examine(card, counting))

    def do_outline(self, payload: bytearray) -> Answer:
        """Outline of a pickled (card, scale, size, counted), as a pickle."""
        from srbench.cost.examine import outlined

        *asked, counted = pickle.loads(payload)  # from the process that started this one
        self._settle()
        with _told(asked[0].name, "while it was counted"):
            return {}, pickle.dumps(outlined(*asked, counted=counted))

    def do_export(self, _payload: bytearray, kind: str, size: Sequence[int] | None) -> Answer:
        """The network as another program takes it, and how that compares, as a pickle."""
        from srbench.evaluation.export import made

        with _told(self._opened().card.name, "while it was exported"):
            return {}, pickle.dumps(made(self._opened(), kind, (size[0], size[1]) if size else None))  # type: ignore[arg-type]

    def _opened(self) -> SRModel:
        if self.model is None:
            raise SrbenchError("no model is open; ask for 'open' first.")
        return self.model

    def _settle(self) -> None:
        """Undo what another model's code may have changed."""
        import torch

        with contextlib.suppress(OSError):
            os.chdir(self.folder)
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
        torch.set_num_threads(self.threads)
        torch.manual_seed(0)
        random.seed(0)
        warnings.resetwarnings()


@contextlib.contextmanager
def _told(name: str, when: str = "while it was built") -> Iterator[None]:
    """What a network raises while it is built, as one sentence."""
    try:
        yield
    except SrbenchError:
        raise
    except BaseException as error:  # a user's network may raise anything
        kind, _, text = words_of(error).partition(": ")
        raise SrbenchError(f"{name} raised {kind} {when}: {text}") from error


@contextlib.contextmanager
def _raised() -> Iterator[dict[str, Any]]:
    """Filled with what the code inside raised, for the other side to say."""
    from srbench.evaluation.engine.tiles import is_out_of_memory

    found: dict[str, Any] = {}
    try:
        yield found
    except SrbenchError:
        raise
    except BaseException as error:  # a user's network may raise anything
        try:
            memory = is_out_of_memory(error)
            lines = str(error).strip().splitlines()
        except BaseException:
            memory, lines = False, ["its message cannot be had"]
        found["raised"] = type(error).__name__[:200]
        found["text"] = lines[0][: MOST_TEXT + 1] if lines else ""
        found["memory"] = memory


MOST_TEXT = 1000
"""Characters of a foreign message that are passed on."""
