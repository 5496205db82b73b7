"""A protocol in one plain sentence, built from the fields that travel with every result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CHANNELS = {
    "y": "luma (BT.601",
    "y-full": "luma (BT.601 full range",
    "yiq": "luma (YIQ",
    "rgb": "RGB (all three channels",
}


def protocol_sentence(fields: Mapping[str, Any]) -> str:
    """What is measured and how; fields that a record does not hold are left out.

    ``fields`` is a protocol as records hold it (``Protocol.model_dump()``): id, channel, rounded, shave, peak, ssim.

    >>> from srbench.metrics.protocols import get_protocol
    >>> protocol_sentence(get_protocol("y-matlab").model_dump())  # doctest: +NORMALIZE_WHITESPACE
    'y-matlab@1: luma (BT.601, not rounded), shave = scale, peak 255;
    SSIM with an 11x11 Gaussian, sigma 1.5, K1 0.01, K2 0.03.'
    """
    ident = str(fields.get("id") or f"{fields.get('name', 'unnamed')}@{fields.get('version', 1)}")
    if fields.get("prepare") == "luma":
        parts = ["luma of the HR file (BT.601, rounded; a grey file as stored) super-resolved, clipped to [16, 235]"]
    else:
        parts = [_channel(fields)] if "channel" in fields else []
    if "shave" in fields:
        shave = fields["shave"]
        parts.append("shave = scale" if shave == "scale" else "no shave" if shave == 0 else f"shave {shave} pixels")
    if "peak" in fields:
        parts.append(f"peak {_number(fields['peak'])}")
    text = ", ".join(parts)
    if isinstance(fields.get("ssim"), Mapping):
        text += ("; " if text else "") + _ssim(fields["ssim"])
    return f"{ident}: {text}." if text else f"{ident}."


def _number(value: Any) -> str:
    """A parameter as it is said; one that is no number, as a stored file may hold it, as it stands."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _channel(fields: Mapping[str, Any]) -> str:
    name = str(fields["channel"])
    words = _CHANNELS.get(name, f"channel {name} (")
    if "rounded" not in fields or name == "rgb":  # images are uint8: there is nothing to round
        return f"{words})".replace(" ()", "")
    return f"{words}{', ' if not words.endswith('(') else ''}{'' if fields['rounded'] else 'not '}rounded)"


def _ssim(ssim: Mapping[str, Any]) -> str:
    size = ssim.get("size", 11)
    gaussian = ssim.get("window", "gaussian") == "gaussian"
    article = "an" if size in (8, 11, 18) or str(size).startswith("8") else "a"
    parts = [f"SSIM with {article} {size}x{size} {'Gaussian' if gaussian else 'uniform window'}"]
    if gaussian and ssim.get("sigma") is not None:
        parts.append(f"sigma {_number(ssim['sigma'])}")
    parts += [
        f"{label} {_number(ssim[key])}" for key, label in (("k1", "K1"), ("k2", "K2")) if ssim.get(key) is not None
    ]
    if ssim.get("sample_covariance"):
        parts.append("covariances over N-1")
    return ", ".join(parts)
