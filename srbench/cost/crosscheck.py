"""Two independent libraries count the same network on a real forward pass; where they differ from us, and why."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from srbench.cost.count import count, input_shape
from srbench.cost.preserve import copy_network
from srbench.cost.record import Trace
from srbench.errors import SrbenchError

_GROUPS = {
    "matmul": (
        "addmm",
        "mm",
        "bmm",
        "baddbmm",
        "addbmm",
        "linear",
        "matmul",
        "einsum",
        "attention",
        "mv",
        "dot",
        "addmv",
    ),
}
_WHY = {
    "conv": "ptflops adds 1 per output element for the bias",
    "matmul": "ptflops adds 1 per output element for the bias",
    "adaptive_avg_pool2d": "fvcore adds 1 per input element of the pooling, which multiplies nothing",
    "upsample_nearest2d": "fvcore adds 1 per output element of nearest upsampling, which multiplies nothing",
    "upsample_bilinear2d": "ptflops leaves interpolation out; 4 per output element here and in fvcore",
    "upsample_bicubic2d": "fvcore and ptflops leave bicubic interpolation out; 16 per output element here",
    "grid_sample": "fvcore takes 4 per output element whatever the mode; ptflops leaves it out",
    "batch_norm": "fvcore adds 1-2 per element of normalisation",
    "layer_norm": "fvcore adds 4-5 per element of normalisation",
    "group_norm": "fvcore adds 4-5 per element of normalisation",
    "instance_norm": "fvcore adds 4-5 per element of normalisation",
}


@dataclass(frozen=True)
class OperatorCheck:
    """One operator as four counters see it; None where a counter does not know the operator."""

    operator: str
    macs: int
    fvcore_preset: int
    """Our ``fvcore`` convention."""
    fvcore: int
    """The library itself."""
    ptflops: int
    why: str
    """Reason for a difference; "" when all agree."""


@dataclass(frozen=True)
class CrossCheck:
    """The comparison at one small input size."""

    input_size: tuple[int, int]
    operators: tuple[OperatorCheck, ...]
    ptflops_modules: int | None
    """ptflops' other counter, by module hooks; None when it fails."""
    params: int
    ptflops_params: int | None

    @property
    def preset_agrees(self) -> bool:
        """Whether our ``fvcore`` preset equals the library on every operator."""
        return all(row.fvcore_preset == row.fvcore for row in self.operators)


def cross_check(
    network: nn.Module,
    input_size: tuple[int, int] = (48, 48),
    channels: int = 3,
    scale: int = 1,
    pre_upsampled: bool = False,
) -> CrossCheck:
    """Count ``network`` by fvcore and ptflops, which run it for real, and by our one pass.

    Args:
        network: any module; copies of it are run.
        input_size: LR (height, width); small, since the libraries compute.
        channels: channels of the input.
        scale: only used with ``pre_upsampled``.
        pre_upsampled: the network takes the LR image after upsampling by ``scale``.

    Raises:
        SrbenchError: the network or a library fails on this size.
    """
    shape = input_shape(input_size, channels, scale, pre_upsampled)
    result = count(network, input_size, channels, ("macs",), scale, pre_upsampled)["macs"]
    ours, preset = _ours(result.trace)
    try:
        theirs = _fvcore(network, shape)
        hooked, modules, params = _ptflops(network, shape)
    except Exception as error:  # other libraries and a user's network: anything can be raised
        raise SrbenchError(f"the libraries cannot count this network: {type(error).__name__}: {error}") from error
    rows = []
    for operator in dict.fromkeys((*ours, *preset, *theirs, *hooked)):
        values = (ours[operator], preset[operator], theirs[operator], hooked[operator])
        if any(values):
            rows.append(OperatorCheck(operator, *values, why=_why(operator, values, result.trace)))
    rows.sort(key=lambda row: -max(row.macs, row.fvcore, row.ptflops))
    return CrossCheck(input_size, tuple(rows), modules, sum(p.numel() for p in network.parameters()), params)


def _why(operator: str, values: tuple[int, ...], seen: Trace) -> str:
    """Every reason why the counters differ on one operator, as far as it is known."""
    if len(set(values)) == 1:
        return ""
    macs, _preset, fvcore, ptflops = values
    reasons = _why_not_fvcore(operator, seen) if macs != fvcore else []
    known = _WHY.get(operator, "")
    if known and (operator not in ("conv", "matmul") or ptflops not in (macs, fvcore)):
        reasons.append(known)
    return "; ".join(dict.fromkeys(reasons)) or "not counted by every library"


def _why_not_fvcore(operator: str, seen: Trace) -> list[str]:
    """What this network has that fvcore counts otherwise: read off the calls themselves."""
    reasons = []
    for op in seen.ops:
        if _group(op.cost.label) != operator or (op.cost.macs == op.cost.fvcore and op.node not in seen.dead):
            continue
        if "padding by name" in op.cost.label:
            reasons.append("fvcore counts nothing for convolutions with padding='same' or 'valid'")
        elif op.hidden_by:
            reasons.append(f"fvcore does not look into {op.hidden_by}")
        elif op.node in seen.dead:
            reasons.append("fvcore leaves out results that nobody uses")
        elif op.cost.label == "attention":
            reasons.append("fvcore leaves fused attention out")
    return reasons


def _group(label: str) -> str:
    if label.startswith("conv"):
        return "conv"
    for group, members in _GROUPS.items():
        if label in members:
            return group
    return label


def _ours(seen: Trace) -> tuple[Counter[str], Counter[str]]:
    macs: Counter[str] = Counter()
    preset: Counter[str] = Counter()
    for op in seen.ops:
        macs[_group(op.cost.label)] += op.cost.macs
        preset[_group(op.cost.label)] += op.cost.fvcore if op.node not in seen.dead else 0
    return macs, preset


def _fvcore(network: nn.Module, shape: tuple[int, ...]) -> Counter[str]:
    from fvcore.nn import FlopCountAnalysis

    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        analysis = FlopCountAnalysis(copy_network(network).eval(), torch.zeros(shape))
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        counted: Counter[str] = Counter()
        for operator, n in analysis.by_operator().items():
            counted[_group(operator)] += int(n)
    return counted


def _ptflops(network: nn.Module, shape: tuple[int, ...]) -> tuple[Counter[str], int | None, int | None]:
    """Per operator by ptflops' dispatch counter; total and parameters by its module hooks."""
    import contextlib
    import io

    from ptflops import get_model_complexity_info
    from ptflops.aten_engine import FlopCounterMode

    counted: Counter[str] = Counter()
    silence = io.StringIO()
    counter: Any = FlopCounterMode(output_params={"print_params": {"file": silence}, "serialize_params": {}})
    with torch.no_grad(), counter:
        copy_network(network).eval()(torch.zeros(shape))
    for packet, n in counter.flop_counts["Global"].items():
        counted[_group(str(packet).removeprefix("aten."))] += int(n)
    with torch.no_grad(), contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
        total, params = get_model_complexity_info(
            copy_network(network).eval(), tuple(shape[1:]), as_strings=False, print_per_layer_stat=False, ost=silence
        )
    return counted, None if total is None else int(total), None if params is None else int(params)
