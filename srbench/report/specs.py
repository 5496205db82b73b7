"""What each report shows: ``reports/specs/<name>.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from srbench.errors import SrbenchError, unknown_name
from srbench.leaderboard.published import read_toml
from srbench.paths import reports_dir
from srbench.quantities import DEFAULT_QUALITY, get_quantity


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FigureSpec(_Strict):
    """A scatter of two quantities, usually quality against a cost, from a table's rows at one scale."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    number: str = Field(default="", description="The paper's figure that it answers to, e.g. 'Fig. 6'.")
    title: str
    table: str = Field(default="", description="Table of the quality; empty for figures of measured results only.")
    dataset: str
    scale: int
    x: str = Field(description="Name of a quantity (srbench list quantities).")
    y: str = Field(default=DEFAULT_QUALITY[0], description="Name of a quantity.")
    x_table: str = Field(default="", description="Table that x is printed in, if it is another one.")
    x_dataset: str = Field(default="", description="Dataset that x is printed for (runtimes).")
    x_counted: bool = Field(default=False, description="The paper prints no x: take what srbench counts.")
    measured: bool = Field(default=True, description="Whether our results are drawn beside the printed ones.")
    leave_out: tuple[str, ...] = Field(default=(), description="Rows as printed, citation numbers left out.")
    note: str = ""

    @field_validator("x", "y")
    @classmethod
    def _a_quantity(cls, name: str) -> str:
        try:
            return get_quantity(name).name
        except SrbenchError as error:
            raise ValueError(str(error)) from error


class VisualSpec(_Strict):
    """One image through several models: HR with a marked crop, then the crop from every model."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    number: str = Field(default="", description="The paper's figure that it answers to, e.g. 'Fig. 8'.")
    image: str = Field(description="DATASET/NAME as srbench compare takes it.")
    scale: int
    models: tuple[str, ...] = Field(min_length=1, description="Bicubic is always shown beside them.")
    note: str = ""


class Spec(_Strict):
    """A report: of a paper's tables, or of measured results alone."""

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    kind: Literal["paper", "measured"]
    title: str
    intro: str = ""
    paper: str = Field(default="", description="Key of the paper or challenge (kind 'paper').")
    tables: tuple[str, ...] = Field(default=(), description="Tables in the order of the page; default: the paper's.")
    figures: tuple[FigureSpec, ...] = ()
    visuals: tuple[VisualSpec, ...] = ()
    models: tuple[str, ...] = Field(default=(), description="kind 'measured': only these models, if any are named.")
    origins: tuple[str, ...] = Field(default=(), description="kind 'measured': only weights of these origins.")
    protocols: tuple[str, ...] = Field(
        default=(), description="kind 'measured': only these protocols, without version."
    )
    scales: tuple[int, ...] = Field(default=(), description="kind 'measured': only these scales.")
    datasets: tuple[str, ...] = Field(default=(), description="kind 'measured': only these datasets, crops included.")
    lr: tuple[str, ...] = Field(default=(), description="kind 'measured': only these kinds of LR.")
    equivalents: bool = Field(
        default=True,
        description="kind 'measured': also forms of a network that compute the same as another one that is registered.",
    )
    fronts: bool = Field(
        default=False, description="kind 'measured': the Pareto fronts of quality and cost in the Markdown."
    )
    session: str = Field(
        default="",
        pattern=r"^[a-z0-9-]*$",
        description="kind 'measured': the session of runtimes under leaderboards/sessions that the report shows.",
    )
    differences: bool = Field(
        default=False,
        description="kind 'measured': paired differences of neighbours in the Markdown too, not only on the page.",
    )
    answer: bool = Field(
        default=False, description="kind 'measured': the order of the networks as the first sentence, computed."
    )


def spec_names(root: Path | None = None) -> tuple[str, ...]:
    """Names of all reports: papers by year, then the others.

    Raises:
        SrbenchError: a spec breaks the schema.
    """
    folder = (root or reports_dir()) / "specs"
    found = [load_spec(file.stem, root) for file in sorted(folder.glob("*.toml"))]
    return tuple(spec.name for spec in sorted(found, key=lambda s: (s.kind != "paper", s.paper[-4:], s.name)))


def load_spec(name: str, root: Path | None = None) -> Spec:
    """The spec of the report ``name``, in upper or lower case.

    Raises:
        SrbenchError: no such report, or the file breaks the schema.
    """
    folder = (root or reports_dir()) / "specs"
    file = folder / f"{name.lower()}.toml"
    if not file.is_file():
        raise unknown_name("report", name, (path.stem for path in folder.glob("*.toml")))
    try:
        spec = Spec.model_validate(read_toml(file))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SrbenchError(f"'{file}' breaks the schema of report specs: {where}: {first['msg']}.") from error
    if spec.name != file.stem:
        raise SrbenchError(f"'{file}' calls its report '{spec.name}'; file and name must be the same.")
    return spec
