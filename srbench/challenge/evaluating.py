"""``evaluate``: entries measured by the rules in isolation, a file per entry, and all of them as one results file."""

from __future__ import annotations

import contextlib
import itertools
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from srbench.challenge.entries import SCHEMA, EntryResult, IsolationNote, ResultsFile, write_results
from srbench.challenge.named import entry_named
from srbench.challenge.results_entry import results_entries
from srbench.challenge.session import Plan, measure
from srbench.challenge.spec import EntrySpec
from srbench.datasets import Dataset, is_registered, open_dataset
from srbench.errors import SrbenchError
from srbench.isolation.sandbox import Sandbox
from srbench.metrics import get_protocol
from srbench.quantities import get_quantity
from srbench.results.environment import machine_id, versions
from srbench.rules import Rules

Say = Callable[[str], None]
RESULTS, ENTRIES = "results.json", "entries"
"""What is written into a session's folder: one file of all entries, and a folder with one for each."""


@dataclass(frozen=True)
class Session:
    """Entries, the id of the baseline among them ("": its published values), the rules, where the files go."""

    rules: Rules
    specs: tuple[EntrySpec, ...]
    baseline: str
    folder: Path
    results: tuple[Path, ...] = ()
    """Results submissions: archives or folders of images."""
    references: dict[str, Path] = field(default_factory=dict)
    """Folders of HR images to score those against, by the rules' ids."""


def datasets_of(rules: Rules, given: dict[str, str], limit: int | None) -> tuple[dict[str, Dataset], tuple[str, ...]]:
    """Data sets by the rules' ids, from what the user gives or, by their registered name, from the rules.

    Returns the sets and, of each id that has none, why.

    Raises:
        SrbenchError: an id that the rules do not have, data that cannot be opened, or no set at all.
    """
    known = {dataset.id: dataset for dataset in rules.datasets}
    strange = sorted(set(given) - set(known))
    if strange:
        raise SrbenchError(f"{rules.id} has no data set '{strange[0]}'; it has {', '.join(known)}.")
    found: dict[str, Dataset] = {}
    absent = []
    for key, dataset in known.items():
        if key in given:
            found[key] = _not_lr(open_dataset(given[key], rules.scale, limit=limit), rules.scale, f"{key}={given[key]}")
        elif not given and dataset.dataset and is_registered(dataset.dataset) and not dataset.hidden:
            found[key] = open_dataset(dataset.dataset, rules.scale, limit=limit)
        else:
            why = "its HR images were never given out" if dataset.hidden else "no folder was given"
            absent.append(f"{key} ({dataset.title}) is not measured: {why}; give --data {key}=FOLDER")
    if not found:
        raise SrbenchError(f"no data to measure on: {'; '.join(absent)}.")
    return found, tuple(absent)


def _not_lr(dataset: Dataset, scale: int, given: str) -> Dataset:
    """``dataset``, unless its HR images have the names of LR images.

    Raises:
        SrbenchError: they have.
    """
    ending, names = f"x{scale}", [pair.name for pair in dataset.images]
    if names and all(name.lower().endswith(ending) for name in names):
        raise SrbenchError(
            f"--data {given}: the names of all images end in {ending}, as those of LR images do; give the folder "
            "of HR images, or rename them if they are those."
        )
    return dataset


def image_quantities_of(rules: Rules) -> tuple[str, ...]:
    """Quantities of images among the columns, by name."""
    names = [column.quantity for column in rules.columns]
    return tuple(name for name in dict.fromkeys(names) if get_quantity(name).of_images)


def conventions_of(rules: Rules) -> tuple[str, ...]:
    """Counting conventions among the columns."""
    names = [column.quantity.partition(":")[2] for column in rules.columns if ":" in column.quantity]
    return tuple(dict.fromkeys(names)) or ("ntire-hooks",)


