"""Weights: safe reading, strict loading, explicit choices, and one sentence for everything that goes wrong."""

from __future__ import annotations

import hashlib
import json
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from srbench.download import HashMismatch, Unreachable
from srbench.errors import SrbenchError
from srbench.models import weights
from srbench.models.bundles import with_bundled
from srbench.models.card import ModelCard, Weights
from srbench.models.checkpoints import WRAPPERS, load_into, load_state, read_state
from srbench.models.networks import build_network
from srbench.models.opening import open_model
from srbench.models.registry import get_card
from srbench.models.weights import resolve, status
from srbench.models.words import weights_sentence

STATE = {"conv.weight": torch.ones(2, 3), "conv.bias": torch.zeros(2)}


def saved(folder: Path, what: Any, name: str = "w.pth") -> Path:
    torch.save(what, folder / name)
    return folder / name


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_wrappers_and_the_parallel_prefix_are_taken_off(tmp_path: Path, wrapper: str) -> None:
    prefixed = {f"module.{key}": value for key, value in STATE.items()}
    found = load_state(saved(tmp_path, {wrapper: prefixed, "epoch": 3}))
    assert {key: value.tolist() for key, value in found.items()} == {k: v.tolist() for k, v in STATE.items()}


def test_averaged_weights_win_over_the_plain_ones(tmp_path: Path) -> None:
    path = saved(tmp_path, {"params": {"a": torch.zeros(1)}, "params_ema": {"a": torch.ones(1)}})
    assert load_state(path)["a"].item() == 1


class Whole(nn.Module):
    pass


def _damaged(folder: Path) -> Path:
    whole = saved(folder, STATE)
    whole.write_bytes(whole.read_bytes()[:-40])
    return whole


def _noise(folder: Path) -> Path:
    (folder / "w.pth").write_bytes(b"just some bytes that are no pickle" * 50)
    return folder / "w.pth"


def _empty(folder: Path) -> Path:
    (folder / "w.pth").touch()
    return folder / "w.pth"


def _web_page(folder: Path) -> Path:
    (folder / "w.pth").write_text("<!DOCTYPE html><html>404</html>")
    return folder / "w.pth"


