"""What was measured on each image of a record: one row each, kept in columns, so that 100,000 of them take little."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, overload

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import SchemaSerializer, core_schema

AT_ONCE = 1000
"""Rows that are validated together."""


def stored_number(values: Mapping[str, float | None], name: str) -> float | None:
    """A stored value: infinite where null is stored, None where nothing is."""
    if name not in values:
        return None
    stored = values[name]
    return math.inf if stored is None else stored


class ImageRow(BaseModel):
    """What was measured on one image, by name of quantity. A value is None (JSON null) where it is infinite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)

    image: str
    lr_size: tuple[int, int] = Field(description="(height, width) of the LR image.")
    values: dict[str, float | None]
    identical: bool = Field(default=False, description="SR equals HR in everything that the protocol compares.")

    def value(self, name: str) -> float | None:
        """The value of a quantity; None where it was not measured."""
        return stored_number(self.values, name)


class ImageRows(Sequence[ImageRow]):
    """Rows as columns: some 50 bytes and a name each; an :class:`ImageRow` is made when it is asked for."""

    __slots__ = ("_identical", "_names", "_shape", "_shapes", "_sizes", "_starts", "_values")

    def __init__(self, rows: Iterable[ImageRow] = ()) -> None:
        self._names: list[str] = []
        self._sizes = array("q")
        self._identical = bytearray()
        self._shapes: dict[tuple[str, ...], int] = {}
        """What was measured, in its order: the same on most images."""
        self._shape = array("I")
        self._starts = array("Q")
        self._values = array("d")
        for row in rows:
            self.append(row.image, row.lr_size, row.values, row.identical)

    def append(self, image: str, lr_size: Sequence[int], values: Mapping[str, float | None], identical: bool) -> None:
        """Add the row of one image.

        Raises:
            ValueError: a value is not a number.
            OverflowError: a size is one that 64 bits do not hold.
        """
        size = array("q", lr_size)
        numbers = [math.inf if value is None else value for value in values.values()]
        if any(map(math.isnan, numbers)):
            raise ValueError(f"a value of image '{image}' is not a number")
        self._sizes.extend(size)
        self._names.append(image)
        self._identical.append(identical)
        self._shape.append(self._shapes.setdefault(tuple(values), len(self._shapes)))
        self._starts.append(len(self._values))
        self._values.extend(numbers)

    @classmethod
    def of(cls, rows: Iterable[ImageRow]) -> ImageRows:
        """The rows in columns, as they are where they are so already."""
        return rows if isinstance(rows, cls) else cls(rows)

    @property
    def names(self) -> Sequence[str]:
        """The names of the images."""
        return self._names

    @property
    def identical(self) -> int:
        """How many images equal HR."""
        return sum(self._identical)

    @property
    def smallest_edge(self) -> int:
        """The least height or width of an LR image; 0 without images."""
        return min(self._sizes, default=0)

    def columns(self) -> dict[str, array[float]]:
        """The values of each quantity, of the images that have one, in their order; infinite where null is stored."""
        if len(self._shapes) == 1:
            names = next(iter(self._shapes))
            return {name: self._values[place :: len(names)] for place, name in enumerate(names)}
        found: dict[str, array[float]] = {}
        shapes = list(self._shapes)
        for shape, start in zip(self._shape, self._starts, strict=True):
            for place, name in enumerate(shapes[shape]):
                found.setdefault(name, array("d")).append(self._values[start + place])
        return found

    def name(self, place: int) -> str:
        """The name of an image."""
        return self._names[place]

    def in_order(self, places: Iterable[int]) -> ImageRows:
        """The rows of these places."""
        found = ImageRows()
        shapes = list(self._shapes)
        for place in places:
            start, names = self._starts[place], shapes[self._shape[place]]
            found._sizes.extend(self._sizes[2 * place : 2 * place + 2])
            found._names.append(self._names[place])
            found._identical.append(self._identical[place])
            found._shape.append(found._shapes.setdefault(names, len(found._shapes)))
            found._starts.append(len(found._values))
            found._values.extend(self._values[start : start + len(names)])
        return found

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> ImageRow: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[ImageRow, ...]: ...
    def __getitem__(self, index: int | slice) -> ImageRow | tuple[ImageRow, ...]:
        if isinstance(index, slice):
            return tuple(self._row(place, list(self._shapes)) for place in range(*index.indices(len(self))))
        return self._row(range(len(self))[index], list(self._shapes))

    def __iter__(self) -> Iterator[ImageRow]:
        shapes = list(self._shapes)
        return (self._row(place, shapes) for place in range(len(self)))

    def _row(self, place: int, shapes: Sequence[tuple[str, ...]]) -> ImageRow:
        names, start = shapes[self._shape[place]], self._starts[place]
        numbers = self._values[start : start + len(names)]
        return ImageRow.model_construct(
            image=self._names[place],
            lr_size=(self._sizes[2 * place], self._sizes[2 * place + 1]),
            values={name: None if value == math.inf else value for name, value in zip(names, numbers, strict=True)},
            identical=bool(self._identical[place]),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (ImageRows, tuple, list)):
            return NotImplemented
        return len(self) == len(other) and all(one == another for one, another in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ImageRows({len(self)} images)"


class InColumns:
    """Marks a field of rows: whatever sequence it is given is kept as :class:`ImageRows`, and written as a list."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        rows = core_schema.list_schema(handler.generate_schema(ImageRow))
        return core_schema.no_info_wrap_validator_function(
            _in_columns,
            rows,
            serialization=core_schema.plain_serializer_function_ser_schema(_plain, info_arg=True),
        )


def _in_columns(value: Any, validate: core_schema.ValidatorFunctionWrapHandler) -> ImageRows:
    if isinstance(value, ImageRows):
        return value
    if isinstance(value, tuple):
        value = list(value)
    try:
        if not isinstance(value, list) or len(value) <= AT_ONCE:
            return ImageRows(validate(value))
        return ImageRows(row for some in _batches(value) for row in validate(some))
    except ValidationError:
        if isinstance(value, list) and len(value) > AT_ONCE:
            validate(value)  # says which of all rows it is
        raise
    except OverflowError as error:
        raise ValueError("a size of an image is too large") from error


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    source = iter(rows)
    while some := list(islice(source, AT_ONCE)):
        yield some


def _plain(rows: Iterable[ImageRow], info: core_schema.SerializationInfo) -> Any:
    if info.mode == "json":
        return [plain_row(row) for row in rows]
    return tuple(row.model_dump() for row in rows)


def plain_row(row: ImageRow) -> dict[str, Any]:
    """A row as JSON has it."""
    found: dict[str, Any] = _SERIALIZER.to_python(row, mode="json")
    return found


_SERIALIZER: SchemaSerializer = ImageRow.__pydantic_serializer__
