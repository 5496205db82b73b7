"""One way to name a model: everything that names one becomes a card, and every card a session."""

from __future__ import annotations

import keyword
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import srbench
from srbench import plugins
from srbench.errors import SrbenchError
from srbench.models import MODELS, ModelCard, ModelOptions, find_card, open_model, source_hash
from srbench.models.find import find_cards
from srbench.models.reference import Reference, parse_argument, parse_reference, split_references

LR = np.random.default_rng(0).integers(0, 256, (6, 7, 3), dtype=np.uint8)
WANTED = LR.repeat(2, 0).repeat(2, 1)


class Nearest(nn.Module):
    """Repeats pixels, times a parameter."""

    def __init__(self, upscale: int = 2, value: float = 1.0) -> None:
        super().__init__()
        self.gain, self.upscale = nn.Parameter(torch.full((1,), value)), upscale

    def forward(self, x: Tensor) -> Tensor:
        return self.gain * x.repeat_interleave(self.upscale, -2).repeat_interleave(self.upscale, -1)


class Counting(Nearest):
    input_range, self_contained = 255, True


def nearest(lr: np.ndarray, scale: int) -> np.ndarray:
    return lr.repeat(scale, 0).repeat(scale, 1)


FILE = """
import torch
from torch import nn
class Nearest(nn.Module):
    self_contained = True
    def __init__(self, upscale):
        super().__init__()
        self.upscale = upscale
    def forward(self, x):
        return x.repeat_interleave(self.upscale, -2).repeat_interleave(self.upscale, -1)
def nearest(lr, scale):
    return lr.repeat(scale, 0).repeat(scale, 1)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a package of networks in it."""
    (tmp_path / "mynets").mkdir()
    (tmp_path / "mynets" / "up.py").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("reference", ["mynets/up.py:Nearest", "mynets.up:Nearest", "mynets/up.py:Nearest(2)",
                                       "mynets/up.py:nearest", "mynets.up:nearest"])  # fmt: skip
def test_text_names_a_model(package: Path, reference: str) -> None:
    with plugins.scoped():
        assert np.array_equal(open_model(reference, 2)(LR), WANTED)


@pytest.mark.parametrize("model", [Nearest(), Counting, nearest, lambda lr, scale: lr.repeat(2, 0).repeat(2, 1)])
def test_an_object_is_a_model(model: object) -> None:
    session = open_model(model, 2)
    assert np.array_equal(session(LR), WANTED)
    assert (session.scale, session.device) == (2, "cpu")


def test_a_network_is_copied_and_left_as_it_is() -> None:
    network = Nearest().train()
    session = open_model(network, 2)
    assert session.network is not network
    assert network.training
    assert session.weights.origin == "user"
    again, other = open_model(Nearest(), 2), open_model(Nearest(value=2.0), 2)
    assert session.weights.sha256 == again.weights.sha256 != other.weights.sha256


def test_evaluate_takes_whatever_names_a_model(tmp_path: Path) -> None:
    first = srbench.open_dataset("embedded", 2, limit=1)
    frames = [srbench.evaluate(model, first, scale=2) for model in (Nearest(), nearest, open_model(nearest, 2))]
    assert len({round(float(frame["psnr"].mean()), 6) for frame in frames}) == 1
    torch.save({"gain": torch.zeros(1)}, tmp_path / "w.pth")
    black = srbench.evaluate(Nearest(), first, scale=2, weights=tmp_path / "w.pth")
    assert float(black["psnr"].mean()) < 15


def test_registered_names_are_taken_in_any_case_and_with_arguments() -> None:
    assert find_card("IMDN") == find_card("imdn") == find_card(MODELS.get("Imdn"))
    fewer = find_card("rfdn(blocks=4)")
    assert (fewer.name, fewer.title, fewer.variant_of) == ("rfdn.blocks-4", "RFDN(blocks=4)", "rfdn")
    assert not fewer.weights
    assert not fewer.params
    assert source_hash(fewer) != source_hash(find_card("rfdn"))
    for text, sentence in {
        "rfdn(4)": "by name",
        "rfdnn": "did you mean .*rfdn.*or a network of your own as net.py:Net",
        "nowhere.module:Net": "cannot import 'nowhere.module'",
        "nowhere.pth": "there is no file of weights 'nowhere.pth'",
        "safmn": "did you mean safmn-ntire .* no public address",
    }.items():
        with pytest.raises(SrbenchError, match=sentence):
            find_card(text)
    with pytest.raises(SrbenchError, match=r"a int is no model; expected a name"):
        find_card(3)


def test_options_become_fields_of_the_card(package: Path) -> None:
    options = ModelOptions({"upscale": 3}, input_range=255, order="bgr", size_multiple=8, key="params", strict=False)
    with plugins.scoped():
        card = find_card("mynets/up.py:Nearest", options)
        same = ModelCard.model_validate(card.model_dump(mode="json"))  # as it travels to another process
        assert open_model(same, 3)(LR).shape == (18, 21, 3)
    assert card.network == f"{package}/mynets/up.py:Nearest(upscale=3)"
    assert (card.input_range, card.order, card.size_multiple, card.scales) == (255, "bgr", 8, (3,))
    assert (card.checkpoint_key, card.strict) == ("params", False)
    with pytest.raises(SrbenchError, match="cannot be opened so: size_multiple"):
        find_card("imdn", ModelOptions(size_multiple=0))


def test_models_of_one_command_have_different_names_and_titles(package: Path) -> None:
    (package / "other").mkdir()
    (package / "other" / "up.py").write_text(FILE + "# another")
    with plugins.scoped():
        cards, failures = find_cards(
            ["imdn", "mynets/up.py:Nearest", "other/up.py:Nearest", "mynets/up.py:Nearest(upscale=3)", "gone.py:Net"]
        )
    assert len({card.name for card in cards}) == len({card.title for card in cards}) == 4
    assert [reference for reference, _ in failures] == ["gone.py:Net"]


def test_references_and_arguments_are_read_as_literals() -> None:
    assert parse_reference("a b/net(1).py:Net(1, k=(2, 3))").place == "a b/net(1).py"
    assert parse_reference("net.py:Net('a:b(c)')").positional == ("a:b(c)",)
    assert str(parse_reference("p.q:A.make(x={'k': [1]})")) == "p.q:A.make(x={'k': [1]})"
    assert parse_argument("k=3") == ("k", 3)
    assert parse_argument("act=relu") == ("act", "relu")
    assert split_references("a,n.py:N('x,y', [1, 2]),b,a") == ("a", "n.py:N('x,y', [1, 2])", "b")
    for bad in ("net.py", "net.py:", ":Net", "net.py:Net(", "net.py:Net(x)", "net.py:Net(*[1])", "net.py:Net(**{})"):
        with pytest.raises(SrbenchError, match="expected"):
            parse_reference(bad)


LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=6,
)
NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True).filter(lambda name: not keyword.iskeyword(name))


@given(st.lists(LITERALS, max_size=3), st.dictionaries(NAMES, LITERALS, max_size=3))
def test_a_reference_is_read_back_as_it_is_written(positional: list[object], keywords: dict[str, object]) -> None:
    reference = Reference("folder (1)/net.py", "Net.make", tuple(positional), keywords)
    assert parse_reference(str(reference)) == reference
    assert split_references(f"imdn,{reference}") == ("imdn", str(reference).strip())
