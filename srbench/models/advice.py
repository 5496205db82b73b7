"""What would help where a stranger's network does not run, or gives something else than an image: one clause each."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from srbench.models.signature import scale_name

MULTIPLES = (2, 4, 8, 16, 32, 64)
"""Of the edges of images; a network with windows or pyramids takes sizes that are multiples of one of them."""
WRAP = "name a class of your own around it, whose forward takes the image alone and returns the SR alone"


def scale_advice(network: nn.Module, scale: int, own: int) -> str:
    """For a network whose output is ``own`` times its input (0: no whole multiple) where ``scale`` was asked for."""
    if own == 0:
        return ""
    if own == 1:
        return "; its output is as large as its input: if it takes an enlarged image, it must declare pre_upsampled"
    if scale_name(type(network)) is None and _takes_any(type(network)):
        return (
            f"; its constructor was not told the scale and takes any keyword: if one is the scale, give it, as in "
            f"--arg scale={scale}; a x{own} network wants --scale {own}"
        )
    return f"; it is a x{own} network, so give --scale {own}"


def output_advice(output: Any) -> str:
    """For an output that is no tensor."""
    return f"; {WRAP}" if isinstance(output, (tuple, list, Mapping)) else ""


def input_advice(error: BaseException) -> str:
    """For a forward that wants more than the image."""
    text = _first_line(error)
    return f"; {WRAP}" if isinstance(error, TypeError) and "forward()" in text and "missing" in text else ""


def pass_advice(network: nn.Module, x: Tensor, error: BaseException, taken: Collection[int] = ()) -> str:
    """What was raised on ``x`` and what would help, as the end of a sentence; '' where nothing is known to help.

    ``taken`` are the divisors (:func:`common_divisor`) of the sizes that the network ran on before.
    """
    if isinstance(error, MemoryError) or "memory" in _first_line(error):
        return ""
    advice = input_advice(error) or multiple_advice(fitting_multiple(tuple(x.shape), _runs_on(network, x), taken))
    raised = f"raised {type(error).__name__} on {tuple(x.shape)}: {_first_line(error)}"
    return f"{raised}{advice}." if advice else ""


def common_divisor(height: int, width: int) -> int:
    """The largest of 1 and :data:`MULTIPLES` that both edges are multiples of.

    >>> common_divisor(48, 30), common_divisor(31, 32), common_divisor(256, 512)
    (2, 1, 64)
    """
    return math.gcd(height, width, MULTIPLES[-1])


def _first_line(error: BaseException) -> str:
    try:
        return (str(error).strip().splitlines() or ["no message"])[0][:300]
    except Exception:  # a stranger's exception
        return "its message cannot be had"


def fitting_multiple(
    shape: Sequence[int], runs: Callable[[tuple[int, ...]], bool], taken: Collection[int] = ()
) -> int | None:
    """The smallest of :data:`MULTIPLES` that a network wants the edges of its input to be multiples of.

    None where that is not what it failed on: it runs on the same size when asked again, or has run on one that is no
    such multiple, be it one of before (``taken``, their common divisors) or one tried for that here.

    Args:
        shape: (..., height, width) that it raised on.
        runs: whether it runs on an input of a shape; called on ``shape``, then on larger ones.
        taken: common divisors of the sizes that it ran on before.
    """
    if runs(tuple(shape)):
        return None
    for multiple in MULTIPLES:
        padded = tuple(edge + -edge % multiple for edge in shape[-2:])
        if padded == tuple(shape[-2:]) or not runs((*shape[:-2], *padded)):
            continue
        if any(divisor % multiple for divisor in taken):
            return None
        beside = tuple(edge + (2 if (edge + 1) % multiple == 0 else 1) for edge in shape[-2:])
        return None if runs((*shape[:-2], *beside)) else multiple
    return None


def multiple_advice(multiple: int | None) -> str:
    """For a network that wants edges that are multiples of ``multiple``; '' of None."""
    return f"; it takes edges that are multiples of {multiple}, so give --multiple {multiple}" if multiple else ""


def _runs_on(network: nn.Module, x: Tensor) -> Callable[[tuple[int, ...]], bool]:
    """Whether ``network`` runs on ``x`` (N, c, h, w) when its edges are repeated up to a shape."""

    def runs(shape: tuple[int, ...]) -> bool:
        bottom, right = shape[-2] - x.shape[-2], shape[-1] - x.shape[-1]
        try:
            with torch.inference_mode():
                network(F.pad(x, (0, right, 0, bottom), mode="replicate"))
        except Exception:  # a stranger's network may raise anything
            return False
        return True

    return runs


def untracked(network: nn.Module) -> dict[str, int]:
    """Modules in plain lists, tuples and dictionaries, which ``network.modules()`` does not list: place -> parameters.

    No optimiser trains them, no checkpoint holds them, and ``network.to(device)`` leaves them where they are.
    """
    listed = {id(module) for module in network.modules()}
    found: dict[str, int] = {}
    seen: set[int] = set()
    for name, module in network.named_modules():
        for attribute, value in vars(module).items():
            if attribute in ("_modules", "_parameters", "_buffers"):
                continue
            place = f"{name}.{attribute}" if name else attribute
            for hidden in _modules_in(value, 3):
                if id(hidden) not in listed and id(hidden) not in seen:
                    seen.update(id(part) for part in hidden.modules())
                    count = sum(parameter.numel() for parameter in hidden.parameters())
                    found[place] = found.get(place, 0) + count
    return {place: count for place, count in found.items() if count}


def _modules_in(value: Any, depth: int) -> Iterator[nn.Module]:
    if isinstance(value, nn.Module):
        yield value
    elif depth and type(value) in (list, tuple, dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _modules_in(one, depth - 1)


def _takes_any(make: Any) -> bool:
    try:
        taken = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):
        return False
    return any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken)
