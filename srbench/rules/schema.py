"""The schema of ``rules.toml``: what a challenge measures, which entries it ranks, and how.

Nothing here belongs to one year: a score is a list of terms over columns, a floor is a column and a number. What the
sources do not state is left out and *marked* as unknown; what is only inferred from other data is marked as inferred.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Status = Literal["stated", "recomputed", "second-hand", "inferred", "from memory", "unknown"]
Rounding = Literal["half-up", "half-even"]
Ties = Literal["competition", "dense", "ordinal"]
Direction = Literal["lower", "higher"]


def _as_decimal(value: Any) -> Any:
    """A TOML float is read as the digits that are written, not as the binary number next to them."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def _plausible(value: Decimal) -> Decimal:
    if not value.is_finite() or (value and not -30 <= value.adjusted() <= 18):
        raise ValueError("expected 0, or a number from 1e-30 to 1e18")
    return value


Number = Annotated[Decimal, BeforeValidator(_as_decimal), AfterValidator(_plausible)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Mark(_Strict):
    """Where a piece of the rules comes from, when it is not simply stated by the organisers."""

    status: Status
    note: str = Field(default="", description="What it rests on, or what contradicts it; in our words.")


class Dataset(_Strict):
    """A set of images that entries are run on."""

    id: str = Field(pattern=r"^[a-z0-9]+$", description="Used in column keys, e.g. 'valid'.")
    title: str
    dataset: str = Field(default="", description="Name in the registry of datasets; empty where there is none.")
    images: int | None = Field(default=None, gt=0)
    hidden: bool = Field(default=False, description="The HR images were never given out.")


class Column(_Strict):
    """One quantity of an entry: what it is, how it is counted and shown.

    ``quantity`` names the quantity with its counting convention ("macs:fvcore"); ``mean_of`` makes the column the mean
    of other columns where it is not given itself (the mean of the two sets' means).
    """

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9\-]*$")
    title: str
    quantity: str
    dataset: str = Field(default="", description="Id of a dataset of the rules, for columns measured on one.")
    unit: Literal["", "K", "M", "G", "dB", "ms", "s", "MiB"] = ""
    digits: int = Field(default=2, ge=0, description="Decimals shown.")
    direction: Direction = "lower"
    input_size: tuple[int, int] | None = Field(default=None, description="LR (height, width) of counts.")
    mean_of: tuple[str, ...] = ()
    shown: bool = True


class Baseline(_Strict):
    """The network that entries are compared with. ``values`` are in the columns' units, as published."""

    name: str
    model: str = Field(default="", description="Name in the registry of models; empty where it is not registered.")
    row: str = Field(default="", description="How the organisers' table calls it.")
    values: dict[str, Number] = Field(default_factory=dict)


class Floor(_Strict):
    """An entry is ranked only if ``column``, rounded to ``decimals``, is at least ``value``."""

    column: str
    value: Number
    decimals: int | None = Field(default=None, ge=0, description="None: the value is compared as it is.")
    rounding: Rounding = "half-up"


class Timing(_Strict):
    """What is timed, and how single times become one number."""

    hardware: str | None = Field(default=None, description="Key of hardware.toml.")
    timed: tuple[str, ...] = Field(description="What lies between the two clock readings.")
    excluded: tuple[str, ...] = Field(default=(), description="What lies outside of them.")
    precision: str | None = None
    batch: int | None = None
    warmup_images: int | None = Field(default=None, ge=0)
    first_image_in_mean: bool | None = None
    over_images: Literal["mean", "median", "best"] | None = None
    datasets: tuple[str, ...] | None = None
    over_datasets: Literal["mean of means", "pooled"] | None = None
    runs: int | None = Field(default=None, ge=1)
    over_runs: Literal["mean", "median", "best", "last"] | None = None
    cudnn_benchmark: bool | None = None
    tf32: bool | None = None


class Term(_Strict):
    """One summand of a score: ``weight * function(column)``.

    ``value`` is the column itself, ``rank`` its rank among the eligible entries, ``ratio`` the value over the
    baseline's, ``exp-ratio`` exp(factor * ratio).
    """

    column: str
    function: Literal["value", "rank", "ratio", "exp-ratio"] = "value"
    weight: Number = Decimal(1)
    factor: Number = Decimal(2)
    ties: Ties = Field(
        default="competition",
        description="How 'rank' ranks equal values; 'ordinal' tells them apart in the order of the main track.",
    )


class Track(_Strict):
    """A ranking: a score made of terms, its order, and what a row must also keep."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9\-]*$")
    title: str
    main: bool = False
    terms: tuple[Term, ...] = Field(min_length=1)
    order: Direction = Field(default="lower", description="Which score is better.")
    ties: Ties | None = Field(default=None, description="How equal scores are ranked; None where nobody says.")
    no_worse_than_baseline: tuple[str, ...] = Field(default=(), description="Columns that must not be worse.")


class Submission(_Strict):
    """How a submission is laid out by the challenge's text."""

    model_file: str = ""
    weights_file: str = ""
    weights_suffixes: tuple[str, ...] = ()
    data_ranges: tuple[float, ...] = ()
    results_readme: tuple[str, ...] = Field(default=(), description="Labels of the readme's lines, in their order.")


