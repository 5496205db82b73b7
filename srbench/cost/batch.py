"""Many networks of somebody else's counted side by side, each in a process of its own that ends with ours."""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from srbench.errors import SrbenchError

if TYPE_CHECKING:
    from srbench.cost.count import CountResult
    from srbench.cost.profile import Profile
    from srbench.models.options import ModelOptions

MOST_BYTES = 1 << 20
KILLED_S = 5.0
"""For a killed process to be gone."""


@dataclass(frozen=True)
class Job:
    """One network: the ways to build it, best first, as references that ``find_card`` takes."""

    label: str
    ways: tuple[str, ...]


Count = tuple[str, int, int, int, int]
"""(convention, MACs, activations, convolutions, depth)."""


@dataclass(frozen=True)
class Form:
    """Another form of a network: 'for training' beside the deployed one, or 'what infers' of what is carried."""

    form: str
    params: int
    counts: tuple[Count, ...]


@dataclass(frozen=True)
class Row:
    """What came of one network: figures per convention, or the reason in one sentence why there are none."""

    label: str
    title: str = ""
    reference: str = ""
    form: str = ""
    """'as built' or 'deployed', as the profile of a single network says."""
    input_size: tuple[int, int] = (0, 0)
    params: int = 0
    counts: tuple[Count, ...] = ()
    forms: tuple[Form, ...] = ()
    lower_bounds: tuple[str, ...] = ()
    """Conventions that know nothing of some operator, so that their count is a lower bound."""
    remarks: tuple[str, ...] = ()
    failure: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Setting:
    """What all networks of a batch are counted with."""

    scale: int
    size: tuple[int, int]
    conventions: tuple[str, ...]
    options: ModelOptions
    timeout: float = 60.0


def count_all(
    jobs: Sequence[Job], setting: Setting, *, workers: int | None = None, done: Callable[[Row], None] = lambda _: None
) -> Iterator[Row]:
    """Count every job; rows come in the order of the jobs, ``done`` is called as they are finished.

    A network that crashes, hangs, exits or prints takes nobody else with it. Each has one thread.
    """
    context = _context()

    def one(job: Job) -> Row:
        row = _in_a_process(context, job, setting)
        done(row)
        return row

    with ThreadPoolExecutor(workers or _cores()) as pool:
        yield from pool.map(one, jobs)


def count_ways(job: Job, setting: Setting) -> Row:
    """Count one network here, by the first way that builds it and gives ``setting.scale`` times its input."""
    failures = []
    for way in job.ways:
        try:
            return _counted(job.label, way, setting)
        except SrbenchError as error:
            failures.append(str(error))
        except Exception as error:  # a stranger's network may raise anything
            failures.append(f"raised {type(error).__name__}: {' '.join(str(error).split())}")
    return Row(job.label, failure=failures[0] if failures else "there is no way to build it")


def _counted(label: str, way: str, setting: Setting) -> Row:
    from srbench.cost.profile import profile
    from srbench.cost.source import Source, probe
    from srbench.models.opening import open_model
    from srbench.models.words import note_sentence

    model = open_model(way, setting.scale, "none", options=setting.options)
    if model.network is None:
        raise SrbenchError("it is a function on images, not a network")
    source = Source(model.card, model.network, model.scale)
    trouble = probe(source)
    if trouble:
        raise SrbenchError(trouble)
    found = profile(source, setting.size, setting.conventions)
    return Row(
        label,
        model.card.title,
        way,
        found.measured,
        found.input_size,
        int(found.params.params),
        _counts(found.counts),
        _forms(found),
        tuple(name for name, one in found.counts.items() if one.lower_bound),
        (*found.notes, *found.problems, *map(note_sentence, model.notes)),
    )


def _counts(found: Mapping[str, CountResult]) -> tuple[Count, ...]:
    return tuple((name, int(c.macs), int(c.activations), int(c.num_conv), int(c.depth)) for name, c in found.items())


def _forms(found: Profile) -> tuple[Form, ...]:
    forms = []
    if found.deployment is not None:
        trained = found.deployment
        forms.append(Form("for training", int(trained.training_params), _counts(trained.training_form)))
    if found.inference is not None:
        forms.append(Form("what infers", int(found.inference_params), _counts(found.inference)))
    return tuple(forms)


def _context() -> Any:
    """Processes that start in milliseconds where the system can fork: from one that has torch already."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["srbench.cost.warm"])
    return context


def _in_a_process(context: Any, job: Job, setting: Setting) -> Row:
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, job, setting), daemon=True)
    started = time.perf_counter()
    try:
        process.start()
        theirs.close()
        found = json.loads(_received(ours, time.monotonic() + setting.timeout))
        return _row(found, time.perf_counter() - started)
    except TimeoutError:
        return Row(job.label, failure=f"gave no answer within {setting.timeout:g} s, so it was stopped")
    except (EOFError, OSError):
        process.join(2)
        return Row(job.label, failure=_death(process.exitcode))
    except (ValueError, TypeError, KeyError):
        return Row(job.label, failure="its process gave an answer that is none")
    finally:
        process.kill()
        process.join(KILLED_S)  # one that the system holds on to is not waited for
        ours.close()


def _received(connection: Connection, deadline: float) -> bytes:
    """One message, whole before ``deadline`` (monotonic seconds): a network may write half of one, or keep the pipe.

    Raises:
        TimeoutError: it is not.
        EOFError: the other end is closed.
        ValueError: it is too long.
    """
    size = int.from_bytes(_exactly(connection, 4, deadline), "big", signed=True)
    if not 0 <= size <= MOST_BYTES:
        raise ValueError(f"{size} bytes")
    return _exactly(connection, size, deadline)


def _exactly(connection: Connection, count: int, deadline: float) -> bytes:
    data = bytearray()
    while len(data) < count:
        if not connection.poll(max(0.0, deadline - time.monotonic())):
            raise TimeoutError
        piece = os.read(connection.fileno(), count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


def _row(found: dict[str, Any], seconds: float) -> Row:
    """A row from what a process said, which is not to be trusted further than its types."""
    return Row(
        label=str(found["label"]),
        title=str(found["title"]),
        reference=str(found["reference"]),
        form=str(found["form"]),
        input_size=(int(found["input_size"][0]), int(found["input_size"][1])),
        params=int(found["params"]),
        counts=_count_tuples(found["counts"]),
        forms=tuple(Form(str(f["form"]), int(f["params"]), _count_tuples(f["counts"])) for f in found["forms"]),
        lower_bounds=tuple(map(str, found["lower_bounds"])),
        remarks=tuple(map(str, found["remarks"])),
        failure=str(found["failure"]),
        seconds=seconds,
    )


def _count_tuples(found: Any) -> tuple[Count, ...]:
    return tuple((str(name), int(m), int(a), int(c), int(d)) for name, m, a, c, d in found)


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its process ended by signal {-code}"
    return f"its process ended with exit code {code}"


def _work(connection: Connection, job: Job, setting: Setting) -> None:
    """What the process does: count, say so, end. It ends as well when the other end of the pipe is gone."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    threading.Thread(target=_end_with_parent, args=(connection,), daemon=True).start()
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    if setting.options.root:
        os.chdir(setting.options.root)  # repositories name their files relative to their root
    try:
        row = count_ways(job, setting)
    except BaseException as error:
        row = Row(job.label, failure=f"raised {type(error).__name__}: {' '.join(str(error).split())}")
    connection.send_bytes(json.dumps(asdict(row)).encode())
    os._exit(0)


def _end_with_parent(connection: Connection) -> None:
    try:
        connection.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _cores() -> int:
    from srbench.cost.load import cores

    return max(1, cores())
