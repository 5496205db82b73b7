"""The results folder: whole files or none, foreign files named and left alone."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srbench.errors import SrbenchError
from srbench.results import store
from srbench.results.record import CostRecord, QualityRecord


def test_a_cell_comes_back_as_it_was_written(tmp_path: Path, record: QualityRecord) -> None:
    path = store.write(tmp_path, record)
    assert path.name == "imdn.released_x4_set5_y-matlab@1.json"
    assert store.read_files(tmp_path) == ([(path, record)], [])
    assert [p.name for p in tmp_path.iterdir()] == [path.name], "no temporary file stays behind"


def test_the_file_is_the_same_bytes_whatever_order_the_versions_came_in(record: QualityRecord) -> None:
    turned = record.model_copy(update={"versions": dict(reversed(record.versions.items()))})
    assert store.to_json(turned) == store.to_json(record)
    assert next(iter(json.loads(store.to_json(record)))) == "schema"


def test_a_missing_folder_holds_no_cells(tmp_path: Path) -> None:
    assert store.read_files(tmp_path / "nowhere") == ([], [])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"schema": "srbench.cell/1", "mod', "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        (b"[1, 2]", "not a srbench result"),
        (b'{"name": "package"}', "not a srbench result"),
        (b'{"schema": "srbench.cell/9"}', "schema srbench.cell/9"),
        (b'{"schema": "srbench.cell/1", "scale": 4}', "does not follow the schema"),
        (b'{"schema": "srbench.quality/2", "scale": 4}', "does not follow the schema srbench.quality/2"),
    ],
)
def test_a_damaged_or_foreign_file_is_named_with_its_reason_and_kept(
    tmp_path: Path, record: QualityRecord, content: bytes, reason: str
) -> None:
    foreign = tmp_path / "other.json"
    foreign.write_bytes(content)
    store.write(tmp_path, record)
    results, skipped = store.read_all(tmp_path)
    assert results.quality == (record,)
    assert [path for path, _ in skipped] == [foreign]
    assert reason in skipped[0][1]
    assert foreign.read_bytes() == content


def test_a_damaged_file_in_a_cells_own_place_is_not_overwritten(tmp_path: Path, record: QualityRecord) -> None:
    damaged = tmp_path / f"{store.name_of(record)}.json"
    damaged.write_text("{")
    second = store.write(tmp_path, record)
    assert second.name == f"{store.name_of(record)}.2.json"
    assert damaged.read_text() == "{"
    assert store.write(tmp_path, record) == second, "writing again replaces the cell, not the damaged file"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path, record: QualityRecord) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(SrbenchError, match=r"cannot be written to.*--results"):
        store.check_writable(blocked / "results")
    with pytest.raises(SrbenchError, match="cannot write"):
        store.write(blocked / "results", record)


def test_a_reader_never_sees_half_a_cell_while_two_runs_write_it(tmp_path: Path, record: QualityRecord) -> None:
    big = record.model_copy(update={"images": tuple(record.images) * 2000})
    store.write(tmp_path, big)

    def write() -> None:
        for _ in range(10):
            store.write(tmp_path, big)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        results, skipped = store.read_all(tmp_path)
        assert (results.quality, skipped) == ((big,), [])
    assert len(list(tmp_path.iterdir())) == 1


CUDA = store.Way(device="cuda")

names = st.text(min_size=1, max_size=30)


@given(names, names)
def test_two_different_weights_never_share_a_file(one: str, other: str) -> None:
    first, second = (store.cell_name("net", f"user:{w}", 4, "set5", "y-matlab@1") for w in (one, other))
    assert (first == second) == (one == other)
    assert "/" not in first


def test_what_differs_from_the_default_is_in_the_name() -> None:
    name = store.cell_name("imdn", "imdn.released", 2, "my set", "rgb-ntire@1", store.unusual_parts("files", 3, CUDA))
    assert name.startswith("imdn.released_x2_my-set-")
    assert name.endswith("_rgb-ntire@1_lr-files_first3_cuda")
    assert store.cell_name("bicubic", "not needed", 4, "set5", "y-matlab@1") == "bicubic_x4_set5_y-matlab@1"


def test_machines_are_read_by_id(tmp_path: Path) -> None:
    (tmp_path / "machines").mkdir()
    (tmp_path / "machines" / "abc.json").write_text('{"cpu": "x"}')
    (tmp_path / "machines" / "bad.json").write_text("{")
    assert store.read_machines(tmp_path) == {"abc": {"cpu": "x"}}


def test_how_a_network_was_run_is_in_the_name_and_only_where_it_is_not_the_usual_way(cost: CostRecord) -> None:
    assert store.name_of(cost) == "costs/imdn_x4_256x256_m1"
    other = cost.model_copy(update={"device": "cuda", "precision": "fp16", "backend": "compile"})
    assert store.name_of(other) == "costs/imdn_x4_256x256_m1_cuda_fp16_compile"


def test_costs_lie_in_a_folder_of_their_own_and_come_back(
    tmp_path: Path, record: QualityRecord, cost: CostRecord
) -> None:
    store.write(tmp_path, record)
    path = store.write(tmp_path, cost)
    assert path == tmp_path / "costs" / "imdn_x4_256x256_m1.json"
    results, skipped = store.read_all(tmp_path)
    assert (results.quality, results.costs, skipped) == ((record,), (cost,), [])
    assert results.costs_of(record) == (cost,)
