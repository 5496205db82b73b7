"""Rows in columns are what rows of their own are, in memory and in files, and take little."""

from __future__ import annotations

import json
import pickle
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from srbench.results import store
from srbench.results.image_rows import ImageRow, ImageRows
from srbench.results.record import QualityRecord

numbers = st.floats(allow_nan=False, allow_infinity=False)
values = st.dictionaries(st.sampled_from(["psnr", "ssim", "other"]), st.none() | numbers, max_size=3)
sizes = st.tuples(st.integers(0, 9999), st.integers(0, 9999))
row_lists = st.lists(
    st.builds(ImageRow, image=st.text(max_size=4), lr_size=sizes, values=values, identical=st.booleans()), max_size=6
)


@given(row_lists, st.data())
def test_columns_are_the_rows(rows: list[ImageRow], data: st.DataObject) -> None:
    columns = ImageRows(rows)
    assert columns == tuple(rows)
    assert tuple(columns) == tuple(rows)
    assert [list(row.values) for row in columns] == [list(row.values) for row in rows]
    assert columns[1:] == tuple(rows[1:])
    assert pickle.loads(pickle.dumps(columns)) == columns
    if rows:
        places = data.draw(st.lists(st.integers(0, len(rows) - 1)))
        assert columns.in_order(places) == [rows[place] for place in places]
        assert columns[-1] == rows[-1]
        assert columns != ImageRows(rows[1:])


def test_what_is_no_number_or_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        ImageRows().append("a", (1, 1), {"psnr": float("nan")}, False)
    with pytest.raises(OverflowError):
        ImageRows().append("a", (1, 1 << 70), {}, False)
    rows = ImageRows()
    with pytest.raises(OverflowError):
        rows.append("a", (1, 1 << 70), {"psnr": 1.0}, False)
    assert len(rows) == 0
    with pytest.raises(IndexError):
        rows[0]


def test_an_image_takes_some_ten_bytes() -> None:
    many, names = 5000, [f"{number:05}" for number in range(5000)]
    tracemalloc.start()
    rows = ImageRows()
    for name in names:
        rows.append(name, (32, 32), {"psnr": 30.5, "ssim": 0.5}, False)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken / many < 100


def long_record(record: QualityRecord, images: int) -> QualityRecord:
    rows = ImageRows()
    for number in range(images):
        value = None if number == 7 else number / 7
        rows.append(f"{number:05} \u00e9", (number, 2), {"psnr": value, "ssim": 1 / (number + 1)}, value is None)
    return record.model_copy(update={"images": rows})


def test_a_record_of_many_images_is_read_and_written_row_by_row(record: QualityRecord, tmp_path: Path) -> None:
    long = long_record(record, 6000)
    path = store.write(tmp_path, long)
    assert path.stat().st_size > store.LONG_FILE
    (read,) = store.read(path)
    assert read == long
    assert store.to_json(read) == path.read_text()
    data = json.loads(path.read_text())
    assert data == long.model_dump(mode="json", by_alias=True)
    assert json.dumps(data, indent=1, ensure_ascii=False) + "\n" == path.read_text()


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('   "identical": true\n  },\n', '   "identical": true\n  }\n', "is not valid JSON"),
        ('   "identical": true\n', '   "identical": 5.5\n', "at 'images.7.identical'"),
        ('   "identical": true\n', '   "identical": true,\n   "more": 1\n', "at 'images.7.more'"),
        ('\n  }\n ],\n', '\n  },\n ],\n', "is not valid JSON"),
        ('\n  }\n ],\n', '\n  },\n  5\n ],\n', "at 'images.6000'"),
        ('\n  }\n ],\n', '\n  }\n', "is not valid JSON"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_long_record_is_said(
    record: QualityRecord, tmp_path: Path, before: str, after: str, why: str
) -> None:
    path = store.write(tmp_path, long_record(record, 6000))
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    said = store.read(path)
    assert isinstance(said, str)
    assert why in said


@pytest.mark.parametrize("indent", [None, 2])
def test_another_layout_of_a_long_record_is_the_same_record(
    record: QualityRecord, tmp_path: Path, indent: int | None
) -> None:
    long = long_record(record, 6000)
    path = tmp_path / "a.json"
    path.write_text(json.dumps(long.model_dump(mode="json", by_alias=True), indent=indent))
    assert store.read(path) == (long,)


def test_rows_of_a_record_are_checked(record: QualityRecord) -> None:
    data = record.model_dump(mode="json", by_alias=True)
    data["images"][0]["values"]["psnr"] = "much"
    with pytest.raises(ValidationError, match=r"images\.0\.values\.psnr"):
        QualityRecord.model_validate(data)
