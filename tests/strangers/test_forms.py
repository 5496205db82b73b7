"""Training forms and deploy forms of networks as they are found in the wild."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from srbench.cost.deploy import deploy
from srbench.cost.profile import profile
from srbench.cost.source import Source
from srbench.models.card import ModelCard

SIZE = (8, 10)
CARD = ModelCard(name="stranger", title="Stranger", paper="tests", year=2024, scales=(1,), network="none:none")


def profiled(network, conventions=("macs",)):
    return profile(Source(CARD, network.eval(), 1), SIZE, conventions)


class Item(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x):
        return self.conv(x) / x.abs().max().item()


class RepBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide, self.point = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 1)
        self.merged = None

    def forward(self, x):
        return self.merged(x) if self.merged is not None else self.wide(x) + self.point(x)

    @torch.no_grad()
    def switch_to_deploy(self):
        merged = nn.Conv2d(3, 3, 3, padding=1)
        merged.weight.copy_(self.wide.weight)
        merged.weight[:, :, 1, 1] += self.point.weight[:, :, 0, 0]
        merged.bias.copy_(self.wide.bias + self.point.bias)
        self.merged = merged
        del self.wide, self.point


class Fuses(nn.Module):
    """The network calls it otherwise than its blocks."""

    def __init__(self):
        super().__init__()
        self.block = RepBlock()

    def forward(self, x):
        return self.block(x)

    def fuse_model(self):
        self.block.switch_to_deploy()


@pytest.mark.parametrize(
    ("network", "method"), [(nn.Sequential(RepBlock(), RepBlock()), "switch_to_deploy"), (Fuses(), "fuse_model")]
)
def test_both_forms_are_counted_whatever_the_method_is_called(network, method):
    blocks = len(network) if isinstance(network, nn.Sequential) else 1
    one = profiled(network)
    assert one.measured == "deployed"
    assert one.params.params == 84 * blocks
    assert one.counts["macs"].macs == 81 * 80 * blocks
    assert one.deployment is not None
    assert one.deployment.training_params == 96 * blocks
    assert one.deployment.training_form["macs"].macs == 90 * 80 * blocks
    assert f"the deployed form after {method}() is measured; both forms give the same output" in one.notes


def test_a_method_of_such_a_name_that_does_something_else_is_not_taken():
    class Other(Item):
        def fuse(self):
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, x):
            return self.conv(x)

    assert deploy(Other()) is not None
    one = profiled(Other())
    assert (one.measured, one.params.params, one.deployment) == ("as built", 84, None)


class OnlyBlocks(RepBlock):
    switch_to_deploy = None

    def reparam_(self):
        RepBlock.switch_to_deploy(self)


def test_a_deploy_form_under_a_name_of_its_own_is_proven_by_its_output():
    one = profiled(nn.Sequential(OnlyBlocks(), nn.Identity()))
    assert (one.measured, one.params.params) == ("deployed", 84)
    assert "the deployed form after reparam_() is measured; both forms give the same output" in one.notes


class Switches(Item):
    """A method of such a name that merges nothing."""

    def __init__(self):
        super().__init__()
        self.mode = "a"

    def switch_mode(self):
        self.mode = "b"

    def forward(self, x):
        return self.conv(x)


def test_a_method_that_only_sounds_like_merging_is_no_deploy_form():
    assert profiled(Switches()).measured == "as built"


def test_a_tensor_with_a_history_can_be_copied():
    class Held(Fuses):
        def __init__(self):
            super().__init__()
            self.kernel = self.block.wide.weight * 2

    assert profiled(Held()).measured == "deployed"
