"""What was measured of the entries of a challenge: the results file between ``evaluate`` and ``rank``.

Raw per-image values are kept, so that every timing policy (cold or warm, mean or median) and every rounding can be
applied afterwards. A value's :data:`Label` says who vouches for it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from srbench.challenge.named import entry_named
from srbench.errors import SrbenchError

SCHEMA: Literal["srbench.challenge.results/1"] = "srbench.challenge.results/1"

Label = Literal["self-declared", "child-measured", "parent-verified"]
"""Who measured a value: the participant; the process that ran their code; the process outside of it."""
Status = Literal["measured", "invalid", "stopped", "unmapped"]
"""``stopped``: a limit or the isolation ended it; ``unmapped``: no network could be made of the entry."""

Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e18, le=1e18)]
"""No measured value comes near the bounds; beyond them ranking would only compute nonsense."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ImageResult(_Data):
    """Quality of one image; ``values`` by quantity name, None where infinite (``identical``)."""

    image: str
    values: dict[str, Finite | None]
    identical: bool = False
    lr_size: tuple[int, int] | None = None


class RunTimes(_Data):
    """One run of an entry over one dataset: [ms] per image in the order in which they were run, from the first."""

    images: tuple[str, ...]
    forward_ms: tuple[Finite, ...]
    """The parent's clock around each request, less the calibrated transfer of as many bytes where that is sound."""
    claimed_ms: tuple[Finite, ...] = ()
    """What the entry's own process says that the forward pass took."""
    unsound: tuple[str, ...] = ()
    """Images whose ``forward_ms`` is the parent's whole time: both clocks disagree, or transfers are most of it."""


class DatasetResult(_Data):
    """An entry on one dataset: means over the images, the images, and every run's times."""

    dataset: str
    values: dict[str, Finite | None] = {}
    """Mean over images by quantity name, e.g. ``{"niqe@1": 3.94}``; None where an image is identical."""
    images: tuple[ImageResult, ...] = ()
    runs: tuple[RunTimes, ...] = ()


class Flag(_Data):
    """Something an organiser has to look at; never a verdict by itself."""

    kind: str
    """``memorised``, ``timer``, ``not deterministic``, ``equals reference``, ``lower bound``, ``uncounted state``,
    ``incomplete weights``, ``range undetermined``, ``near duplicate``, ``shims``, ``gap``, ``unsteady``."""
    text: str


class EntryResult(_Data):
    """One entry, measured or not."""

    id: str
    """Team number as the organisers write it, e.g. ``04``; ``00`` is the baseline in their repositories."""
    title: str
    status: Status
    reasons: tuple[str, ...] = ()
    """Why it is not ``measured``: one sentence each."""
    datasets: tuple[DatasetResult, ...] = ()
    values: dict[str, Finite] = {}
    """Quantities that belong to the network, by name: ``params``, ``macs:fvcore``, ``activations:ntire-hooks``,
    ``convs:ntire-hooks``, ``memory`` (bytes)."""
    input_size: tuple[int, int] | None = None
    labels: dict[str, Label] = {}
    """By quantity name, for ``values``, those of images and ``runtime``."""
    flags: tuple[Flag, ...] = ()
    sources: dict[str, str] = {}
    """``submission``, ``weights``, ``code``: SHA-256 of what was measured."""
    outputs: dict[str, str] = {}
    """Image name to SHA-256 of the SR pixels: near duplicates show here."""


class IsolationNote(_Data):
    """Which isolation was in force and what it does not protect from; the head of every report."""

    kind: str
    protects: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


class ResultsFile(_Data):
    """All entries of one ``evaluate``, the baseline among them."""

    schema_: Literal["srbench.challenge.results/1"] = Field(default=SCHEMA, alias="schema")
    rules: str
    baseline: str
    """``id`` of the baseline's entry, measured in the same session; "" where the rules' published values serve."""
    device: str = "cpu"
    isolation: IsolationNote
    entries: tuple[EntryResult, ...]
    machine: str = ""
    versions: dict[str, str] = {}
    command: str = ""
    created: str = ""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def entry(self, entry_id: str) -> EntryResult:
        """The entry of an id.

        Raises:
            SrbenchError: there is none.
        """
        for found in self.entries:
            if found.id == entry_id:
                return found
        raise SrbenchError(
            f"no entry '{entry_id}' in these results; there are {', '.join(e.id for e in self.entries)}."
        )

    def with_baseline(self, name: str) -> ResultsFile:
        """The same results against another of their entries, by id or title.

        Raises:
            SrbenchError: there is none.
        """
        found = next((entry.id for entry in self.entries if entry.title == name), name)
        ids = [entry.id for entry in self.entries]
        return self.model_copy(update={"baseline": entry_named(name if name in ids else found, ids, "--baseline")})


def read_results(path: str | Path) -> ResultsFile:
    """Read a results file that :func:`write_results` wrote.

    Raises:
        SrbenchError: no such file, or it is not one.
    """
    file = Path(path)
    try:
        found = ResultsFile.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise SrbenchError(f"results '{file}' cannot be read: {error.strerror}; give what 'evaluate' wrote.") from error
    except (ValueError, RecursionError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise SrbenchError(f"'{file}' is not a results file of 'srbench challenge evaluate': {first}.") from error
    if not found.entries:
        raise SrbenchError(f"'{file}' has no entries; evaluate some.")
    return found


def write_results(results: ResultsFile, path: str | Path) -> Path:
    """Write ``results`` as JSON, whole or not at all; finite numbers only."""
    file = Path(path)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(results.model_dump_json(by_alias=True, indent=1) + "\n", encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise SrbenchError(f"cannot write results '{file}': {error.strerror}; give another --output.") from error
    finally:
        part.unlink(missing_ok=True)
    return file
