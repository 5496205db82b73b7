"""An organisers' repository as entries: read as text first, then, if allowed, opened in isolation and counted."""

from __future__ import annotations

import ast
import queue
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, cast

from srbench.challenge.chain import Branch, Chain, find_chain
from srbench.challenge.spec import EntrySpec
from srbench.challenge.submission import DESCRIPTION
from srbench.challenge.wants import Needs, has_stand_in, needs_of
from srbench.errors import SrbenchError
from srbench.isolation.process import IsolatedProcess, Refused, Setting, Stopped
from srbench.isolation.sandbox import ENTRY
from srbench.models.reference import Reference

HANDLER = "srbench.isolation.network:NetworkHandler"
FORKING = "srbench.isolation.forking:ForkingHandler"


@dataclass(frozen=True)
class ImportedRepository:
    """What was read of a repository. ``understood`` entries have class, arguments, weights and range."""

    root: Path
    loader: str
    function: str
    entries: tuple[EntrySpec, ...]

    @property
    def understood(self) -> tuple[EntrySpec, ...]:
        """Entries of which reading told everything."""
        return tuple(entry for entry in self.entries if not entry.reason)


@dataclass(frozen=True)
class EntryProfile:
    """What came of opening and counting one entry in isolation; ``failure`` says why nothing did."""

    spec: EntrySpec
    summary: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)
    failure: str = ""
    stopped: bool = False
    seconds: float = 0.0


def import_repository(root: str | Path, scale: int = 4, shims: bool = False) -> ImportedRepository:
    """Read the loader of ``root``; nothing of it is executed.

    Raises:
        SrbenchError: no such folder, or no loader in it.
    """
    folder = Path(root).expanduser()
    if not folder.is_dir():
        raise SrbenchError(f"'{root}' is not a folder; give the folder of an organisers' repository.")
    folder = folder.resolve()
    chain = find_chain(folder, scale)
    entries = tuple(_entry(folder, chain, branch, (scale, shims)) for branch in chain.branches)
    return ImportedRepository(folder, str(chain.file.relative_to(folder)), chain.function, entries)


def _entry(root: Path, chain: Chain, branch: Branch, how: tuple[int, bool]) -> EntrySpec:
    scale, shims = how
    loader = str(chain.file.relative_to(root))
    needs = needs_of(root, branch.imports, ast.Module(cast("list[ast.stmt]", list(branch.nodes)), []), loader)
    title = branch.name or branch.class_name or f"entry {branch.id}"
    spec = EntrySpec(
        id=branch.id, title=title, folder=str(root), way="loader", scale=scale, loader=loader, function=chain.function,
        id_name=chain.id_name, number=branch.number, line=branch.line, weights=branch.weights, key=branch.key,
        strict=branch.strict, data_range=branch.data_range, tile=branch.tile, shims=shims, reason=branch.reason,
        missing=tuple(dict.fromkeys(one.symbol for one in needs.missing)), acts=needs.acts, steps=branch.steps,
    )  # fmt: skip
    if branch.reason:
        return spec
    file = _module_file(root, chain.file, branch.module)
    if file is None:
        return spec.model_copy(update={"reason": f"its module '{branch.module}' is not in the repository"})
    reference = Reference(str(file.relative_to(root)), branch.class_name, branch.positional, branch.keywords)
    reason = _lacks(root, branch, needs)
    return spec.model_copy(update={"reference": str(reference), "reason": reason})


def _lacks(root: Path, branch: Branch, needs: Needs) -> str:
    if branch.data_range is None:
        return "its data range is not a constant; only running it would tell"
    if branch.weights and not (root / branch.weights).is_file():
        return _not_there(branch.weights)
    return ""


def _not_there(weights: str) -> str:
    return f"its weights '{weights}' are not in the repository"


def _module_file(root: Path, loader: Path, module: str) -> Path | None:
    for folder in dict.fromkeys((loader.parent, root)):
        path = folder.joinpath(*module.split("."))
        for file in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
            if file.is_file() and root in file.resolve().parents:
                return file.resolve()
    return None


@dataclass(frozen=True)
class Counting:
    """What every entry is counted with."""

    size: tuple[int, int]
    conventions: tuple[str, ...]
    setting: Setting


