"""Results of the first schema: read for ever, answered, and brought up to date without a change of any number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from srbench.results import store
from srbench.results.collection import Results
from srbench.results.command import own_command
from srbench.results.migrate import migrate
from srbench.results.record import CostRecord, QualityRecord, Substitution
from srbench.results.words import sentences


def write(folder: Path, data: dict[str, Any], name: str = "imdn.released_x4_set5_y-matlab@1") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def read(folder: Path) -> Results:
    results, skipped = store.read_all(folder)
    assert skipped == []
    return results


def test_a_cell_gives_its_quality_and_its_costs_by_input_size(tmp_path: Path, first_schema: dict[str, Any]) -> None:
    write(tmp_path, first_schema)
    results = read(tmp_path)
    (quality,) = results.quality
    assert (quality.values, quality.images[0].values) == ({"psnr": None, "ssim": 1.0}, {"psnr": None, "ssim": 1.0})
    assert quality.value("psnr") == float("inf")
    assert quality.identical_images == 1
    assert (quality.device, quality.precision, quality.backend, quality.self_ensemble) == (
        "cpu",
        "fp32",
        "eager",
        False,
    )
    by_size = {cost.size_asked: cost for cost in results.costs}
    assert set(by_size) == {(256, 256), (180, 320)}
    assert by_size[256, 256].values == {
        "params": 715_176, "macs": 1000, "activations": 7, "convs": 46, "macs:fvcore": 1000, "activations:fvcore": 7,
        "convs:fvcore": 46, "memory": 3, "runtime": 11.0,
    }  # fmt: skip
    assert by_size[256, 256].runtime is not None
    assert by_size[256, 256].runtime.samples_ms == (10, 12)
    padded = by_size[180, 320]
    assert (padded.input_size, padded.padded_from, padded.runtime, padded.memory) == (
        (184, 320),
        (180, 320),
        None,
        None,
    )


def test_its_sentences_become_data_and_are_said_as_before(tmp_path: Path, first_schema: dict[str, Any]) -> None:
    write(tmp_path, first_schema)
    (quality,) = read(tmp_path).quality
    assert quality.substitutions[0] == Substitution("weights", "released", "bundled", "none were released")
    assert list(sentences(quality)) == first_schema["substitutions"]


def test_a_cell_without_weights_gives_costs_alone(tmp_path: Path, first_schema: dict[str, Any]) -> None:
    said = ["imdn x4 has no weights (none were released; none are bundled), so only its cost is measured.",
            "no peak memory: it fails on 256x256."]  # fmt: skip
    changes = {"quality": None, "images": [], "quality_missing": "no weights", "substitutions": said}
    write(tmp_path, {**first_schema, **changes})
    results = read(tmp_path)
    assert results.quality == ()
    assert results.without_quality() == results.costs
    first = results.costs[0]
    assert [what.used for what in first.substitutions] == ["none"]
    assert first.missing == {"memory": "it fails on 256x256."}


@pytest.mark.parametrize(("device", "stem"), [("cuda:0", "a"), (None, "imdn.released_x4_set5_y-matlab@1_cuda")])
def test_a_result_of_cuda_is_one_wherever_it_says_so(
    tmp_path: Path, first_schema: dict[str, Any], device: str | None, stem: str
) -> None:
    cost = first_schema["cost"]
    runtime = None if device is None else {**cost["runtime"], "device": device}
    write(tmp_path, {**first_schema, "cost": {**cost, "runtime": runtime}}, stem)
    results = read(tmp_path)
    assert {record.device for record in results.records} == {"cuda"}


def test_migrating_keeps_every_number_and_repeats_no_cost(tmp_path: Path, first_schema: dict[str, Any]) -> None:
    other = {"name": "set14", "lr": "imresize", "images": 1, "sha256": "d" * 64}
    weightless = {"quality": None, "images": [], "quality_missing": "no weights"}
    write(tmp_path, first_schema)
    write(tmp_path, {**first_schema, "dataset": other}, "imdn.released_x4_set14_y-matlab@1")
    write(tmp_path, {**first_schema, **weightless}, "imdn.none_x4_set5_y-matlab@1")
    before = read(tmp_path)
    assert len(migrate(tmp_path, dry_run=True).old) == 3
    assert read(tmp_path) == before
    done = migrate(tmp_path)
    assert [path.name for path in done.removed] == ["imdn.none_x4_set5_y-matlab@1.json"]
    after = read(tmp_path)
    assert after == before
    assert [store.schema_of(path) for path in store.result_files(tmp_path)] == [
        "srbench.quality/2", "srbench.quality/2", "srbench.cost/2", "srbench.cost/2"
    ]  # fmt: skip
    assert migrate(tmp_path).old == ()


def test_of_many_costs_the_timed_ones_stand_with_what_others_know_besides(
    tmp_path: Path, first_schema: dict[str, Any]
) -> None:
    untimed = {**first_schema["cost"], "runtime": None}
    write(tmp_path, {**first_schema, "cost": {**first_schema["cost"], "memory": None}}, "a")
    write(tmp_path, {**first_schema, "cost": untimed, "created": "2026-02-01T00:00:00Z"}, "b")
    cost = next(cost for cost in read(tmp_path).costs if cost.input_size == (256, 256))
    assert (cost.values["memory"], cost.values["runtime"]) == (3, 11.0)
    assert cost.runtime is not None
    assert cost.created == first_schema["created"], "the command and the date are those of the timing"


def test_two_networks_of_one_name_are_never_mixed(tmp_path: Path, record: QualityRecord, cost: CostRecord) -> None:
    other = cost.model_copy(update={"model": cost.model.model_copy(update={"source_sha256": "e" * 64})})
    results = Results.of([record, cost, other])
    assert len(results.costs) == 2
    assert results.costs_of(record) == (cost,)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("srbench run --models a,imdn --scale 2,4 --datasets set5,set14 --results x --no-html",
         "srbench run --models imdn --scale 4 --datasets set5"),
        ("srbench run --models=a,imdn --protocol y-matlab,rgb-ntire --datasets=set5",
         "srbench run --models imdn --protocol y-matlab --datasets set5"),
        ("srbench run --model-file 'my net.py:Net' --datasets 'my folder'",
         "srbench run --model-file 'my net.py:Net' --datasets 'my folder'"),
        ("not 'a command", "not 'a command"),
    ],
)  # fmt: skip
def test_a_record_keeps_its_own_command(command: str, expected: str) -> None:
    assert own_command(command, "imdn", 4, "set5", "y-matlab@1") == expected
