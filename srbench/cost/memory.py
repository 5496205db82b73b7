"""Peak memory of one forward pass: from live tensors on CPU or on meta tensors, from the allocator on CUDA.

The tracker follows the storages that operators return and notes when each is freed. It needs no data, so
"does it fit at 4K?" is answered without running. It does not see what an operator allocates and frees
inside itself; :func:`allocator_peak` asks the CPU allocator, which does, and the tests hold the two together.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from srbench.cost.count import RGB, Given, input_shape
from srbench.cost.figures import Memory
from srbench.cost.preserve import unchanged
from srbench.cost.trace import network_dtype, trace
from srbench.cost.workspace import scratch_bytes, vector_channels
from srbench.errors import SrbenchError


class Live:
    """Bytes of the storages that are alive, and their largest sum so far; an observer of a pass."""

    def __init__(self, network: nn.Module, workspace: bool = True) -> None:
        self.ignored = {t.untyped_storage()._cdata for t in (*network.parameters(), *network.buffers())}
        self.block = vector_channels() if workspace else 0
        self.start()

    def start(self) -> None:
        """A pass begins, perhaps after one that failed."""
        self.sizes: dict[int, int] = {}
        self.now = 0
        self.peak = 0
        self.total_peak = 0
        self.kept = 0
        self.peak_at = ""

    def see(self, func: Any, args: Sequence[Any], out: Any, where: Callable[[], str]) -> None:
        """Note what one operator returned and what it held while it ran."""
        for one in out if isinstance(out, (list, tuple)) else (out,):
            if isinstance(one, Tensor):
                self.add(one)
        self.peak = max(self.peak, self.now)
        total = self.now + (scratch_bytes(func, args, out, self.block) if self.block else 0)
        if total > self.total_peak:
            self.total_peak, self.peak_at = total, where()

    def end(self, *expected: Any) -> None:
        """The pass is over and only the ``expected`` tensors should be left."""
        storages = {t.untyped_storage()._cdata for t in expected if isinstance(t, Tensor)}
        self.kept = self.now - sum(self.sizes.get(key, 0) for key in storages)

    def result(self, network: nn.Module, method: str) -> Memory:
        """The figures of the pass that was watched."""
        weights = weights_bytes(network)
        return Memory(
            weights_bytes=weights,
            activations_bytes=self.peak,
            total_bytes=weights + self.total_peak,
            method=method,
            workspace_bytes=self.total_peak - self.peak,
            kept_bytes=self.kept,
            peak_at=self.peak_at,
        )

    def add(self, out: Tensor) -> None:
        """Note a tensor whose storage is new."""
        storage = out.untyped_storage()
        key = storage._cdata
        if key in self.sizes or key in self.ignored:
            return
        self.sizes[key] = storage.nbytes()
        weakref.finalize(storage, self.free, key)
        self.now += self.sizes[key]

    def free(self, key: int) -> None:
        """Note that a storage is gone."""
        self.now -= self.sizes.pop(key, 0)


class _RealTracker(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Watches a real forward pass."""

    def __init__(self, live: Live) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = live

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self.live.see(func, args, out, func.name)
        return out


def weights_bytes(network: nn.Module) -> int:
    """Bytes of all parameters and buffers, shared ones once."""
    seen = {
        t.untyped_storage()._cdata: t.untyped_storage().nbytes() for t in (*network.parameters(), *network.buffers())
    }
    return sum(seen.values())


def peak_memory(
    network: nn.Module,
    input_size: tuple[int, int] = (256, 256),
    fake: bool = False,
    given: Given = RGB,
    workspace: bool = True,
) -> Memory:
    """Peak bytes of one forward pass of batch 1 on CPU.

    Args:
        network: any module; it is run in evaluation mode without gradients and left as it was.
        input_size: LR (height, width).
        fake: follow the pass on shapes alone: nothing is computed or allocated, any size is answered at once.
        given: what the network takes; by default the RGB image itself.
        workspace: add the scratch of this CPU's convolutions to the total; without it the figures are the
            same on every machine.

    Raises:
        SrbenchError: the network fails on this size.
    """
    shape = given.shape(input_size)
    live = Live(network, workspace)
    if fake:
        trace(network, shape, observer=live)
    else:
        _run(network, shape, lambda x: _watched(network, x, live))
    return live.result(network, "tracker-fake" if fake else "tracker")


