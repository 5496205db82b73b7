"""The geometric self-ensemble: the mean over the eight flips and turns of the input, shown as ``+`` behind a name.

Source: EDSR (2017), section 3.4, after Timofte et al. (2016). It costs eight passes; a table that has it without
saying so compares eight networks with one.
"""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor, nn

from srbench.errors import SrbenchError
from srbench.models.loading import SRModel

VIEWS = 8
"""All flips and turns of a square."""


class SelfEnsemble(nn.Module):
    """``network`` on all eight flips and turns of its input; each output is turned back, and the mean is taken.

    The mean is over the unrounded outputs. (N, c, h, w) -> what ``network`` gives for it; it is given (N, c, w, h) too.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Super-resolve x (N, c, h, w)."""
        total = self.network(x)
        for view in range(1, VIEWS):
            total = total + turned_back(self.network(turned(x, view)), view)
        return total / VIEWS  # type: ignore[no-any-return]


def turned(x: Tensor, view: int) -> Tensor:
    """View 0 to 7 of x (..., h, w): bit 0 mirrors left and right, bit 1 up and down, bit 2 swaps both axes."""
    if view & 1:
        x = x.flip(-1)
    if view & 2:
        x = x.flip(-2)
    return x.transpose(-2, -1) if view & 4 else x


def turned_back(y: Tensor, view: int) -> Tensor:
    """The inverse of :func:`turned`."""
    if view & 4:
        y = y.transpose(-2, -1)
    if view & 2:
        y = y.flip(-2)
    return y.flip(-1) if view & 1 else y


def with_self_ensemble(model: SRModel) -> SRModel:
    """``model`` with the self-ensemble around its network; its cost is then that of eight passes.

    Raises:
        SrbenchError: an interpolation or a function, which has no network; or the ensemble is there already.

    >>> from srbench.models.opening import open_model
    >>> with_self_ensemble(open_model("imdn", weights="none")).self_ensemble
    True
    """
    if model.network is None:
        raise SrbenchError(f"'{model.card.name}' has no network; the self-ensemble is for networks.")
    if model.self_ensemble:
        raise SrbenchError(f"'{model.card.name}' is a self-ensemble already.")
    return replace(model, network=SelfEnsemble(model.network).eval(), self_ensemble=True)


def without_self_ensemble(model: SRModel) -> SRModel:
    """``model`` as it was before :func:`with_self_ensemble`; any other as it is.

    >>> from srbench.models.opening import open_model
    >>> without_self_ensemble(with_self_ensemble(open_model("imdn", weights="none"))).self_ensemble
    False
    """
    if not isinstance(model.network, SelfEnsemble):
        return model
    return replace(model, network=model.network.network, self_ensemble=False)
