"""Checks of a model submission's weights, read as data: nothing of the file is ever run."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from srbench.challenge.checkpoint import CheckpointError
from srbench.challenge.checks.check import CannotRun, Check, Finding, Subject
from srbench.challenge.submission import Kind
from srbench.challenge.verdict import Note, Problem, printable

_ONLY: tuple[Kind, ...] = ("model",)


def _plain(subject: Subject) -> Iterable[Finding]:
    try:
        found = subject.weights
    except CheckpointError as error:
        path = printable(subject.model.weights_file or "")
        yield Problem("weights", f"'{path}' {error.what}", "a plain state dict", mend=error.mend)
        return
    if found.key or found.others:
        others = f"; also there: {', '.join(map(printable, found.others[:5]))}" if found.others else ""
        yield Note("weights", f"the weights under '{printable(found.key)}' are used{others}")
    if found.prefixed:
        yield Note("weights", "the prefix 'module.' of parallel training is taken off")
    placed = sorted({t.storage.location for t in found.tensors.values()} - {"cpu"})
    if placed:
        yield Note("weights", f"tensors were saved on {', '.join(map(printable, placed))}; they are loaded on the CPU")


def _described(subject: Subject) -> Iterable[tuple[str, object]]:
    try:
        return list(subject.weights.tensors.items())
    except CheckpointError as error:
        raise CannotRun("the weights are refused, see above") from error


def _stored(subject: Subject) -> Iterable[Finding]:
    _described(subject)
    for name, tensor in subject.weights.tensors.items():
        shown = printable(name)
        if tensor.reach > tensor.storage.count:
            found = f"{tensor.reach} values wanted, {tensor.storage.count} stored"
            yield Problem("weights", f"{shown} reaches beyond its storage", found=found, mend="save it contiguous")
        elif tensor.count > max(tensor.storage.count, 1):
            what = f"{shown} is a view that repeats its storage"
            found = f"{tensor.count} values from {tensor.storage.count} stored"
            yield Problem("weights", what, "as many values as are stored", found, "save it contiguous")


def _finite(subject: Subject) -> Iterable[Finding]:
    _described(subject)
    found = subject.weights
    storages = {t.storage.key: t.storage for t in found.tensors.values()}
    bad = set()
    for key, storage in storages.items():
        try:
            values = found.values(storage)
        except CheckpointError as error:
            yield Problem("weights", f"the file {error.what}", mend=error.mend)
            return
        if values is None:
            raise CannotRun("the values of a file from before torch 1.6 are only looked at when it is loaded")
        if values.dtype.kind == "f" and not bool(np.isfinite(values).all()):
            bad.add(key)
    names = [printable(name) for name, tensor in found.tensors.items() if tensor.storage.key in bad]
    if names:
        what = f"{len(names)} tensors hold NaN or infinity: {', '.join(names[:5])}"
        yield Problem("weights", what, "finite values", mend="send another checkpoint")


def _fits(subject: Subject) -> Iterable[Finding]:
    raise CannotRun(
        "building the network needs the code to be run: "
        f"srbench challenge evaluate PATH --rules {subject.rules.id} --data valid=HR_DIR"
    )


def _counted(subject: Subject) -> Iterable[Finding]:
    _described(subject)
    total = sum(tensor.count for tensor in subject.weights.tensors.values())
    base = subject.rules.baseline.values.get("params")
    beside = f"; the baseline has {base} M parameters" if base is not None else ""
    yield Note("cost", f"the file holds {total / 1e6:.6f} M values, buffers included{beside}")


def _costed(subject: Subject) -> Iterable[Finding]:
    raise CannotRun(
        "MACs, activations, memory and runtime need the code to be run: "
        f"srbench challenge evaluate PATH --rules {subject.rules.id} --data valid=HR_DIR"
    )


def _scored(subject: Subject) -> Iterable[Finding]:
    raise CannotRun(
        f"PSNR needs the code to be run: srbench challenge evaluate PATH --rules {subject.rules.id} --data valid=HR_DIR"
    )


CHECKS = (
    Check("weights-plain", "weights", "the weights are a plain state dict, which runs no code", _ONLY, _plain),
    Check("weights-stored", "weights", "every tensor is stored in full", _ONLY, _stored),
    Check("weights-finite", "weights", "no value is NaN or infinite", _ONLY, _finite),
    Check("weights-fit", "weights", "the weights fit the network", _ONLY, _fits),
    Check("cost-parameters", "cost", "how many values the weights hold", _ONLY, _counted),
    Check("cost-measured", "cost", "MACs, activations, memory and runtime", _ONLY, _costed),
    Check("quality-measured", "quality", "PSNR of the model", _ONLY, _scored),
)
