"""What counts as a multiply-accumulate: one number worked out by hand per way of writing it."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from srbench.cost.count import CountResult, count
from srbench.cost.params import parameters
from srbench.errors import SrbenchError


class Net(nn.Module):
    """A network made of a function of (self, x) and named parts."""

    def __init__(self, forward, **parts):
        super().__init__()
        for name, part in parts.items():
            if isinstance(part, torch.Tensor):
                self.register_parameter(name, nn.Parameter(part))
            else:
                setattr(self, name, part)
        self._run = forward

    def forward(self, x):
        return self._run(self, x)


def macs(forward, size=(8, 10), channels=3, **parts) -> CountResult:
    return count(Net(forward, **parts), size, channels)["macs"]


def test_a_conv_module_costs_its_kernel_at_every_output_position():
    result = count(nn.Conv2d(3, 5, 3, stride=2), (9, 11))["macs"]
    assert result.macs == 3 * 3 * 3 * 5 * (4 * 5)
    assert result.activations == 5 * 4 * 5
    assert result.num_conv == 1
    assert result.output_size == (4, 5)


def test_a_conv_written_as_a_function_is_counted_but_module_hooks_do_not_see_it():
    network = Net(lambda s, x: F.conv2d(x, s.weight, padding=1), weight=torch.zeros(4, 3, 3, 3))
    results = count(network, (8, 10))
    assert results["macs"].macs == 3 * 4 * 9 * 80
    assert results["fvcore"].macs == results["torch"].macs == results["macs"].macs
    assert results["ntire-hooks"].macs == results["ntire-hooks"].num_conv == 0
    assert results["ntire-hooks"].uncounted == {"conv2d": 1}
    assert results["macs"].uncounted == {}


class _Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        return F.conv2d(x, weight) * 2

    @staticmethod
    def backward(ctx, *grad):
        raise NotImplementedError


def test_a_custom_autograd_op_is_looked_into():
    result = macs(lambda s, x: _Doubled.apply(x, s.weight), weight=torch.zeros(7, 3, 1, 1))
    assert result.macs == 3 * 7 * 80


def test_a_linear_layer_as_1x1_conv_on_nhwc():
    network = Net(lambda s, x: s.fc(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), fc=nn.Linear(3, 6))
    results = count(network, (8, 10))
    assert results["macs"].macs == results["fvcore"].macs == results["torch"].macs == 3 * 6 * 80
    assert results["ntire-hooks"].macs == 1 * 8 * 8  # the hook reads shape[1], which is the height here
    assert results["macs"].layers[0].op == "linear"


@pytest.mark.parametrize(
    ("conv", "expected"),
    [
        (nn.Conv2d(12, 12, 3, padding=1, groups=12), 12 * 9 * 80),  # depthwise
        (nn.Conv2d(12, 24, 3, padding=1, groups=4), 3 * 24 * 9 * 80),  # grouped
        (nn.Conv2d(12, 6, 3, padding=2, dilation=2), 12 * 6 * 9 * 80),
        (nn.Conv2d(12, 6, (3, 1), padding=(1, 0)), 12 * 6 * 3 * 80),  # asymmetric
    ],
    ids=["depthwise", "grouped", "dilated", "asymmetric"],
)
def test_kinds_of_convs(conv, expected):
    results = count(conv, (8, 10), channels=12)
    assert {name: r.macs for name, r in results.items()} == dict.fromkeys(results, expected)


def test_a_transposed_conv_costs_its_kernel_at_every_input_position_and_hooks_say_output():
    results = count(nn.ConvTranspose2d(4, 6, 4, stride=2, padding=1), (8, 10), channels=4)
    assert results["macs"].macs == 4 * 6 * 16 * 80
    assert results["fvcore"].macs == results["torch"].macs == results["macs"].macs
    assert results["ntire-hooks"].macs == 4 * 6 * 16 * (16 * 20)
    assert results["macs"].activations == 6 * 16 * 20
    grouped = count(nn.ConvTranspose2d(4, 6, 4, stride=2, padding=1, groups=2), (8, 10), channels=4)
    assert grouped["macs"].macs == 4 * 3 * 16 * 80


def test_matmul_attention():
    def attention(s, x):
        tokens = x.flatten(2).transpose(1, 2)  # 1 x 80 x 3
        return (tokens @ tokens.transpose(1, 2)).softmax(-1) @ tokens

    assert macs(attention).macs == 2 * 80 * 80 * 3


def test_fused_attention_counts_as_what_it_computes():
    def attention(s, x):
        tokens = x.flatten(2).transpose(1, 2).unsqueeze(1)  # 1 head
        return F.scaled_dot_product_attention(tokens, tokens, tokens)

    results = count(Net(attention), (8, 10))
    assert results["macs"].macs == results["torch"].macs == 2 * 80 * 80 * 3
    assert {row.op for row in results["macs"].layers} == {"attention"}
    assert results["fvcore"].macs == 0
    assert results["fvcore"].uncounted == {"attention": 2}


@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        (lambda s, x: torch.einsum("bchw,oc->bohw", x, s.w), 3 * 5 * 80),
        (lambda s, x: torch.matmul(s.w, x.flatten(2)), 3 * 5 * 80),
        (lambda s, x: s.w @ x.flatten(2), 3 * 5 * 80),
        (lambda s, x: F.linear(x.permute(0, 2, 3, 1), s.w), 3 * 5 * 80),
        (lambda s, x: torch.baddbmm(torch.zeros(1, device=x.device), s.w[None], x.flatten(2)), 3 * 5 * 80),
        (lambda s, x: torch.mv(s.w, x.mean((0, 2, 3))), 3 * 5),
        (lambda s, x: torch.dot(x.flatten(), x.flatten()), 3 * 80),
    ],
    ids=["einsum", "matmul", "operator", "linear", "baddbmm", "mv", "dot"],
)
def test_tensor_products_however_they_are_written(forward, expected):
    assert macs(forward, w=torch.zeros(5, 3)).macs == expected


@pytest.mark.parametrize(("mode", "ours", "fvcore"), [("bilinear", 4, 4), ("bicubic", 16, 0), ("nearest", 0, 1)])
def test_interpolation(mode, ours, fvcore):
    results = count(Net(lambda s, x: F.interpolate(x, scale_factor=2, mode=mode)), (8, 10))
    outputs = 3 * 16 * 20
    assert results["macs"].macs == ours * outputs
    assert results["fvcore"].macs == fvcore * outputs
    assert results["torch"].macs == results["ntire-hooks"].macs == 0


def test_grid_sample_and_the_bilinear_layer():
    def warp(s, x):
        grid = torch.zeros(1, 4, 5, 2, device=x.device)
        return F.grid_sample(x, grid, align_corners=False)

    assert macs(warp).macs == 4 * 3 * 4 * 5
    pair = macs(lambda s, x: s.b(x.mean((2, 3)), x.mean((2, 3))), b=nn.Bilinear(3, 3, 7))
    assert pair.macs == 7 * 3 * 3


def test_a_shared_layer_counts_per_call_and_its_parameters_once():
    conv = nn.Conv2d(3, 3, 3, padding=1)
    network = Net(lambda s, x: s.a(s.b(s.a(x))), a=conv, b=conv)
    result = count(network, (8, 10))["macs"]
    assert result.macs == 3 * (9 * 9 * 80)
    assert result.num_conv == result.depth == 3
    assert parameters(network).params == 9 * 9 + 3
    (row,) = result.layers
    assert (row.name, row.calls, row.params) == ("a", 3, 84)


def test_norms_and_activations_are_what_the_conventions_differ_in():
    network = nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.PReLU(3))
    results = {name: r.macs for name, r in count(network, (8, 10)).items()}
    assert results == {"macs": 0, "torch": 0, "ntire-hooks": 2 * 240 + 240 + 3, "fvcore": 2 * 240 + 240}


def test_depth_follows_the_data_and_not_the_module_list():
    parts = {f"c{i}": nn.Conv2d(3, 3, 1) for i in range(4)}
    parallel = macs(lambda s, x: torch.cat([s.c0(x), s.c1(x), s.c2(x), s.c3(x)], 1), **parts)
    assert (parallel.depth, parallel.num_conv) == (1, 4)
    chain = macs(lambda s, x: s.c3(s.c2(s.c1(s.c0(x)))) + x, **parts)
    assert (chain.depth, chain.num_conv) == (4, 4)
    gated = macs(lambda s, x: s.c3(x * torch.sigmoid(s.c1(s.c0(x)))) + s.c2(x), **parts)
    assert gated.depth == 3


def test_what_nobody_knows_is_listed_and_not_silently_dropped():
    network = Net(lambda s, x: torch.linalg.inv(x))
    result = count(network, (8, 8))["macs"]
    assert result.uncounted == {"aten::linalg_inv_ex": 1}
    assert result.lower_bound


def test_fourier_transforms_and_complex_products():
    def filtered(s, x):
        return torch.fft.irfft2(torch.fft.rfft2(x) * torch.complex(s.w, s.w))

    result = macs(filtered, (8, 16), w=torch.zeros(3, 8, 9))
    one_way = 3 * 5 * 8 * 16 * 7 // 4  # 1.25 n log2 n for n = 8 * 16 real values, n log2 n = 128 * 7, in 3 channels
    assert result.macs == 2 * one_way + 4 * 3 * 8 * 9
    assert result.uncounted == {}
    whole = macs(lambda s, x: torch.fft.fft(torch.complex(x, x)), (8, 16))
    assert whole.macs == 5 * 3 * 8 * 16 * 4 // 2


def test_the_network_is_left_as_it_was():
    class Centred(nn.Module):
        def __init__(self):
            super().__init__()
            self.mean = torch.zeros(1, 3, 1, 1)
            self.norm = nn.BatchNorm2d(3)
            self.mask = {}

        def forward(self, x):
            self.mean = self.mean.type_as(x)
            self.cached = x
            return self.norm(x - self.mean)

    network = Centred().train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    mean = network.mean
    count(network, (8, 10))
    assert network.mean is mean
    assert network.training
    assert network.norm.training
    assert not hasattr(network, "cached")
    assert not network._forward_hooks
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())


def test_values_of_parameters_can_still_be_read():
    network = Net(lambda s, x: F.conv2d(x, s.w, padding=int(s.n.item())), w=torch.zeros(3, 3, 3, 3), n=torch.ones(1))
    assert count(network, (8, 10))["macs"].macs == 81 * 80


def test_a_forward_pass_that_fails_names_the_layer_and_the_size():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sequential(nn.Conv2d(5, 4, 3)))
    with pytest.raises(SrbenchError, match=r"input of 1x3x8x10 failed in 1\.0: RuntimeError: .*"):
        count(network, (8, 10))
    with pytest.raises(SrbenchError, match="unknown convention 'mac'; did you mean macs"):
        count(network, (8, 10), conventions=("mac",))
    with pytest.raises(SrbenchError, match="expected positive integers"):
        count(network, (0, 10))


def test_pre_upsampled_networks_are_counted_at_hr_size_and_luma_ones_with_one_channel():
    network = nn.Conv2d(1, 2, 3, padding=1)
    result = count(network, (8, 10), channels=1, scale=3, pre_upsampled=True)["macs"]
    assert result.macs == 9 * 2 * (24 * 30)
    assert result.input_size == (8, 10)


class Branches(nn.Module):
    """A re-parameterised block: 3x3, 1x1 and identity, merged into one 3x3 by ``deploy()``."""

    def __init__(self, wrong=False):
        super().__init__()
        self.wide, self.point = nn.Conv2d(3, 3, 3, padding=1, bias=False), nn.Conv2d(3, 3, 1, bias=False)
        self.wrong = wrong

    def forward(self, x):
        return self.wide(x) + self.point(x) + x

    def deploy(self):
        merged = nn.Conv2d(3, 3, 3, padding=1, bias=False)
        with torch.no_grad():
            kernel = self.wide.weight.clone()
            kernel[:, :, 1, 1] += self.point.weight[:, :, 0, 0]
            if not self.wrong:
                kernel[:, :, 1, 1] += torch.eye(3)
            merged.weight.copy_(kernel)
        return merged


def test_reparameterised_branches_count_as_they_run():
    before = count(Branches(), (8, 10))["macs"]
    after = count(Branches().deploy(), (8, 10))["macs"]
    assert (before.macs, before.depth, before.num_conv) == ((81 + 9) * 80, 1, 2)
    assert (after.macs, after.num_conv) == (81 * 80, 1)
    assert parameters(Branches()).training_only == 9


@settings(max_examples=25, deadline=None)
@given(
    kernel=st.integers(1, 5), stride=st.integers(1, 3), padding=st.integers(0, 3), dilation=st.integers(1, 2),
    groups=st.sampled_from([1, 2]), transposed=st.booleans(), height=st.integers(9, 20), width=st.integers(9, 20),
)  # fmt: skip
def test_shapes_without_arithmetic_are_the_shapes_of_arithmetic(
    kernel, stride, padding, dilation, groups, transposed, height, width
):
    make = nn.ConvTranspose2d if transposed else nn.Conv2d
    conv = make(4, 6, kernel, stride=stride, padding=padding, dilation=dilation, groups=groups)
    with torch.no_grad():
        try:
            real = conv(torch.zeros(1, 4, height, width))
        except RuntimeError:
            with pytest.raises(SrbenchError):
                count(conv, (height, width), channels=4)
            return
    result = count(conv, (height, width), channels=4)["macs"]
    assert result.output_size == tuple(real.shape[2:])
    assert result.activations == real.numel()


def test_no_network_of_the_zoo_takes_what_torch_imports_for_its_compiler() -> None:
    code = (
        "import sys\n"
        "from srbench.cost.count import count\n"
        "from srbench.cost.source import open_network\n"
        "from srbench.models.registry import cards\n"
        "for card in cards():\n"
        "    if card.network is not None and card.variant_of is None and card.paper != 'tests':\n"
        "        source = open_network(card.name, card.scales[-1])\n"
        "        count(source.network, source.fitting((24, 24)),"
        " card.channels, None, source.scale, card.pre_upsampled)\n"
        "        late = {'sympy', 'torch._dynamo', 'torch._inductor'} & set(sys.modules)\n"
        "        assert not late, (card.name, late)  # 0.5 to 2 s for the first one that is counted\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
