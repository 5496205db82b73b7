"""Peak memory: the tracker, on shapes alone and for real, beside the allocator's own record."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from srbench.cost import memory
from srbench.cost.memory import allocator_peak, cuda_peak, peak_memory
from srbench.cost.source import open_network
from srbench.errors import SrbenchError


class Chain(nn.Module):
    """relu, relu, relu: never more than two images alive at once."""

    def forward(self, x):
        return torch.relu(torch.relu(torch.relu(x)))


class Skip(nn.Module):
    """Keeps the input until the end."""

    def forward(self, x):
        y = torch.relu(x)
        z = torch.relu(y)
        del y
        return torch.relu(z) + x


IMAGE = 3 * 16 * 16 * 4


@pytest.mark.parametrize("fake", [True, False])
def test_what_is_freed_does_not_count(fake):
    chain = peak_memory(Chain(), (16, 16), fake=fake, workspace=False)
    assert chain.activations_bytes == 3 * IMAGE  # the caller's input, an input and an output of relu
    assert chain.total_bytes == chain.activations_bytes
    skip = peak_memory(Skip(), (16, 16), fake=fake, workspace=False)
    assert skip.activations_bytes == 4 * IMAGE  # input, the second relu's output, the third's, the sum


@pytest.fixture(params=[1, 2])
def threads(request):
    """Torch's number of threads, which decides how 1x1 convolutions are done."""
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", ["imdn", "e-rfdn", "lrfdn"])
def test_the_tracker_is_within_two_percent_of_the_allocator(name, threads):
    network = open_network(name, 4).network
    fake = peak_memory(network, (64, 64), fake=True)
    real = peak_memory(network, (64, 64))
    own = allocator_peak(network, (64, 64))
    assert fake.activations_bytes == real.activations_bytes
    assert fake.total_bytes == real.total_bytes
    if memory.vector_channels() != 16:
        pytest.skip("the scratch rules of convolutions were measured on AVX-512; this CPU has other layouts")
    assert fake.total_bytes == pytest.approx(own.total_bytes, rel=0.02)


def test_the_live_tensors_are_the_same_on_every_machine():
    network = open_network("lrfdn", 4).network
    live = peak_memory(network, (64, 64), fake=True, workspace=False)
    assert live.workspace_bytes == 0
    assert live.activations_bytes == peak_memory(network, (64, 64), fake=True).activations_bytes
    # At the peak: the head's output and all four blocks' outputs, concatenated, through 1x1 and GELU; the input.
    pixels, width = 64 * 64 * 4, 64
    assert live.activations_bytes == pixels * (3 + width + 4 * width + 4 * width + 2 * width)


def test_activations_grow_with_the_area_and_weights_do_not():
    network = open_network("e-rfdn", 4).network
    small, large = (peak_memory(network, size, fake=True) for size in ((256, 256), (512, 512)))
    assert large.weights_bytes == small.weights_bytes == 4 * 433_448
    assert large.activations_bytes == pytest.approx(4 * small.activations_bytes, rel=0.01)


def test_does_it_fit_at_8k_is_answered_without_running():
    result = peak_memory(open_network("imdn", 4).network, (1080, 1920), fake=True)
    # At the peak: input, head, six blocks' outputs, their concatenation, and the output of the 1x1 that fuses them.
    assert result.activations_bytes == 1080 * 1920 * 4 * (3 + 64 + 6 * 64 + 6 * 64 + 64)
    assert result.method == "tracker-fake"
    assert result.peak_at.startswith("aten::convolution in fusion")


@pytest.mark.parametrize("fake", [True, False])
def test_a_cache_that_the_first_call_fills_is_seen(fake):
    class Caching(nn.Module):
        cache = None

        def forward(self, x):
            if self.cache is None:
                self.cache = torch.ones(256, 256, device=x.device)
            return x + self.cache[0, 0]

    network = Caching()
    assert peak_memory(network, (16, 16), fake=fake).kept_bytes == 256 * 256 * 4
    assert network.cache is None  # and is not left behind
    assert peak_memory(Chain(), (16, 16), fake=fake).kept_bytes == 0


def test_a_failing_pass_is_one_sentence():
    with pytest.raises(SrbenchError, match="a forward pass on 1x3x4x4 failed: RuntimeError"):
        peak_memory(nn.Conv2d(5, 5, 3), (4, 4))


class _Cuda:
    """Stands in for torch.cuda's memory statistics: a caching allocator that the test fills."""

    def __init__(self, before: int) -> None:
        self.peak, self.calls = before, []

    def use(self, amount: int) -> None:
        self.peak = max(self.peak, amount)

    def reset_peak_memory_stats(self, device: str) -> None:
        self.calls.append("reset")
        self.peak = 0


@pytest.mark.parametrize(("reset", "expected"), [(True, 700), (False, 900)])
def test_cuda_statistics_with_and_without_reset(monkeypatch, reset, expected):
    """The code path on CUDA as far as a machine without it allows: with torch.cuda's statistics replaced."""
    cuda = _Cuda(before=900)  # some earlier model
    used = iter([700, 300])
    replaced = SimpleNamespace(
        is_available=lambda: True,
        synchronize=lambda device: None,
        empty_cache=lambda: None,
        reset_peak_memory_stats=cuda.reset_peak_memory_stats,
        max_memory_allocated=lambda device: cuda.peak,
        max_memory_reserved=lambda device: 2048,
    )
    monkeypatch.setattr(memory.torch, "cuda", replaced)
    monkeypatch.setattr(memory, "_run", lambda *_: cuda.use(next(used)))
    result = cuda_peak(nn.Conv2d(1, 1, 1, bias=False), [(32, 32), (16, 16)], reset=reset)
    assert (result.total_bytes, result.reserved_bytes) == (expected, 2048)
    assert result.activations_bytes == expected - 4
    assert result.method == ("cuda-reset" if reset else "cuda-unreset")
    assert cuda.calls == (["reset", "reset"] if reset else [])


@pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA device: the CUDA allocator itself is not tested here"
)
def test_cuda_allocator_itself():
    network = open_network("e-rfdn", 4).network.cuda()
    result = cuda_peak(network, [(64, 64)])
    assert result.total_bytes >= peak_memory(network.cpu(), (64, 64), fake=True, workspace=False).total_bytes


@pytest.mark.skipif(torch.cuda.is_available(), reason="a CUDA device is here")
def test_without_cuda_it_says_so():
    with pytest.raises(SrbenchError, match="no CUDA device here"):
        cuda_peak(Chain(), [(8, 8)])
