"""One pass of a network over meta tensors: which operators ran, in which layer, on which shapes.

Meta tensors have shapes and no data, so the pass does no arithmetic and takes no memory. Parameters and
buffers stay where they are: the pass hands operators meta stand-ins for them. Operators on real tensors alone
(masks, kernels merged from several) are computed for real. Where a network needs values of the image (``.item()``,
numpy, a branch on data, an operator without shapes), the whole pass is made for real on a photograph, and the
result says so and why. What the forward pass changes on the network is put back afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from srbench.cost.preserve import as_by_default, tensors_in, unchanged, walk, without_compiler
from srbench.cost.record import Observer, RealPass, Trace
from srbench.cost.shapes import META, plain_checks
from srbench.cost.tracer import Functions, Tracer
from srbench.errors import SrbenchError
from srbench.models.advice import fitting_multiple, input_advice, multiple_advice


def network_dtype(network: nn.Module) -> torch.dtype:
    """The floating-point type of the first parameter, float32 when there is none."""
    return next((p.dtype for p in network.parameters() if p.dtype.is_floating_point), torch.float32)


class _PassFailed(Exception):
    """A forward pass raised; what is known about where."""

    def __init__(self, layer: str, function: str, error: Exception) -> None:
        super().__init__()
        self.layer, self.function, self.error = layer, function, error

    @property
    def sentence(self) -> str:
        lines = str(self.error).strip().splitlines()
        return f"{type(self.error).__name__}: {lines[0] if lines else ''}"


def trace(
    network: nn.Module,
    input_shape: Sequence[int],
    dtype: torch.dtype | None = None,
    observer: Observer | None = None,
    peak: float = 1.0,
) -> Trace:
    """Run ``network`` once, in evaluation mode, on an input of ``input_shape`` (N, C, H, W).

    The network may be on any device; it is not changed. Not safe beside other threads that run modules.

    Args:
        network: any module.
        input_shape: shape of what it is given.
        dtype: floating-point type of the input; that of the first parameter by default.
        observer: told every operator.
        peak: value of white, 1 or 255; matters where the pass has to be a real one only.

    Raises:
        SrbenchError: the forward pass failed, on shapes alone and for real; names the layer it failed in.
    """
    kind = dtype or network_dtype(network)
    try:
        return _pass(network, torch.empty(tuple(input_shape), dtype=kind, device=META), observer, computing=False)
    except SrbenchError:
        raise
    except _PassFailed as failed:
        reason = RealPass(failed.function, failed.layer, failed.sentence)
        failed.error.__traceback__ = None  # lets go of the tensors of the failed pass
    from srbench.cost.source_image import natural_image

    device = next((t.device for t in (*network.parameters(), *network.buffers())), torch.device("cpu"))
    try:
        seen = _pass(network, natural_image(input_shape, kind, device, peak), observer, computing=True)
    except _PassFailed as failed:
        size = "x".join(str(n) for n in input_shape)
        advice = input_advice(failed.error) or _size_advice(network, input_shape, kind)
        raise SrbenchError(
            f"counting on an input of {size} failed in {failed.layer}: {failed.sentence}{advice}"
        ) from failed.error
    seen.real_pass = reason
    return seen


def _size_advice(network: nn.Module, shape: Sequence[int], dtype: torch.dtype) -> str:
    """For a network that fails on this size, and wants multiples of something."""

    def runs(tried: tuple[int, ...]) -> bool:
        try:
            _pass(network, torch.empty(tried, dtype=dtype, device=META), None, computing=False)
        except (SrbenchError, _PassFailed):
            return False
        return True

    return multiple_advice(fitting_multiple(shape, runs))


def _pass(network: nn.Module, x: Tensor, observer: Observer | None, computing: bool) -> Trace:
    """One pass on ``x``: on shapes if it is a meta tensor, else for real."""
    seen = Trace(tuple(x.shape))
    walked = walk(network)
    seen.layer_params = _layer_params(walked)
    tracer = Tracer(walked, seen, observer, computing)
    tracer.flow.add(x, (), 0, True)
    if observer is not None:
        observer.start()
        observer.see(None, (), x, lambda: "the input")
    handles: list[Any] = []
    try:
        with unchanged(network, walked), torch.no_grad(), as_by_default(), without_compiler(), plain_checks():
            try:
                if any(module.training for _, module in walked):
                    network.eval()
                handles = [register_module_forward_pre_hook(tracer.enter), register_module_forward_hook(tracer.leave)]
                with tracer, Functions(tracer):
                    out = network(x)
                if observer is not None:
                    observer.end(x, *tensors_in([out], 3))
            finally:
                for handle in handles:
                    handle.remove()
                tracer.originals.restore()
    except SrbenchError:
        raise
    except Exception as error:  # a user's network can raise anything
        where = tracer.name(tracer.stack[-1]) or "the network itself"
        raise _PassFailed(where, tracer.failed_in or tracer.failed_operator, error) from error
    seen.output_shape = tuple(out.shape) if isinstance(out, Tensor) else ()
    seen.unused_params = sum(tracer.parameters.untouched.values())
    seen.inference_params = tracer.parameters.inference()
    seen.dead = tracer.flow.dead(out)
    return seen


def _layer_params(walked: Sequence[tuple[str, nn.Module]]) -> dict[str, tuple[str, int]]:
    owned: set[int] = set()
    found = {}
    for name, module in walked:
        own = [p for p in module._parameters.values() if p is not None and id(p) not in owned]
        owned.update(id(p) for p in own)
        found[name] = (type(module).__name__, sum(p.numel() for p in own))
    return found
