"""On a Ray cluster (extra ``srbench[ray]``): its scheduler, its retries, its view of which node has a GPU.

Weights and images are read on the nodes by the same paths as here. A node that is lost gives its images to the others.
"""

from __future__ import annotations

import functools
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from srbench.errors import SrbenchError
from srbench.evaluation.engine.session import Row, Session
from srbench.evaluation.engine.setting import NO_RAY
from srbench.evaluation.engine.unit import Unit
from srbench.evaluation.executors import Heard, Indices
from srbench.evaluation.images import ModelFailure
from srbench.results.environment import machine, write_described

Described = Callable[[Row, dict[str, Any]], None]
"""Told one row, and the machine that it is from."""

RETRIES = 3
"""How often Ray does a task again whose worker or node is lost."""
AT_ONCE = 4
"""Tasks that are waiting, for each core of the cluster."""


def run_ray(
    unit: Unit, results: Path | None, session: Session, indices: Indices, heard: Heard, *, address: str = ""
) -> None:
    """Every image by a task of the cluster at ``address``; "" takes the running one, or starts one on this machine.

    The nodes that computed are described in ``results``, where that is given, as this machine is.

    Raises:
        SrbenchError: Ray is not installed or not reached, the model or the data failed, or workers are lost too often.
    """
    try:
        import ray
    except ImportError:
        raise SrbenchError(NO_RAY) from None
    started = not ray.is_initialized()
    try:
        if started:
            ray.init(address=address or None, log_to_driver=False, configure_logging=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        first = (str(error).strip().splitlines() or ["no message"])[0]
        raise SrbenchError(f"the Ray cluster at '{address}' is not reached: {first}") from error
    try:
        _all_images(ray, unit, session, indices, _with_machines(heard, results))
    finally:
        if started:
            ray.shutdown()


def _with_machines(heard: Heard, results: Path | None) -> Described:
    """Hears a row with the machine that it is from, whose description is written when it is first met."""
    known: set[str] = set()

    def described_once(row: Row, described: dict[str, Any]) -> None:
        if results is not None and described["id"] not in known:
            write_described(results, described)
            known.add(described["id"])
        heard(row)

    return described_once


def _all_images(ray: Any, unit: Unit, session: Session, indices: Indices, heard: Described) -> None:
    gpus = 1 if unit.device.startswith("cuda") else 0
    task = ray.remote(num_cpus=unit.threads, num_gpus=gpus, max_retries=RETRIES)(score_there)
    sent = ray.put(pickle.dumps(unit))
    todo = iter(indices)
    pending: dict[Any, int] = {}
    most = AT_ONCE * max(1, int(ray.cluster_resources().get("CPU", 1)))
    try:
        while True:
            for index in todo:
                pending[task.remote(sent, index)] = index
                if len(pending) >= most:
                    break
            if not pending:
                return
            ready, _ = ray.wait(list(pending), num_returns=1)
            index = pending.pop(ready[0])
            heard(*_answer(ray, ready[0], session, index))
    finally:
        for reference in pending:
            ray.cancel(reference, force=True)


def _answer(ray: Any, reference: Any, session: Session, index: int) -> tuple[Row, dict[str, Any]]:
    """The row of an image, and the machine that it is from."""
    try:
        kind, value, machine = ray.get(reference)
    except ray.exceptions.RayError as error:
        name = session.dataset.images[index].name
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise SrbenchError(
            f"{session.model.card.name}: Ray gave up image '{name}' after {RETRIES} retries: {first}"
        ) from error
    if kind == "failed":
        raise ModelFailure(value)
    return value, machine


def score_there(sent: bytes, index: int) -> tuple[str, Any, dict[str, Any]]:
    """What a task does: ("row", row, the machine), or ("failed", sentence, {})."""
    try:
        return "row", _session(sent).score(index).row, machine()
    except SrbenchError as error:
        return "failed", str(error), {}


@functools.lru_cache(maxsize=1)
def _session(sent: bytes) -> Session:
    """The session of a unit, kept for the next image."""
    unit = pickle.loads(sent)
    assert isinstance(unit, Unit)
    return unit.open()
