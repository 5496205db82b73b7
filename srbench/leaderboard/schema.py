"""The schema of published tables: a CSV of cells per table, and one TOML per paper that describes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from srbench.datasets.facts import dataset_facts
from srbench.leaderboard.values import UNITS
from srbench.quantities import PSNR, Quantity, quantities

Mark = Literal["bold", "underline", "none"]
MarkMeaning = Literal["best", "second", "best or second"]

CSV_COLUMNS = ("row_index", "row", "model", "scale", "dataset", "metric", "value", "mark", "note")

_PRINTED_ONLY: dict[str, bool | None] = {
    "lpips": False,
    "macs_per_pixel": False,
    "depth": None,
    "prm": None,
    "cca": None,
    "iic": None,
    "kernel": None,
    "stride": None,
    "in_channels": None,
    "out_channels": None,
    "author": None,
    "extra_data": None,
    "eligible": None,
    "main_rank": False,
    "sub1_score": False,
    "sub1_rank": False,
    "sub2_score": False,
    "sub2_rank": False,
    "runtime_rank": False,
    "params_rank": False,
    "macs_rank": False,
    "activations_rank": False,
    "memory_rank": False,
}
"""What tables print besides quantities, and what they order otherwise (the depth of a network is no merit)."""
QUANTITY_OF = {"num_conv": "convs"}
"""Names of quantities in the files of tables, where they differ from the registry's."""
_DIRECTIONS: dict[str, bool | None] = {"higher": True, "lower": False, "none": None}


class _Metrics(Mapping[str, "bool | None"]):
    """Whether higher is better, by name in the files of tables; None: no order. Quantities say so themselves."""

    def __init__(self) -> None:
        self._of: tuple[Quantity, ...] = ()
        self._directions: dict[str, bool | None] = {}
        self._listed: dict[str, None] = {}

    def __getitem__(self, name: str) -> bool | None:
        self._refresh()
        return self._directions[name]

    def __iter__(self) -> Iterator[str]:
        self._refresh()
        return iter(self._listed)

    def __len__(self) -> int:
        self._refresh()
        return len(self._listed)

    def __contains__(self, name: object) -> bool:
        self._refresh()
        return name in self._listed

    def _refresh(self) -> None:
        """Make the names anew where a quantity has been registered since they were made; every cell asks for one."""
        every = quantities()
        if every is self._of:
            return
        printed = {quantity: name for name, quantity in QUANTITY_OF.items()}
        ways = {name: _DIRECTIONS[q.direction] for q in every for name in (q.name, printed.get(q.name, q.name))}
        self._directions = {**{f"{name}_trend": None for name in ways}, **ways, **_PRINTED_ONLY}
        plain = [printed.get(q.name, q.name) for q in every if ":" not in q.name]
        trends = [f"{q.name}_trend" for q in every if q.of_images]
        self._listed = dict.fromkeys((*plain, *trends, *_PRINTED_ONLY))
        self._of = every


METRICS: Mapping[str, bool | None] = _Metrics()


DATASETS = {"": "", **{name: facts.title for name, facts in dataset_facts().items() if name != "embedded"}}
"""Titles of the test sets that a printed cell may name; empty for costs."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PublishedCell(_Strict):
    """One printed cell: a line of a table's CSV."""

    row_index: int = Field(
        ge=0, le=100_000, description="Which row of the table, counted from 0 in the order of printing."
    )
    row: str = Field(min_length=1, description="The row's label as printed, citation number included.")
    model: str = Field(description="Name in our registry, or empty when the network is not registered.")
    scale: int | None = Field(ge=1, le=64, description="Upscaling factor; empty where the table has none.")
    dataset: str
    metric: str
    value: str = Field(min_length=1, description="Digits, thousands commas and suffix exactly as printed.")
    mark: Mark
    note: str = ""

    @field_validator("metric")
    @classmethod
    def _known_metric(cls, metric: str) -> str:
        if metric not in METRICS:
            raise ValueError(f"metric '{metric}' is not one of {', '.join(METRICS)}")
        return metric

    @field_validator("dataset")
    @classmethod
    def _known_dataset(cls, dataset: str) -> str:
        if dataset not in DATASETS:
            raise ValueError(f"dataset '{dataset}' is not one of {', '.join(filter(None, DATASETS))}")
        return dataset


class Column(_Strict):
    """A printed column. Two metrics in one column ("PSNR/SSIM") are printed around ``separator``."""

    header: str
    subheader: str = ""
    metrics: tuple[str, ...] = Field(min_length=1)
    dataset: str = ""
    unit: str = Field(default="", description="Unit of the column's numbers where the digits carry none.")
    units: tuple[str, ...] = Field(default=(), description="One per metric, where a column prints two quantities.")
    separator: str = "/"

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, unit: str) -> str:
        if unit not in UNITS:
            raise ValueError(f"unit '{unit}' is not one of {', '.join(filter(None, UNITS))}")
        return unit

    @model_validator(mode="after")
    def _a_unit_each(self) -> Column:
        if self.units and len(self.units) != len(self.metrics):
            raise ValueError(f"{len(self.units)} units for {len(self.metrics)} metrics")
        for unit in self.units:
            self._known_unit(unit)
        return self

    def unit_of(self, metric: str) -> str:
        """Unit of ``metric`` in this column."""
        return self.units[self.metrics.index(metric)] if self.units else self.unit


