"""Claims of a paper's text as data: ``claims.toml`` beside its ``paper.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from srbench.errors import SrbenchError
from srbench.leaderboard import published
from srbench.leaderboard.published import PrintedCell, read_toml
from srbench.leaderboard.values import Value, parse_value

ClaimKind = Literal[
    "equal", "at least", "at most", "difference", "percent less", "percent more", "percent at most", "one in",
    "more than times", "better", "blocks", "trend",
]  # fmt: skip


class Selector(BaseModel):
    """Cells of a table: those that match everything given. ``dataset = "any"`` leaves the dataset open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    paper: str = Field(default="", description="Key of another paper; default: the claim's own.")
    table: str
    row: str | None = None
    model: str | None = None
    scale: int | None = None
    dataset: str = "any"
    metric: str | None = None

    def cells(self, own_paper: str) -> tuple[PrintedCell, ...]:
        """The matching cells, in the order of printing."""
        found = published.cells([self.paper or own_paper], self.table)
        return tuple(c for c in found if self._matches(c))

    def _matches(self, c: PrintedCell) -> bool:
        wanted = {"row": self.row, "model": self.model, "scale": self.scale, "metric": self.metric}
        if any(value is not None and getattr(c.cell, name) != value for name, value in wanted.items()):
            return False
        return self.dataset in ("any", c.cell.dataset)


class Claim(BaseModel):
    """A statement of the text that cells or networks can confirm.

    Kinds: *equal* (a is the number), *at least*, *at most*, *difference* (a - b), *percent less*
    (1 - a/b), *percent more* (a/b - 1), *percent at most* (a/b - 1 is
    no more than the number), *one in* (a is 1/number of b), *more than times* (a is more
    than number times b), *better* (row a ahead of every row of ``than`` in every cell), *blocks*
    (number of blocks that the text gives to model a), *trend* (arrows of a table's last row).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    where: str = Field(description="Section of the paper.")
    says: str = Field(description="The claim in our words.")
    kind: ClaimKind
    number: str = Field(default="", description="As printed in the text.")
    a: Selector
    b: Selector | None = None
    than: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Claim:
        pairs = ("difference", "percent less", "percent more", "percent at most", "one in", "more than times")
        if (self.kind in pairs) != (self.b is not None):
            raise ValueError(f"a claim of kind '{self.kind}' {'needs' if self.kind in pairs else 'has no'} b")
        if self.kind == "better" and not (self.than and self.metrics):
            raise ValueError("a claim of kind 'better' needs than and metrics")
        if self.kind not in ("better", "trend") and not self.value.is_number:
            raise ValueError(f"number '{self.number}' is not a number")
        return self

    @property
    def value(self) -> Value:
        """The claimed number with its rounding step."""
        return parse_value(self.number)


def load(paper: str, root: Path | None = None) -> tuple[Claim, ...]:
    """Claims of a paper; none where it has no claims.toml.

    Raises:
        SrbenchError: the file breaks the schema, or a selector finds no cell.
    """
    file = published.paper_folders(root)[paper] / "claims.toml"
    if not file.is_file():
        return ()
    claims = []
    for data in read_toml(file).get("claims", []):
        try:
            claim = Claim.model_validate(data)
        except ValidationError as error:
            raise SrbenchError(f"'{file}', claim '{data.get('id')}': {error.errors()[0]['msg']}") from error
        for name, selector in (("a", claim.a), ("b", claim.b)):
            if selector is not None and not selector.cells(paper):
                raise SrbenchError(
                    f"'{file}', claim '{claim.id}': {name} matches no cell; check table, row and metric."
                )
        claims.append(claim)
    return tuple(claims)
