"""The weights that come with srbench: what they are, that they are labelled, and that they work."""

from __future__ import annotations

import json

import numpy as np
import pytest

from srbench import evaluate, open_model
from srbench.models.registry import get_card
from srbench.models.weights import bundled_dir
from srbench.training.recipe import load_recipe
from srbench.training.record import TrainingRecord

FLOORS = dict.fromkeys(("imdn", "rfdn", "aidn", "lrfdn", "smfanet"), 30.9) | {
    "bsrn-s": 31.0,
    "etds-t-train": 30.2,
    "span": 30.0,
}
"""Set5 PSNR in dB that the weights of a network must reach; bicubic has 28.43."""
MODELS = tuple(FLOORS)


@pytest.fixture(scope="module")
def bicubic() -> np.ndarray:
    return evaluate("bicubic", "embedded", scale=4)["psnr"].to_numpy()


@pytest.mark.parametrize("model", MODELS)
def test_every_embedded_image_beats_bicubic(model: str, bicubic: np.ndarray) -> None:
    ours = evaluate(model, "embedded", scale=4, weights="bundled")["psnr"].to_numpy()
    assert (ours > bicubic).all()


@pytest.mark.parametrize("model", MODELS)
def test_set5_is_above_its_floor(model: str, mirror: str) -> None:
    assert evaluate(model, "set5", scale=4, weights="bundled")["psnr"].mean() > FLOORS[model]


def test_every_bundled_file_is_in_these_tests() -> None:
    assert {file.name for file in bundled_dir().glob("*.safetensors")} == {
        f"{model}_x4.safetensors" for model in MODELS
    }


@pytest.mark.parametrize("model", MODELS)
def test_weights_are_labelled_with_recipe_steps_and_data(model: str) -> None:
    weights = open_model(model, scale=4, weights="bundled").weights
    assert weights.name == f"{model}.bundled"
    assert weights.origin == "bundled"
    for word in ("common", "12,000 steps", "bsds500-train"):
        assert word in weights.note


def test_all_were_trained_alike_and_on_no_test_image() -> None:
    records = [TrainingRecord(**json.loads((bundled_dir() / f"{m}_x4.json").read_text())) for m in MODELS]
    alike = {(r.recipe_sha256, r.steps, r.seed, r.data_sha256, r.excluded) for r in records}
    assert alike == {(load_recipe("common").digest(), 12_000, 0, records[0].data_sha256, ("302003",))}
    assert all({"embedded", "set5", "set14", "bsd100"} <= set(r.overlap_checked) for r in records)


def test_curves_of_the_first_schema_are_read_as_values_by_quantity() -> None:
    stored = json.loads((bundled_dir() / "imdn_x4.json").read_text())
    record = TrainingRecord(**stored)
    assert stored["schema"] == record.schema_id == "srbench.training/1"
    assert [point.values for point in record.curve] == [{"psnr": point["psnr"]} for point in stored["curve"]]
    again = TrainingRecord(**json.loads(record.model_dump_json(by_alias=True)))
    assert again == record


def test_the_record_belongs_to_the_file() -> None:
    for model in MODELS:
        (entry,) = (w for w in get_card(model).weights if w.origin == "bundled")
        record = json.loads((bundled_dir() / f"{model}_x4.json").read_text())
        assert record["weights_sha256"] == entry.sha256


def test_they_are_small() -> None:
    assert sum(f.stat().st_size for f in bundled_dir().glob("*.safetensors")) < 8e6