def _script(folder: Path) -> Path:
    torch.jit.trace(nn.ReLU(), torch.ones(1)).save(folder / "w.pt")
    return folder / "w.pt"


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda f: saved(f, Whole()),
            r"holds objects of '.*Whole', not plain.*refused.*load it .* save .*state_dict\(\).* and give",
        ),
        (lambda f: saved(f, {"epoch": 3, "loss": 0.5}), "holds keys epoch, loss, not a mapping of names to tensors"),
        (lambda f: saved(f, [1, 2]), "holds a list, not a mapping"),
        (_damaged, "is cut short, damaged, or a zip archive that torch did not write; get or save it again.$"),
        (_noise, "is damaged or not a torch checkpoint; give a .pth, .pt or .safetensors file of weights.$"),
        (_empty, "is empty"),
        (_web_page, "is not a torch checkpoint"),
        (_script, "is a TorchScript program, not weights"),
        (lambda f: f / "nowhere.pth", "does not exist"),
    ],
)
def test_what_is_no_plain_checkpoint_is_refused_in_one_sentence(tmp_path: Path, make: Any, message: str) -> None:
    with pytest.raises(SrbenchError, match=message) as caught:
        load_state(make(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_pickle_that_would_run_code_does_not_run_it(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return Path.touch, (tmp_path / "exploded",)

    for name, content in (
        ("old.pth", pickle.dumps({"a": Bomb()}, protocol=2)),
        ("text.pth", b"not a checkpoint at all"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SrbenchError):
            load_state(tmp_path / name)
    with pytest.raises(SrbenchError, match="refused"):
        load_state(saved(tmp_path, {"a": Bomb()}))
    assert not (tmp_path / "exploded").exists()


def test_safetensors_in_half_precision_become_fp32(tmp_path: Path) -> None:
    network = build_network("imdn-rtc", 2)
    half = {key: value.half() for key, value in network.state_dict().items()}
    save_file(half, tmp_path / "w.safetensors")
    model = open_model("imdn-rtc", 2, weights=tmp_path / "w.safetensors")
    assert model.weights.name == "user:w.safetensors"
    assert model.weights.sha256 == hashlib.sha256((tmp_path / "w.safetensors").read_bytes()).hexdigest()
    loaded = model.network.state_dict() if model.network else {}
    assert {tensor.dtype for tensor in loaded.values()} == {torch.float32}
    assert all(torch.equal(loaded[key], value.float()) for key, value in half.items())
    (tmp_path / "w.safetensors").write_bytes(b"{}")
    with pytest.raises(SrbenchError, match="not a readable safetensors file"):
        load_state(tmp_path / "w.safetensors")


def test_weights_that_do_not_fit_are_told_apart() -> None:
    state = build_network("rfdn", 3).state_dict()
    with pytest.raises(SrbenchError, match=r"2 of another shape \(upsampler.0.weight is 27x48x3x3.*as many as rfdn x3"):
        load_into(build_network("rfdn", 4), state, label="'w.pth' for rfdn", scale=4)
    del state["head.bias"]
    state["odd"] = torch.zeros(1)
    with pytest.raises(SrbenchError, match=r"1 of 128 keys missing \(head.bias\), 1 unexpected \(odd\)"):
        load_into(build_network("rfdn", 3), state, label="'w.pth' for rfdn", scale=3)


def test_a_users_file_may_have_our_names_or_the_authors(assets: Path, tmp_path: Path) -> None:
    card = get_card("arfdn")
    released = assets / str(card.weights[0].url).removeprefix("https://")
    theirs = open_model("arfdn", 4, weights=released)
    assert theirs.weights.note == "the same file as arfdn.released"
    again = saved(tmp_path, {"params": torch.load(released, map_location="cpu", weights_only=True)})
    ours = saved(tmp_path, theirs.network.state_dict(), "ours.pth") if theirs.network else again
    for path in (again, ours):
        network = open_model("arfdn", 4, weights=path).network
        assert network is not None
        assert all(torch.equal(a, b) for a, b in zip(network.parameters(), theirs.network.parameters(), strict=True))


@pytest.mark.usefixtures("mirror")
def test_released_weights_are_fetched_once_and_named() -> None:
    card = get_card("lrfdn")
    assert status(card, 4) == "fetchable"
    assert resolve(card, 4, "released", fetch=False).path is None
    found = resolve(card, 4, "auto")
    assert (found.name, found.origin, found.licence, found.instead) == (
        "lrfdn.released",
        "released",
        "unstated",
        None,
    )
    assert found.path is not None
    assert hashlib.sha256(found.path.read_bytes()).hexdigest() == found.sha256
    assert status(card, 4) == "cached"


def test_choices_are_explicit_and_only_auto_substitutes() -> None:
    imdn = get_card("imdn")  # offline here, with an empty cache
    with pytest.raises(Unreachable):
        resolve(imdn, 3, "released")
    with pytest.raises(
        SrbenchError, match="'imdn' has no bundled weights at x3; use --weights released or --weights none"
    ):
        resolve(imdn, 3, "bundled")
    assert resolve(imdn, 3, "none").name == "none"
    assert resolve(imdn, 3, "none").instead is None
    fallen = resolve(imdn, 3, "auto")
    assert fallen.origin == "none"
    assert fallen.instead is not None
    assert re.match(
        r"imdn x3 has no weights \(the released ones cannot be had: .*OFFLINE.*only its cost",
        weights_sentence(fallen.instead, "imdn x3"),
    )
    with pytest.raises(SrbenchError, match="neither a file nor one of auto, released, bundled, none"):
        resolve(imdn, 3, "relaesed")
    with pytest.raises(SrbenchError, match="'bicubic' takes no weights"):
        resolve(get_card("bicubic"), 4, "w.pth")


def _bundled_card(folder: Path, sha256: str | None = None) -> ModelCard:
    save_file(build_network("imdn-rtc", 2).state_dict(), folder / "rtc_x2.safetensors")
    digest = hashlib.sha256((folder / "rtc_x2.safetensors").read_bytes()).hexdigest()
    entry = Weights(
        tag="bundled",
        scale=2,
        origin="bundled",
        file="rtc_x2.safetensors",
        bytes=1,
        sha256=sha256 or digest,
        licence="MIT",
    )
    return get_card("imdn-rtc").model_copy(update={"weights": (*get_card("imdn-rtc").weights, entry)})


def test_auto_falls_back_to_bundled_weights_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "bundled_dir", lambda: tmp_path)
    card = _bundled_card(tmp_path)
    assert status(card, 2) == "bundled"
    assert resolve(card, 2, "bundled").instead is None
    model = open_model(card, 2, weights="auto")
    assert (model.weights.name, model.weights.origin) == ("imdn-rtc.bundled", "bundled")
    assert model.weights.instead is not None
    assert (model.weights.instead.used, model.weights.instead.why[:27]) == ("bundled", "the released ones cannot be")
    with pytest.raises(SrbenchError, match="are not those that the card names; reinstall"):
        resolve(_bundled_card(tmp_path, sha256="0" * 64), 2, "bundled")


def test_weights_with_the_record_of_their_training_are_bundled(tmp_path: Path) -> None:
    card = get_card("imdn-b4")
    assert with_bundled(card, tmp_path) == card
    save_file({"a": torch.ones(1)}, tmp_path / "imdn-b4_x4.safetensors")
    record = {
        "scale": 4, "weights_sha256": "0" * 64, "recipe": {"name": "short"}, "recipe_sha256": "1" * 64, "steps": 1000,
        "data": "bsds500-train", "data_images": 200, "device": "cpu",
    }  # fmt: skip
    (tmp_path / "imdn-b4_x4.json").write_text(json.dumps(record))
    (entry,) = with_bundled(card, tmp_path).weights
    assert (entry.origin, entry.file, entry.scale) == ("bundled", "imdn-b4_x4.safetensors", 4)
    assert "recipe short, 1,000 steps on bsds500-train" in entry.note
    (tmp_path / "imdn-b4_x4.json").write_text("{}")
    with pytest.raises(SrbenchError, match=r"imdn-b4_x4.json is not the record of imdn-b4_x4.safetensors"):
        with_bundled(card, tmp_path)


@pytest.mark.usefixtures("mirror")
def test_a_wrong_hash_is_an_error_also_for_auto() -> None:
    card = get_card("lrfdn")
    entry = card.weights[0].model_copy(update={"sha256": "0" * 64})
    with pytest.raises(HashMismatch, match="nothing was kept"):
        resolve(card.model_copy(update={"weights": (entry,)}), 4, "auto")


@pytest.mark.parametrize("names", [("model", "ema"), ("model", "model_ema"), ("state_dict", "state_dict_ema")])
def test_an_average_of_any_name_goes_before_the_plain_weights(names: tuple[str, str], tmp_path: Path) -> None:
    plain, average = names
    found = read_state(saved(tmp_path, {plain: {"a": torch.zeros(1)}, average: {"module.a": torch.ones(1)}}))
    assert (found.key, found.others, found.tensors) == (average, (plain,), {"a": torch.ones(1)})
    assert found.notes[0].used == average


def test_an_average_may_lie_deeper_and_counts_only_where_it_is_one_of_the_same_tensors(tmp_path: Path) -> None:
    shadow = {"decay": 0.999, "shadow": {"a": torch.ones(1)}}
    found = read_state(saved(tmp_path, {"model": {"a": torch.zeros(1)}, "ema_state_dict": shadow}))
    assert (found.key, found.others) == ("ema_state_dict.shadow", ("model",))
    partly = {"model": {"a": torch.zeros(1), "b": torch.zeros(1)}, "ema": shadow}
    assert read_state(saved(tmp_path, partly)).key == "model"
    assert read_state(saved(tmp_path, partly)).others == ("ema",)
    schema = {"model": {"a": torch.zeros(1)}, "schema": {"a": torch.ones(1)}}
    assert read_state(saved(tmp_path, schema)).key == "model"
