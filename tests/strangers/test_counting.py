"""Networks written as they are found in the wild: each counted, with the figure worked out or the sentence expected."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from srbench.cost.count import count
from srbench.cost.crosscheck import cross_check
from srbench.cost.operators import OPERATORS, OperatorFormula
from srbench.cost.profile import profile
from srbench.cost.source import Source
from srbench.models.card import ModelCard

SIZE = (8, 10)
CARD = ModelCard(name="stranger", title="Stranger", paper="tests", year=2024, scales=(1,), network="none:none")


def profiled(network, conventions=("macs",)):
    return profile(Source(CARD, network.eval(), 1), SIZE, conventions)


class MergesInForward(nn.Module):
    """SPAN's way: branches merged into ``eval_conv.weight.data`` in every forward pass."""

    def __init__(self):
        super().__init__()
        self.wide, self.back = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 3, 1)
        self.eval_conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        weight = F.conv2d(self.wide.weight.data.permute(1, 0, 2, 3), self.back.weight.data).permute(1, 0, 2, 3)
        bias = F.conv2d(self.wide.bias.data.view(1, -1, 1, 1), self.back.weight.data, self.back.bias.data).flatten()
        self.eval_conv.weight.data, self.eval_conv.bias.data = weight, bias
        return self.eval_conv(x)


def test_weights_merged_in_forward_are_no_work_on_the_image_and_are_put_back():
    network = MergesInForward()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    places = {name: tensor.data_ptr() for name, tensor in network.named_parameters()}
    results = count(network, SIZE)
    assert results["macs"].macs == results["fvcore"].macs == results["ntire-hooks"].macs == 81 * 80
    assert (results["macs"].num_conv, results["macs"].depth) == (1, 1)
    assert results["torch"].macs == 81 * 80 + 3 * 9 * 18 + 18
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    assert places == {name: tensor.data_ptr() for name, tensor in network.named_parameters()}


def test_what_infers_is_counted_beside_what_is_carried_for_training():
    one = profiled(MergesInForward())
    assert one.params.params == 84 + 168 + 21
    assert one.inference_params == 84
    assert one.inference is not None
    assert one.inference["macs"].macs == 81 * 80
    assert any("84 of 273 parameters infer; save it in its deploy form" in note for note in one.notes)


class Inplace(nn.Module):
    """Writes into its own weight and keeps masks in a dictionary."""

    def __init__(self):
        super().__init__()
        self.conv, self.masks = nn.Conv2d(3, 3, 1), {}

    def forward(self, x):
        with torch.no_grad():
            self.conv.weight.mul_(0.5)
        self.masks[x.shape] = torch.ones_like(x)
        return self.conv(x) * self.masks[x.shape]


def test_what_is_written_in_place_is_put_back():
    network = Inplace()
    before = network.conv.weight.clone()
    assert count(network, SIZE)["macs"].macs == 9 * 80
    assert torch.equal(before, network.conv.weight)
    assert network.masks == {}


