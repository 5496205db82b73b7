"""Captions: what a table or figure shows and how it was measured, in sentences of a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from srbench.quantities import get_quantity

_CHANNELS = {
    "y": "on the luma channel (Y of YCbCr, BT.601)",
    "y-full": "on the full-range luma channel (BT.601)",
    "yiq": "on the luma channel (YIQ)",
    "rgb": "on RGB",
}


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    >>> listed(["Set5"]), listed(["Set5", "Set14"]), listed(["x2", "x3", "x4"])
    ('Set5', 'Set5 and Set14', 'x2, x3 and x4')
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def measured_how(protocol: Mapping[str, object]) -> str:
    """How quality was measured, without a name that only srbench knows; "" where nothing is said of it.

    >>> measured_how({"channel": "y", "rounded": False, "shave": "scale"})
    'on the luma channel (Y of YCbCr, BT.601), leaving out a border as wide as the scale'
    """
    parts = []
    channel = str(protocol.get("channel", ""))
    if channel:
        parts.append(_CHANNELS.get(channel, f"on channel {channel}"))
        if channel != "rgb" and protocol.get("rounded"):
            parts[-1] += " rounded to integers"
    shave = protocol.get("shave")
    if shave == "scale":
        parts.append("leaving out a border as wide as the scale")
    elif isinstance(shave, int):
        parts.append("with no border left out" if shave == 0 else f"leaving out a border of {shave} pixels")
    return ", ".join(parts)


def quantity_names(names: Sequence[str]) -> str:
    """Quantities with their units, as a caption lists them.

    >>> quantity_names(["PSNR", "SSIM"])
    'PSNR (dB) and SSIM'
    """
    found = [get_quantity(name) for name in names]
    return listed([f"{q.title} ({q.unit})" if q.unit else q.title for q in found])


def caption(
    quantities: Sequence[str], datasets: Sequence[str], scales: Sequence[int], protocol: Mapping[str, object]
) -> str:
    """The first sentence of a caption.

    >>> caption(["PSNR"], ["Set5"], [4], {"channel": "rgb", "shave": 4})
    'PSNR (dB) for ×4 super-resolution on Set5, measured on RGB, leaving out a border of 4 pixels.'
    """
    at = listed([f"×{scale}" for scale in scales])
    where = f" on {listed(datasets)}" if datasets else ""
    how = measured_how(protocol) if datasets else ""
    return f"{quantity_names(quantities)} for {at} super-resolution{where}{f', measured {how}' if how else ''}."


def marks_sentence(marks: Sequence[str]) -> str:
    """What the marks mean.

    >>> marks_sentence(["best", "second"]), marks_sentence([])
    ('The best is bold, the second best underlined.', '')
    """
    if not marks:
        return ""
    words = {"best": "the best is bold", "second": "the second best underlined"}
    text = ", ".join(words[mark] for mark in ("best", "second") if mark in marks)
    text = text if "best" in marks else text.replace("underlined", "is underlined")
    return text[:1].upper() + text[1:] + "."