class CostConvention(_Strict):
    """How a table's costs are counted: what the paper states, and what reproduces its numbers."""

    stated: str = Field(description="What the paper says about it, in our words; 'nothing' where it is silent.")
    convention: str = Field(
        default="", description="Counting convention of srbench.cost that the costs are compared under."
    )
    input_size: tuple[int, int] | None = Field(default=None, description="LR (height, width) of the comparison.")
    hr_size: tuple[int, int] | None = Field(
        default=None, description="HR (height, width) that the LR size is derived from at every scale; or input_size."
    )

    def size_at(self, scale: int) -> tuple[int, int] | None:
        """LR (height, width) at a scale, fractions rounded up; None where the paper gives no size.

        >>> CostConvention(stated="", hr_size=(720, 1280)).size_at(3)
        (240, 427)
        """
        if self.hr_size is None:
            return self.input_size
        return -(-self.hr_size[0] // scale), -(-self.hr_size[1] // scale)


class Images(_Strict):
    """How the images of a table were made, as far as it shows in the digits."""

    crop: int | None = Field(default=None, ge=1, description="HR is cropped to multiples of this; of the scale if not.")
    lr: Literal["imresize", "double"] = Field(
        default="imresize", description="LR rounded after each pass of imresize, or (double) once."
    )

    def dataset(self, name: str) -> str:
        """The name in our registry of dataset ``name`` with this crop.

        >>> Images(crop=12).dataset("set5"), Images().dataset("set5")
        ('set5@mod12', 'set5')
        """
        return f"{name}@mod{self.crop}" if self.crop else name


class Floor(_Strict):
    """The least quality that a challenge asks of a ranked entry."""

    dataset: str
    metric: str = PSNR
    least: str = Field(description="As printed, e.g. '29.00'.")
    stated_by: str = Field(description="Who states it, and where.")


class Table(_Strict):
    """A printed table: its layout and what its numbers mean."""

    id: str = Field(pattern=r"^[a-z0-9]+$", description="File name of the CSV without its ending.")
    number: str = Field(description="As the paper calls it, e.g. 'Table 5'.")
    caption: str = Field(description="In our words.")
    kind: Literal["architecture", "ablation", "quality", "cost", "challenge"]
    rows: int = Field(gt=0, description="How many rows are printed, headers not counted.")
    row_header: tuple[str, ...] = Field(min_length=1, description="Headers of the leading columns that name a row.")
    scale_in: Literal["column", "heading", "caption", "none"] = Field(
        description="Where the scale is printed: a leading column, headings between the rows, the caption, nowhere."
    )
    orientation: Literal["rows", "columns"] = Field(
        default="rows", description="'columns': methods are printed as columns, scales as rows."
    )
    columns: tuple[Column, ...] = Field(min_length=1)
    marks: dict[Literal["bold", "underline"], MarkMeaning] = Field(
        default_factory=dict, description="What marks mean; empty when the text at hand carries none."
    )
    marks_note: str = ""
    unmarked_rows: tuple[str, ...] = Field(default=(), description="Rows that the paper leaves out of its marks.")
    images: dict[str, Images] = Field(
        default_factory=dict, description="How images were made, by dataset; under '' that of all others."
    )
    images_source: str = Field(default="", description="What says so: the paper, a configuration, or the digits.")
    retrained: bool = Field(
        default=False, description="Its rows are other trainings than those of the papers' main tables."
    )
    readings: tuple[str, ...] = Field(
        default=(), description="Rows whose network here is our reading of what the text leaves open; not judged."
    )
    protocol: str = Field(default="", description="Protocol of srbench.metrics that PSNR and SSIM are compared under.")
    protocols: dict[str, str] = Field(
        default_factory=dict, description="Protocols of models whose rows were measured otherwise than the table."
    )
    cost: CostConvention | None = None
    floors: tuple[Floor, ...] = ()
    exact: dict[str, dict[str, int]] = Field(
        default_factory=dict, description="Counts behind printed digits, by metric and row, where they are known."
    )
    exact_source: str = ""
    hardware: str = Field(default="", description="Key of hardware.toml that runtimes and memory were taken on.")
    hardware_as_printed: str = ""
    note: str = ""

    def protocol_of(self, model: str) -> str:
        """The protocol that rows of ``model`` are compared under."""
        return self.protocols.get(model, self.protocol)

    def images_of(self, dataset: str) -> Images:
        """How the images of ``dataset`` were made."""
        return self.images.get(dataset, self.images.get("", Images()))


class Paper(_Strict):
    """A paper (or a challenge) whose tables are kept."""

    key: str = Field(pattern=r"^[a-z0-9]+$", description="Folder name, BibTeX key and the cards' ``paper``.")
    title: str
    short: str = Field(description="How the paper is called in running text.")
    authors: tuple[str, ...]
    venue: str
    year: int
    doi: str = ""
    arxiv: str = ""
    url: str = ""
    source: str = Field(description="What the digits were read from.")
    bibtex: str = Field(description="The full entry; its key is ``key``.")
    hardware: str = ""
    hardware_as_printed: str = ""
    note: str = ""
    tables: tuple[Table, ...] = Field(min_length=1)

    @field_validator("bibtex")
    @classmethod
    def _entry(cls, bibtex: str) -> str:
        if not bibtex.strip().startswith("@"):
            raise ValueError("bibtex must hold an entry that starts with '@'")
        return bibtex

    def table(self, table: str) -> Table:
        """The table called ``table``, in upper or lower case; KeyError where there is none."""
        for candidate in self.tables:
            if candidate.id == table.lower():
                return candidate
        raise KeyError(table)
