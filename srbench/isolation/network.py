"""What the sandboxed process does with a network: open it, count it, run it on one image at a time.

Passing an image has three steps, so that the clock outside sees the pass alone: ``image`` puts it on the device,
``forward`` runs the pass until plain contiguous numbers lie in this process's memory, ``fetch`` hands them over.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from srbench.cost.allocator import tune
from srbench.errors import SrbenchError
from srbench.isolation.opened import Opened, open_entry
from srbench.isolation.origins import unmade
from srbench.isolation.passes import checked, padded_pass, synchronise


def import_plugins(paths: Sequence[str]) -> None:
    """Import the organisers' own files.

    Raises:
        SrbenchError: one cannot be imported in here, where it sees no other files than those it imports.
    """
    from srbench.plugins import import_file

    for path in paths:
        try:
            import_file(path)
        except SrbenchError as error:
            raise SrbenchError(f"in the process apart, {error}") from error


class NetworkHandler:
    """State of the process: one network, the image it is to run on, and its last output."""

    def __init__(self) -> None:
        self.opened: Opened | None = None
        self.device = "cpu"
        self.image: Tensor | None = None
        self.output: np.ndarray[Any, Any] | None = None

    def do_start(
        self, _payload: bytearray, device: str, threads: int | None, plugins: Sequence[str] = ()
    ) -> tuple[dict[str, Any], bytes]:
        """Get torch and our own plugins ready before any of the stranger's code runs."""
        self.device = device
        if threads:
            torch.set_num_threads(threads)
        if not device.startswith("cuda"):
            tune()  # as 'srbench time' does: only the first pass pays for its pages
        torch.manual_seed(0)
        torch.zeros(1, device=device)
        import_plugins(plugins)
        return {"torch": str(torch.__version__), "threads": torch.get_num_threads()}, b""

    def do_open(self, _payload: bytearray, spec: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Build the network of ``spec`` with its weights, see :func:`srbench.isolation.opened.open_entry`."""
        self.opened = open_entry(spec, self.device)
        if self.device.startswith("cuda"):
            torch.cuda.reset_peak_memory_stats()
        return self.opened.summary(), b""

    def do_count(self, _payload: bytearray, size: list[int], conventions: list[str]) -> tuple[dict[str, Any], bytes]:
        """Parameters, counts per convention and memory at one input size, on shapes where that is possible."""
        from srbench.cost.profile import profile
        from srbench.cost.source import Source

        opened = self._opened()
        network = opened.network.cpu() if self.device != "cpu" else opened.network
        try:
            found = profile(Source(opened.card, network, opened.scale), (size[0], size[1]), tuple(conventions))
        finally:
            opened.network.to(self.device)
        counts = {
            name: {
                "macs": int(c.macs), "activations": int(c.activations), "convs": int(c.num_conv), "depth": int(c.depth)
            }
            for name, c in found.counts.items()
        }  # fmt: skip
        return {
            "params": int(found.params.params),
            "counts": counts,
            "memory": int(found.memory.total_bytes),
            "input_size": list(found.input_size),
            "form": found.measured,
            "notes": list(found.notes),
            "problems": list(found.problems),
        }, b""

    def do_hooked(
        self, payload: bytearray, shape: list[int], sizes: Sequence[Sequence[int]] = ()
    ) -> tuple[dict[str, Any], bytes]:
        """MACs of convolutions and linear layers at the size of one image: of a real pass on it, and of the traced one.

        A network that computes something else when it is only counted shows here; and in the same MACs at other
        ``sizes`` (height, width) one that does so at the size it is counted at.
        """
        from srbench.isolation.passes import layer_macs, layer_macs_at

        opened = self._opened()
        self.do_image(payload, shape)
        image, self.image = self.image, None
        if image is None:
            raise SrbenchError("there is no image.")
        with torch.no_grad():
            real, traced = layer_macs(opened.network, image, opened.multiple)
            at = layer_macs_at(opened.network, image, opened.multiple, sizes)
        edge = -(-64 // opened.multiple) * opened.multiple
        try:
            hidden = unmade(opened.network, image[..., :edge, :edge])
        except Exception:  # an image that is smaller than the network takes; nothing is said then
            hidden = []
        return {"real": real, "traced": traced, "at": at, "hidden": hidden[:10]}, b""

    def do_image(self, payload: bytearray, shape: list[int], peak: float | None = None) -> tuple[dict[str, Any], bytes]:
        """Take one uint8 HxWx3 image as the next input; ``peak`` is the value of white, by default the network's."""
        height, width = shape
        pixels = torch.frombuffer(payload, dtype=torch.uint8).reshape(height, width, 3)
        white = peak or (self.opened.data_range if self.opened else 255.0)
        self.image = (pixels.permute(2, 0, 1)[None].float() * (white / 255.0)).contiguous().to(self.device)
        self.output = None
        synchronise(self.device)
        return {}, b""

    def do_forward(self, _payload: bytearray) -> tuple[dict[str, Any], bytes]:
        """The pass on that image; the answer comes when the numbers are in plain memory."""
        opened, image = self._opened(), self.image
        if image is None:
            raise SrbenchError("there is no image; ask for 'image' first.")
        self.image = None  # each input is a fresh buffer
        synchronise(self.device)
        start = time.perf_counter()
        with torch.no_grad():
            found = padded_pass(opened.network, image, opened.multiple, opened.tile, opened.scale)
        synchronise(self.device)
        claimed = (time.perf_counter() - start) * 1000
        self.output = checked(found, image.shape, opened.scale)
        return {"claimed_ms": claimed, "shape": list(self.output.shape)}, b""

    def do_idle(self, _payload: bytearray, shape: list[int]) -> tuple[dict[str, Any], bytes]:
        """What ``forward`` does without a network: an output of ``shape`` from the device into plain memory."""
        made = torch.zeros(shape, device=self.device)
        synchronise(self.device)
        self.output = np.ascontiguousarray(made.cpu().numpy())
        return {"claimed_ms": 0.0, "shape": shape}, b""

    def do_fetch(self, _payload: bytearray) -> tuple[dict[str, Any], Any]:
        """The last output, float32 in the network's own range, (3, height, width)."""
        if self.output is None:
            raise SrbenchError("there is no output; ask for 'forward' first.")
        found, self.output = self.output, None
        return {"shape": list(found.shape)}, found.data.cast("B")

    def do_memory(self, _payload: bytearray) -> tuple[dict[str, Any], bytes]:
        """Peak bytes that CUDA had allocated since the network was opened; None on the CPU."""
        if not self.device.startswith("cuda"):
            return {"bytes": None}, b""
        return {"bytes": int(torch.cuda.max_memory_allocated())}, b""

    def _opened(self) -> Opened:
        if self.opened is None:
            raise SrbenchError("no network is open; ask for 'open' first.")
        if not isinstance(self.opened.network, nn.Module):
            raise SrbenchError("what was opened is no network.")
        return self.opened
