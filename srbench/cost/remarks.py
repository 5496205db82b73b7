"""What one should know beside a network's figures, in words: notes, and problems that ``--strict`` fails on."""

from __future__ import annotations

from math import prod

from srbench.cost.count import CountResult
from srbench.cost.record import Trace

LIMIT = 0.05
"""Hooks that differ from the MACs by more than this share are explained."""
_WAYS = {
    "numpy": "arithmetic in numpy",
    "thread": "modules called in threads of the network's own",
    "memory": "memory filled by something that is no operator of torch",
}
_READS = {
    "item": "reads a value of the image (.item())",
    "tolist": "reads values of the image (.tolist())",
    "__bool__": "takes a branch that depends on the image",
    "__float__": "reads a value of the image (float())",
    "__int__": "reads a value of the image (int())",
    "__index__": "reads a value of the image as an index",
    "numpy": "goes through numpy",
    "__array__": "goes through numpy",
    "nonzero": "has shapes that depend on the image (nonzero)",
}


def real_pass_note(trace: Trace) -> str | None:
    """Why the network was run for real, if it was."""
    reason = trace.real_pass
    if reason is None:
        return None
    why = _READS.get(reason.function, f"cannot be followed on shapes alone ({reason.error})")
    return f"counted by a real pass on a photograph, since {reason.layer} {why}"


def left_out(name: str, result: CountResult, every: CountResult) -> list[str]:
    """What a convention leaves out, and the true figure beside it."""
    if not result.uncounted:
        return []
    listed = ", ".join(f"{_WAYS.get(op, op)} x{n}" for op, n in sorted(result.uncounted.items()))
    if result.lower_bound:
        return [f"{name} is a lower bound: nothing is known of {listed}"]
    beside = ""
    if result.priced.uncounted_macs:
        beside = f" ({result.priced.uncounted_macs / 1e9:,.6f} G MACs; all: {every.macs / 1e9:,.6f} G)"
    return [f"{name} leaves out {listed}{beside}"]


def hooks_note(hooks: CountResult, every: CountResult) -> str | None:
    """Where and why the challenges' hooks differ from the MACs by more than :data:`LIMIT`."""
    if not every.macs or abs(hooks.macs / every.macs - 1) <= LIMIT:
        return None
    reasons = sorted(_hook_differences(every.trace).items(), key=lambda one: -abs(one[1]))
    listed = [f"{why} ({macs / 1e9:+,.3f} G)" for why, macs in reasons if abs(macs) > 0.01 * every.macs]
    ratio = hooks.macs / every.macs
    return f"ntire-hooks gives {ratio:.2f} times the MACs: {'; '.join(listed)}"


def _hook_differences(trace: Trace) -> dict[str, int]:
    """Hooks minus MACs, by cause."""
    found = {
        "linear layers taken as (N, C) whatever their input": 0,
        "activations and normalisation as modules, which multiply without accumulating": 0,
        "transposed convolutions taken at output positions": 0,
        "work outside the modules that hooks know": 0,
    }
    linear, elementwise, transposed, outside = found
    for call in trace.hooks:
        if call.kind.endswith("Linear") and not call.conv:
            found[linear] += call.macs - (prod(call.given_shape) * call.out_shape[-1] if call.given_shape else 0)
        elif not call.conv:
            found[elementwise] += call.macs
        elif "Transpose" in call.kind and len(call.given_shape) > 1:
            positions = prod(call.out_shape) // call.out_shape[1]
            own = prod(call.given_shape) // call.given_shape[1]
            found[transposed] += call.macs - call.macs * own // max(positions, 1)
    found[outside] = -sum(op.cost.macs for op in trace.ops if op.of_image and op.cost.macs and not op.hooked)
    return found


def function_convs_note(every: CountResult) -> str | None:
    """Convolutions that module hooks do not see."""
    hidden = [op for op in every.trace.ops if op.cost.conv and op.of_image and not op.hooked]
    if not hidden:
        return None
    macs = sum(op.cost.macs for op in hidden) / 1e9
    several = "s" if len(hidden) > 1 else ""
    where = "written as a function" if not every.trace.untreed else "outside network.modules() or written as a function"
    return f"{len(hidden)} convolution{several} {where} ({macs:.3f} G MACs), which module hooks do not see"


def merging_note(trace: Trace, params: int) -> str | None:
    """A network that merges its branches in every pass, or carries parameters that inference never touches."""
    merging = [op for op in trace.ops if not op.of_image and op.cost.macs]
    infer = inference_params(trace, params)
    if merging and infer < params:
        macs = sum(op.cost.macs for op in merging) / 1e6
        return (
            f"it merges its kernels in every forward pass ({macs:,.1f} M MACs on weights alone, the same for every "
            f"image): {infer:,} of {params:,} parameters infer; save it in its deploy form to count and time that"
        )
    if trace.unused_params:
        return (
            f"{trace.unused_params:,} parameters are not used by inference at this scale: {infer:,} of {params:,} infer"
        )
    return None


def inference_params(trace: Trace, params: int) -> int:
    """Parameters of the form that only infers: as they meet the image, or without those that are never touched."""
    merging = any(not op.of_image and op.cost.macs for op in trace.ops)
    return trace.inference_params if merging else params - trace.unused_params
