"""Stand-in for ``mmcv.cnn``: a convolution with normalisation and activation, made from settings."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

_ACTIVATIONS = {
    "HSigmoid": nn.Hardsigmoid,
    "HSwish": nn.Hardswish,
    **{name: getattr(nn, name) for name in ("GELU", "LeakyReLU", "PReLU", "ReLU", "ReLU6", "SiLU", "Sigmoid", "Tanh")},
}


class ConvModule(nn.Module):
    """Convolution, then batch or no normalisation (``norm_cfg``), then an activation (``act_cfg``; default ReLU)."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *arguments: Any,
        norm_cfg: dict[str, Any] | None = None,
        act_cfg: dict[str, Any] | None = {"type": "ReLU"},  # noqa: B006
        bias: bool | str = "auto",
        **options: Any,
    ) -> None:
        super().__init__()
        with_bias = norm_cfg is None if bias == "auto" else bool(bias)
        options = {name: value for name, value in options.items() if name not in ("conv_cfg", "inplace", "order")}
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, *arguments, bias=with_bias, **options)
        self.bn = nn.BatchNorm2d(out_channels) if norm_cfg is not None else None
        self.activate = activation(act_cfg) if act_cfg is not None else None

    def forward(self, x: Tensor) -> Tensor:
        """(N, in_channels, h, w) -> (N, out_channels, h', w')."""
        for layer in (self.conv, self.bn, self.activate):
            x = layer(x) if layer is not None else x
        return x


def activation(settings: dict[str, Any]) -> nn.Module:
    """The activation that ``{"type": NAME, ...}`` describes."""
    options = {name: value for name, value in settings.items() if name != "type"}
    return _ACTIVATIONS[settings["type"]](**options)


build_activation_layer = activation