def profile_all(
    entries: Sequence[EntrySpec], counting: Counting, workers: int, asked: frozenset[str] = frozenset(),
    done: Callable[[EntryProfile], None] = lambda _: None,
) -> Iterator[EntryProfile]:  # fmt: skip
    """Open and count entries, each in a sandboxed process of its own; rows come in the order of ``entries``.

    ``workers`` sandboxes have torch ready and fork for every entry. Entries whose code starts processes or fetches are
    not run unless their id is ``asked`` for.
    """
    free: queue.SimpleQueue[_Forker] = queue.SimpleQueue()
    made = [_Forker(counting.setting) for _ in range(max(1, min(workers, len(entries))))]
    for forker in made:
        free.put(forker)

    def one(spec: EntrySpec) -> EntryProfile:
        if spec.acts and spec.id not in asked:
            found = EntryProfile(spec, failure=not_run(spec))
        else:
            forker = free.get()
            try:
                found = forker.profile(spec, counting)
            finally:
                free.put(forker)
        done(found)
        return found

    try:
        with ThreadPoolExecutor(len(made)) as pool:
            yield from pool.map(one, entries)
    finally:
        for forker in made:
            forker.close()


class _Forker:
    """A sandboxed process that forks for every entry of one folder; made anew where an entry has ended it."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.process: IsolatedProcess | None = None
        self.folder = ""

    def profile(self, spec: EntrySpec, counting: Counting) -> EntryProfile:
        """Open and count one entry; what fails is its ``failure``."""
        began = time.monotonic()
        seconds = self.setting.limits.start_s
        try:
            answer = self._ready(spec.folder).ask(
                "profile", spec=spec.for_process(), size=list(counting.size), conventions=list(counting.conventions),
                seconds=seconds,
            ).header  # fmt: skip
            found = EntryProfile(
                spec, dict(answer.get("summary") or {}), dict(answer.get("counts") or {}),
                with_advice(spec, str(answer.get("failure") or "")),
            )  # fmt: skip
        except Refused as error:
            found = EntryProfile(spec, failure=f"its process {error}", stopped=True)
        except Stopped as error:
            found = EntryProfile(spec, failure=f"its process {error}", stopped=True)
            self.close()
        return replace(found, seconds=time.monotonic() - began)

    def _ready(self, folder: str) -> IsolatedProcess:
        if self.process is None or self.process.stopped or self.folder != folder:
            self.close()
            limits = replace(self.setting.limits, request_s=self.setting.limits.start_s + 10)
            process = IsolatedProcess(FORKING, Path(folder), replace(self.setting, limits=limits))
            try:
                alone = self.setting.sandbox.kind != "process"
                process.ask("start", alone=alone, plugins=list(self.setting.plugins))
            except BaseException as error:
                process.close()
                if isinstance(error, Refused):  # of our own files, not of an entry
                    raise SrbenchError(str(error)) from error
                raise
            self.process, self.folder = process, folder
        return self.process

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.close()
            self.process = None


def not_run(spec: EntrySpec) -> str:
    """Why an entry that starts processes or fetches is left alone."""
    return f"not run: its code starts processes or fetches ({'; '.join(spec.acts[:2])}); --run {spec.id} runs it"


def with_advice(spec: EntrySpec, failure: str) -> str:
    """A failure with the symbols that the entry wants from packages that are not installed.

    >>> with_advice(EntrySpec(id="07", title="mine", folder="."), "1 key missing; --no-strict loads what fits.")
    '1 key missing; strict = false in submission.toml loads what fits.'
    """
    failure = failure.replace(f"{ENTRY}/", "")  # where its folder lies in the sandbox
    if spec.way == "class":  # an option of other commands: here the submission says it
        failure = failure.replace("--no-strict", f"strict = false in {DESCRIPTION}")
    name = PurePosixPath(spec.weights).name
    if spec.reason == _not_there(spec.weights) and name in failure and "No such file" in failure:
        return spec.reason  # whatever line of the loader came upon it
    lacking = [one for one in spec.missing if not has_stand_in(one.partition(".")[0])]
    if lacking or spec.shims:
        packages = dict.fromkeys(one.partition(".")[0] for one in lacking)
        without = f"; there is no stand-in for {', '.join(packages)}." if packages else "."
        failure = failure.replace("; --shims may stand in.", without)
    if spec.missing and ("missing" in failure or "No module" in failure or "not installed" in failure):
        return f"{failure} It wants {', '.join(spec.missing[:6])}."
    return failure