class Printed(_Strict):
    """Where the organisers' table is kept among ours, and which of its columns print the ranks."""

    paper: str
    table: str
    scores: dict[str, str] = Field(default_factory=dict, description="track -> column with its printed score")
    ranks: dict[str, str] = Field(default_factory=dict, description="track or column -> column with its printed rank")
    columns: dict[str, tuple[str, str]] = Field(
        default_factory=dict, description="column -> (metric, dataset) of the printed table"
    )
    reference_rows: tuple[str, ...] = Field(default=(), description="Rows of baselines: shown, never ranked.")


class Counts(_Strict):
    """How many took part, where a source says."""

    registered: int | None = None
    valid: int | None = None
    ranked: int | None = None


class Rules(_Strict):
    """The rules of one challenge in one year; see ``leaderboards/challenges/<id>/rules.toml``.

    ``marks`` says of a dotted path ("floors", "timing.runs", "baseline.values.macs") that it is not simply stated.
    Whatever is missing is marked as unknown: a gap without a mark is an error.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$")
    title: str
    short: str
    year: int
    report: str = ""
    platform: str | None = None
    sources: tuple[str, ...] = Field(min_length=1)
    scale: int = Field(ge=1)
    protocol: str | None = None
    teams: Counts = Counts()
    baseline: Baseline
    datasets: tuple[Dataset, ...] = Field(min_length=1)
    columns: tuple[Column, ...] = Field(min_length=1)
    floors: tuple[Floor, ...] = ()
    timing: Timing
    tracks: tuple[Track, ...] = ()
    submission: Submission | None = None
    printed: Printed | None = None
    marks: dict[str, Mark] = Field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name in the registry: the id."""
        return self.id

    def column(self, key: str) -> Column:
        """The column ``key``; KeyError where there is none."""
        return {c.key: c for c in self.columns}[key]

    def track(self, track: str) -> Track:
        """The track ``track``; KeyError where there is none."""
        return {t.id: t for t in self.tracks}[track]

    @property
    def main_track(self) -> Track | None:
        """The track that decides the challenge; None where the sources name none."""
        return next((t for t in self.tracks if t.main), None)

    def status(self, path: str) -> Status:
        """How well the piece at ``path`` is known; what holds for a piece holds for its parts."""
        parts = path.split(".")
        for length in range(len(parts), 0, -1):
            mark = self.marks.get(".".join(parts[:length]))
            if mark is not None:
                return mark.status
        return "stated"

    @model_validator(mode="after")
    def _consistent(self) -> Rules:
        keys = [c.key for c in self.columns]
        _unique("columns", keys)
        _unique("tracks", [t.id for t in self.tracks])
        _unique("datasets", [d.id for d in self.datasets])
        _known("columns", self._columns_named(), keys)
        _known("datasets", {c.dataset for c in self.columns if c.dataset}, [d.id for d in self.datasets])
        _known("datasets", set(self.timing.datasets or ()), [d.id for d in self.datasets])
        if sum(t.main for t in self.tracks) > 1:
            raise ValueError("more than one track is the main track")
        self._check_marks()
        return self

    def _columns_named(self) -> set[str]:
        named = {f.column for f in self.floors} | set(self.baseline.values)
        named |= {part for c in self.columns for part in c.mean_of}
        for track in self.tracks:
            named |= {term.column for term in track.terms} | set(track.no_worse_than_baseline)
        return named

    def _check_marks(self) -> None:
        gaps = set(self.gaps())
        unknown = {path for path, mark in self.marks.items() if mark.status == "unknown"}
        silent = sorted(g for g in gaps if not any(g == u or g.startswith(f"{u}.") for u in unknown))
        if silent:
            raise ValueError(f"{', '.join(silent)} is missing and not marked as unknown; fill it in or mark it")
        filled = sorted(u for u in unknown if not any(g == u or g.startswith(f"{u}.") for g in gaps))
        if filled:
            raise ValueError(f"{', '.join(filled)} is marked as unknown, but there is no gap at that path")

    def gaps(self) -> tuple[str, ...]:
        """Dotted paths of everything that these rules leave open; each is marked as unknown."""
        optional: list[tuple[str, Any]] = [("platform", self.platform), ("protocol", self.protocol)]
        optional += [(f"teams.{name}", value) for name, value in self.teams]
        optional += [(f"timing.{name}", value) for name, value in self.timing]
        optional += [(f"datasets.{d.id}.images", d.images) for d in self.datasets]
        optional += [(f"floors.{f.column}.decimals", f.decimals) for f in self.floors]
        optional += [(f"tracks.{t.id}.ties", t.ties) for t in self.tracks]
        optional += [(f"baseline.values.{c.key}", self.baseline.values.get(c.key)) for c in self.columns]
        optional += [("floors", self.floors or None), ("tracks", self.tracks or None)]
        return tuple(path for path, value in optional if value is None)


def _unique(what: str, names: list[str]) -> None:
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ValueError(f"{what} named twice: {', '.join(twice)}")


def _known(what: str, used: set[str], known: list[str]) -> None:
    strange = sorted(used - set(known))
    if strange:
        raise ValueError(f"{', '.join(map(repr, strange))} named, but not among the {what} {', '.join(known)}")
