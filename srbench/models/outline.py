"""A network's block diagram as text: the tree of its modules, repeated ones folded, and what each block computes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from itertools import groupby

from torch import nn

_CONV = (nn.Conv2d, nn.ConvTranspose2d)


def outline(network: nn.Module) -> tuple[str, ...]:
    """Lines of text, indented by depth; ``blocks[0-5]  6 x RFDB`` stands for six modules of equal structure."""
    return (_title(network), *(f"  {line}" for line in _children(network)))


def equations(network: nn.Module) -> dict[str, str]:
    """First paragraph of the docstring of every block class in the network that has one of its own, by class name."""
    found: dict[str, str] = {}
    for module in network.modules():
        kind = type(module)
        text = inspect.cleandoc(kind.__dict__.get("__doc__") or "")
        if text and not kind.__module__.startswith("torch."):
            found.setdefault(kind.__name__, text)
    return found


def _children(module: nn.Module) -> Iterator[str]:
    named = [(name, child, _signature(child)) for name, child in module.named_children()]
    for _, group in groupby(named, key=lambda item: item[2]):
        members = list(group)
        name, child, _ = members[0]
        label = name if len(members) == 1 else f"{name} ... {members[-1][0]}"
        many = f"{len(members)} x " if len(members) > 1 else ""
        yield f"{label}: {many}{_title(child)}"
        if not isinstance(child, _CONV):
            yield from (f"  {line}" for line in _children(child))


def _signature(module: nn.Module) -> str:
    """Equal for modules of equal structure."""
    return f"{_title(module)}({','.join(f'{name}={_signature(child)}' for name, child in module.named_children())})"


def _title(module: nn.Module) -> str:
    kind = type(module).__name__
    if isinstance(module, _CONV):
        size = "x".join(map(str, module.kernel_size))
        extras = [
            f"stride {module.stride[0]}" if module.stride != (1, 1) else "",
            f"dilation {module.dilation[0]}" if module.dilation != (1, 1) else "",
            f"groups {module.groups}" if module.groups > 1 else "",
            "no bias" if module.bias is None else "",
        ]
        details = ", ".join(extra for extra in extras if extra)
        verb = "conv" if isinstance(module, nn.Conv2d) else "transposed conv"
        return f"{verb} {size}, {module.in_channels} -> {module.out_channels}" + (f" ({details})" if details else "")
    if isinstance(module, nn.LeakyReLU):
        return f"LeakyReLU {module.negative_slope:g}"
    if isinstance(module, nn.PixelShuffle):
        return f"pixel shuffle x{module.upscale_factor}"
    return kind