def protocol_of(rules: Rules) -> str:
    """Id of the rules' protocol.

    Raises:
        SrbenchError: the rules do not know it.
    """
    if rules.protocol is None:
        raise SrbenchError(f"the protocol of {rules.id} is unknown, so nothing can be measured by it.")
    get_protocol(rules.protocol)
    return rules.protocol


def choose_baseline(specs: Sequence[EntrySpec], wanted: str | None, rules: Rules) -> str:
    """Id of the baseline: the one asked for, else ``00``; "" where only the rules' published values can serve.

    Raises:
        SrbenchError: there is no such entry, or none and the rules publish no values to rank against.
    """
    ids = [spec.id for spec in specs]
    doubled = sorted({one for one in ids if ids.count(one) > 1})
    if doubled:
        raise SrbenchError(f"two entries are called {', '.join(doubled)}; give each its own team number.")
    if wanted is not None:
        try:
            wanted = entry_named(wanted, ids)
        except SrbenchError:
            raise SrbenchError(
                f"no entry '{wanted}' to be the baseline; there are {', '.join(ids)}; name one of them with --baseline."
            ) from None
    if wanted is not None or "00" in ids:
        return wanted or "00"
    absent = not_published(rules)
    if absent:
        raise SrbenchError(
            f"no entry '00' is the baseline, and {rules.id} publishes no {', '.join(absent)} of {rules.baseline.name} "
            f"to rank {', '.join(ids)} against; give the baseline's own submission as a further PATH, and name it: "
            "--baseline ID."
        )
    return ""


def not_published(rules: Rules) -> tuple[str, ...]:
    """Columns that a track compares with the baseline's and of which the rules have no published value."""
    wanted = [
        column
        for track in rules.tracks
        for column in (*(t.column for t in track.terms if t.function == "exp-ratio"), *track.no_worse_than_baseline)
    ]
    return tuple(column for column in dict.fromkeys(wanted) if column not in rules.baseline.values)


def evaluate(session: Session, plan: Plan, sandbox: Sandbox, say: Say = lambda _: None) -> ResultsFile:
    """Measure all entries and write ``entries/<id>.json`` each and ``results.json`` into the session's folder.

    A file appears whole, and only when no process of any entry lives any more. Results of an earlier evaluation in that
    folder are replaced, all of them, which is said.
    """
    earlier = _entry_files(session.folder)
    if earlier or (session.folder / RESULTS).is_file():
        say(f"'{session.folder}' holds an earlier evaluation; it is replaced by this one")
    written: set[Path] = set()
    found: list[EntryResult] = []
    scored = results_entries(session.results, session.rules, session.references)
    for entry in itertools.chain(measure(session.specs, plan, say), scored):
        found.append(entry)
        place = session.folder / ENTRIES / f"{_slug(entry.id)}.json"
        written.add(write_results(_file(session, plan, sandbox, (entry,)), place))
    results = _file(session, plan, sandbox, tuple(found))
    write_results(results, session.folder / RESULTS)
    for stale in set(earlier) - written:
        stale.unlink(missing_ok=True)
    return results


def _entry_files(folder: Path) -> list[Path]:
    """Files of single entries that an evaluation wrote into ``folder``; others are nobody's business here."""
    found = []
    for file in sorted((folder / ENTRIES).glob("*.json")):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if SCHEMA in file.read_text(encoding="utf-8")[:2000]:
                found.append(file)
    return found


def _file(session: Session, plan: Plan, sandbox: Sandbox, entries: tuple[EntryResult, ...]) -> ResultsFile:
    return ResultsFile(
        rules=session.rules.id, baseline=session.baseline, device=plan.setting.device,
        isolation=IsolationNote(kind=sandbox.kind, protects=sandbox.protects, gaps=sandbox.gaps), entries=entries,
        machine=machine_id(), versions=versions(),
        command=shlex.join(["srbench", *(argument for argument in sys.argv[1:])]),
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
    )  # fmt: skip


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text) or "entry"
