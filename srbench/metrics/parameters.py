"""What a protocol is made of, as data: channel, shave, peak and the parameters of SSIM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator

ChannelName = Literal["y", "y-full", "yiq", "rgb"]


@dataclass(frozen=True)
class Channel:
    """One plane measured: ``offset + sum(coefficients * RGB)`` for RGB in [0, 255]."""

    coefficients: tuple[float, float, float]
    offset: float = 0.0


CHANNELS: dict[str, tuple[Channel, ...]] = {
    "y": (Channel((65.481 / 255, 128.553 / 255, 24.966 / 255), 16.0),),  # BT.601 studio range, MATLAB's rgb2ycbcr
    "y-full": (Channel((0.299, 0.587, 0.114)),),  # BT.601 full range, as OpenCV's YCrCb (which also rounds)
    "yiq": (Channel((0.299, 0.587, 0.114)),),  # the luma of YIQ, not rounded
    "rgb": (Channel((1.0, 0.0, 0.0)), Channel((0.0, 1.0, 0.0)), Channel((0.0, 0.0, 1.0))),
}


class SsimParameters(BaseModel):
    """Parameters of SSIM (Wang et al. 2004); statistics are taken over the valid region only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window: Literal["gaussian", "uniform"] = "gaussian"
    size: int = Field(default=11, ge=3, le=63, description="Side of the square window.")
    sigma: float | None = Field(default=1.5, gt=0, description="Of the Gaussian; None for a uniform window.")
    k1: float = Field(default=0.01, ge=0)
    k2: float = Field(default=0.03, gt=0)
    sample_covariance: bool = Field(default=False, description="Divide (co)variances by N-1 instead of N.")

    def weights(self) -> tuple[float, ...]:
        """The window along one axis (it is separable); sums to 1."""
        if self.window == "uniform" or self.sigma is None:
            return (1.0 / self.size,) * self.size
        x = np.arange(self.size) - (self.size - 1) / 2
        w = np.exp(-(x**2) / (2.0 * self.sigma**2))
        return tuple((w / w.sum()).tolist())


class Protocol(BaseModel):
    """A named, versioned way to measure SR against HR; what an id means never changes.

    ``id`` ("y-matlab@1") and every parameter are part of ``model_dump()``, which travels with each result.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.\-]*$")
    version: int = Field(default=1, ge=1)
    title: str = ""
    channel: ChannelName = "y"
    rounded: bool = Field(default=False, description="Round the channel to uint8 (half up) before measuring.")
    shave: Annotated[str, Field(pattern=r"^scale(\+\d+)?$")] | Annotated[int, Field(ge=0)] = Field(
        default="scale", description="Pixels taken off every side, or 'scale', or more than it, such as 'scale+6'."
    )
    peak: float = Field(default=255.0, gt=0)
    ssim: SsimParameters = SsimParameters()
    prepare: Literal["rgb", "luma"] = Field(
        default="rgb",
        description="What is super-resolved: the RGB image, or its rounded luma as a plane of real numbers.",
    )

    @model_validator(mode="before")
    @classmethod
    def _without_id(cls, data: Any) -> Any:
        """A stored protocol carries its id, which follows from name and version."""
        return {key: value for key, value in data.items() if key != "id"} if isinstance(data, dict) else data

    @computed_field  # type: ignore[prop-decorator]
    @property
    def id(self) -> str:
        """Name and version, e.g. "y-matlab@1"."""
        return f"{self.name}@{self.version}"

    @property
    def window_side(self) -> int:
        """Pixels along the side of the window; what is left after shaving must hold one."""
        return self.ssim.size

    def border(self, scale: int) -> int:
        """Pixels shaved off every side at ``scale``."""
        if isinstance(self.shave, int):
            return self.shave
        return scale + int(self.shave.partition("+")[2] or 0)