def _watched(network: nn.Module, x: Tensor, live: Live) -> None:
    live.see(None, (), x, lambda: "the input")
    with _RealTracker(live):
        out = network(x)
    live.end(x, out)


def _run(network: nn.Module, shape: Sequence[int], body: Callable[[Tensor], None], device: str = "cpu") -> None:
    """Run ``body`` on a random input in [0, 1], in evaluation mode, without gradients; the network stays as it was."""
    generator = torch.Generator(device="cpu").manual_seed(0)
    x = torch.rand(tuple(shape), generator=generator).to(device=device, dtype=network_dtype(network))
    try:
        with unchanged(network), torch.no_grad():
            network.eval()
            body(x)
    except SrbenchError:
        raise
    except Exception as error:  # a user's network can raise anything
        size = "x".join(str(n) for n in shape)
        raise SrbenchError(f"a forward pass on {size} failed: {type(error).__name__}: {error}") from error


def allocator_peak(
    network: nn.Module,
    input_size: tuple[int, int] = (256, 256),
    channels: int = 3,
    scale: int = 1,
    pre_upsampled: bool = False,
) -> Memory:
    """Peak bytes as the CPU allocator itself reports every allocation to ``torch.profiler``.

    Slow (a real pass under the profiler); the independent check of the tracker. Sees temporaries inside operators.
    """
    changes: list[int] = []
    shape = input_shape(input_size, channels, scale, pre_upsampled)
    input_bytes = 0

    def body(x: Tensor) -> None:
        nonlocal input_bytes
        input_bytes = x.untyped_storage().nbytes()
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
            network(x)
        results: Any = profile.profiler
        pending = list(results.kineto_results.experimental_event_tree())
        events = []
        while pending:
            event = pending.pop()
            pending.extend(event.children)
            if event.name == "[memory]" and event.extra_fields.device.type == "cpu":
                events.append((event.start_time_ns, event.extra_fields.alloc_size))
        changes.extend(size for _, size in sorted(events, key=lambda e: e[0]))

    _run(network, shape, body)
    now = peak = input_bytes
    for change in changes:
        now += change
        peak = max(peak, now)
    weights = weights_bytes(network)
    return Memory(weights, peak, weights + peak, "allocator")


def cuda_peak(
    network: nn.Module,
    input_sizes: Sequence[tuple[int, int]],
    reset: bool = True,
    channels: int = 3,
    device: str = "cuda",
) -> Memory:
    """Peak bytes by CUDA's caching allocator over images of ``input_sizes``.

    Args:
        network: a module on ``device``.
        input_sizes: LR (height, width) of each image, in order.
        reset: True: the statistics are reset before each image and the largest image counts ('cuda-reset').
            False: the challenges' convention ('cuda-unreset'): never reset, so whatever ran before in this
            process counts as well.
        channels: channels of the input.
        device: the CUDA device.

    Raises:
        SrbenchError: there is no CUDA device, or no input size is given.
    """
    if not torch.cuda.is_available():
        raise SrbenchError("no CUDA device here, so CUDA memory cannot be measured; use the tracker (device cpu).")
    if not input_sizes:
        raise SrbenchError("no input size given; expected at least one (height, width).")
    peak = reserved = 0
    for size in input_sizes:
        if reset:
            torch.cuda.synchronize(device)
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(device)
        _run(network, input_shape(size, channels), lambda x: network(x), device)
        torch.cuda.synchronize(device)
        peak = max(peak, torch.cuda.max_memory_allocated(device))
        reserved = max(reserved, torch.cuda.max_memory_reserved(device))
    weights = weights_bytes(network)
    return Memory(weights, max(0, peak - weights), peak, "cuda-reset" if reset else "cuda-unreset", reserved)