class Item(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        return self.conv(x) / x.abs().max().item()


class Branch(Item):
    """In 0..1 on a photograph, so that the second branch is taken."""

    def forward(self, x):
        return self.conv(self.conv(x)) if x.max() > 1 else self.conv(x)


class ThroughNumpy(Item):
    def forward(self, x):
        values = self.conv(x).numpy()
        return torch.from_numpy(np.ascontiguousarray(values[..., ::-1]))


class Nonzero(Item):
    def forward(self, x):
        found = self.conv(x)
        return found.flatten()[torch.nonzero(x.flatten() >= 0).flatten()].view(x.shape)


@pytest.mark.parametrize(
    ("network", "why"),
    [
        (Item(), "reads a value of the image (.item())"),
        (Branch(), "takes a branch that depends on the image"),
        (ThroughNumpy(), "goes through numpy"),
        (Nonzero(), "has shapes that depend on the image (nonzero)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_a_network_that_needs_values_is_run_for_real_and_says_why(network, why):
    one = profiled(network)
    assert one.counts["macs"].macs == 81 * 80
    assert f"counted by a real pass on a photograph, since the network itself {why}" in one.notes
    assert one.counts["macs"].lower_bound == isinstance(network, ThroughNumpy)


def test_a_pass_that_fails_for_real_too_is_one_sentence():
    class Wrong(Item):
        def forward(self, x):
            return self.conv(x[:, :2])

    with pytest.raises(Exception, match="counting on an input of 1x3x8x10 failed in conv: RuntimeError"):
        count(Wrong(), SIZE)


@torch.library.custom_op("strangers::scan", mutates_args=())
def _scan(x: torch.Tensor, steps: int) -> torch.Tensor:
    return torch.from_numpy(x.detach().numpy() * steps)


_opaque = torch.library.Library("strangers_opaque", "DEF")
_opaque.define("scan(Tensor x, int steps=4) -> Tensor")
_opaque.impl("scan", lambda x, steps=4: x * steps, "CPU")


class Opaque(Item):
    def forward(self, x):
        return torch.ops.strangers_opaque.scan(self.conv(x))


def test_what_an_operator_hides_is_a_lower_bound_until_a_formula_prices_it():
    one = profiled(Opaque())
    assert one.counts["macs"].macs == 81 * 80
    assert one.counts["macs"].uncounted == {"strangers_opaque::scan": 1}
    assert one.counts["macs"].lower_bound
    assert "macs is a lower bound: nothing is known of strangers_opaque::scan x1" in one.problems
    with OPERATORS.scoped():
        OPERATORS.add(OperatorFormula("strangers_opaque::scan", lambda args, out: args[1] * out.numel()))
        priced = count(Opaque(), SIZE)["macs"]
        assert priced.macs == 81 * 80 + 4 * 240
        assert not priced.lower_bound


@torch.library.custom_op("strangers::conv", mutates_args=())
def _conv(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return F.conv2d(x, weight)


class CustomPython(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(4, 3, 1, 1))

    def forward(self, x):
        return torch.ops.strangers.conv(x, self.weight)


def test_a_custom_operator_in_python_is_looked_into_though_libraries_do_not():
    results = count(CustomPython(), SIZE)
    assert results["macs"].macs == 12 * 80
    assert results["macs"].num_conv == 1
    assert results["fvcore"].macs == results["torch"].macs == results["ntire-hooks"].macs == 0
    assert results["fvcore"].uncounted == {"conv2d": 1}


class Fills(Item):
    """Fills memory behind torch's back, as a compiled kernel does."""

    def forward(self, x):
        found = torch.empty(x.shape)
        found.numpy()[...] = x.numpy()
        return self.conv(found)


def test_memory_that_is_filled_behind_torchs_back_is_a_lower_bound():
    result = count(Fills(), SIZE)["macs"]
    assert result.lower_bound
    assert result.macs == 81 * 80
    assert set(result.uncounted) <= {"memory", "numpy"}


def test_compiled_modules():
    plain = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3))
    for compiled in (torch.jit.script(plain), torch.jit.trace(plain.eval(), torch.rand(1, 3, *SIZE))):
        result = count(compiled, SIZE)["macs"]
        assert (result.macs, result.num_conv, result.depth) == (108 * 48 + 144 * 24, 2, 2)


class NamedPadding(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 4, 3, padding="same"), nn.Conv2d(4, 3, 3, padding=1)

    def forward(self, x):
        return self.b(self.a(x))


def test_fvcore_does_not_know_convolutions_padded_by_name_and_the_true_figure_stands_beside():
    one = profiled(NamedPadding(), ("fvcore",))
    assert one.counts["fvcore"].macs == 108 * 80
    assert one.problems == ("fvcore leaves out conv2d with padding by name x1 (0.000009 G MACs; all: 0.000017 G)",)


class OutsideTheTree(nn.Module):
    """Keeps its layers in a plain list, and its parameters registered one by one."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 3, 1)
        self.hidden = [nn.Conv2d(3, 3, 3, padding=1)]
        self.weight = self.hidden[0].weight

    def forward(self, x):
        return self.hidden[0](self.first(x))


def test_hooks_count_only_modules_that_the_network_lists():
    results = count(OutsideTheTree(), SIZE)
    assert results["macs"].macs == (9 + 81) * 80
    assert (results["ntire-hooks"].macs, results["ntire-hooks"].num_conv) == (9 * 80, 1)


class Tokens(nn.Module):
    """Attention on (B, N, C): the hook of a linear layer reads N for C."""

    def __init__(self):
        super().__init__()
        self.head, self.qkv = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(8, 24)

    def forward(self, x):
        q, k, v = self.qkv(self.head(x).flatten(2).transpose(1, 2)).chunk(3, -1)
        return (q @ k.transpose(1, 2)).softmax(-1) @ v


def test_where_hooks_and_macs_differ_it_is_said_why():
    one = profiled(Tokens(), ("macs", "ntire-hooks"))
    hooks, macs = one.counts["ntire-hooks"].macs, one.counts["macs"].macs
    assert macs == 216 * 80 + 8 * 24 * 80 + 2 * 80 * 80 * 8
    assert hooks == 216 * 80 + 80 * 80
    (note,) = [note for note in one.notes if note.startswith("ntire-hooks gives")]
    assert f"{hooks / macs:.2f} times the MACs" in note
    assert "work outside the modules that hooks know" in note
    assert "linear layers taken as (N, C)" in note


class Spectral(nn.Module):
    def forward(self, x):
        return torch.fft.irfft2(torch.fft.rfft2(x) ** 2, s=x.shape[-2:])


def test_fourier_transforms_have_a_formula():
    assert count(Spectral(), (8, 8))["macs"].macs == 2 * round(1.25 * 3 * 64 * 6)
    assert not count(Spectral(), (8, 8))["macs"].lower_bound


def test_the_first_count_of_a_network_with_dead_branches_is_fvcores():
    class Dead(Item):
        def forward(self, x):
            self.conv(x)
            return self.conv(x) + 1

    results = count(Dead(), SIZE)
    assert results["fvcore"].macs == 81 * 80
    assert results["macs"].macs == results["torch"].macs == results["ntire-hooks"].macs == 2 * 81 * 80


def test_what_runs_in_threads_of_the_networks_own_is_a_lower_bound():
    class Threads(Item):
        def forward(self, x):
            with ThreadPoolExecutor(1) as pool:
                return pool.submit(self.conv, x).result()

    one = profiled(Threads())
    assert one.counts["macs"].lower_bound
    assert any("modules called in threads of the network's own x1" in problem for problem in one.problems)


def test_compiled_parts_are_counted_as_they_are_written():
    class Compiled(Item):
        def __init__(self):
            super().__init__()
            self.fast = torch.compile(self.conv)

        def forward(self, x):
            return self.fast(x)

    results = count(Compiled(), SIZE)
    assert results["macs"].macs == results["torch"].macs == 81 * 80


def test_the_cross_check_names_the_reason_and_copies_what_has_a_history():
    class SameAndDead(Item):
        def __init__(self):
            super().__init__()
            self.same = nn.Conv2d(3, 3, 3, padding="same")
            self.kernel = nn.Parameter(torch.ones(3, 3, 1, 1)) * 2  # a result, which deepcopy refuses

        def forward(self, x):
            self.conv(x)
            return self.same(x) + F.conv2d(x, self.kernel.detach())

    check = cross_check(SameAndDead().eval(), SIZE)
    assert check.preset_agrees
    (conv,) = [row for row in check.operators if row.operator == "conv"]
    assert "fvcore counts nothing for convolutions with padding='same'" in conv.why
    assert "fvcore leaves out results that nobody uses" in conv.why
