"""The texts of a bundle, made from the rules."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from PIL import Image

from srbench.challenge.planning import declared_scores
from srbench.challenge.score.efficiency import NOT_TO_BE_HAD
from srbench.challenge.score.plan import DeclaredScore
from srbench.rules import Column, Rules, Track


def overview(rules: Rules, counts: Mapping[str, int]) -> str:
    """What the challenge is about, in Markdown; ``counts`` are the references' numbers by dataset, where known."""
    baseline = ", ".join(
        f"{_column(rules, key).title} {value}" for key, value in rules.baseline.values.items() if _column(rules, key)
    )
    sets = "\n".join(
        f"- {d.title}{_number(counts.get(d.id, d.images))}{', references hidden' if d.hidden else ''}"
        for d in rules.datasets
        if not counts or d.id in counts
    )
    return (
        f"# {rules.title}\n\nSuper-resolution by a factor of {rules.scale}, measured by {rules.protocol}.\n\n"
        f"## Images\n\n{sets}\n\n## Baseline\n\n{rules.baseline.name}: {baseline}.\n"
    )


def _number(images: int | None) -> str:
    return f" ({images} images)" if images else ""


def evaluation(rules: Rules, counts: Mapping[str, int]) -> str:
    """How a submission is laid out, checked and ranked, in Markdown; ``counts`` as for :func:`overview`."""
    floors = "".join(
        f"- {_column(rules, f.column).title} of at least {f.value}"
        f"{f', rounded to {f.decimals} decimals ({f.rounding})' if f.decimals is not None else ''}\n"
        for f in rules.floors
    )
    tracks = "".join(f"- {track.title}: {formula(rules, track)}\n" for track in rules.tracks)
    labels = rules.submission.results_readme if rules.submission else ()
    lines = [f"{label} : ..." for label in labels] or ["runtime per image [s] : ..."]
    scores = declared_scores(rules)
    more = {"params": "Parameters [M] : ...", "macs": "Multiply-adds [G] : ..."}
    needed = {part.value for score in scores for part in score.parts}
    lines[-1:-1] = [line for name, line in more.items() if name in needed]
    readme = "\n".join(lines)
    return (
        "# Evaluation\n\nSend a zip of all SR images as 8-bit RGB PNGs and a `readme.txt`, without folders. "
        f"An image is named after its LR image, `0801x{rules.scale}.png` or `0801.png`.{_wanted(counts)}\n\n"
        f"```\n{readme}\n```\n\nWhat the readme says is shown as declared and never ranked on.\n\n"
        "All images in one common folder are accepted too. Grey, palette, 16-bit and animated PNGs are refused, and so "
        "is transparency; an alpha channel that is opaque everywhere is dropped. Profiles, gamma and orientation are "
        "ignored. A score that is infinite, since an image equals its reference, is shown as 999 dB; what was not "
        "declared is shown as -1.\n\n"
        + (_declared(scores) if scores else "")
        + f"An image has to have exactly {rules.scale} times the size of its LR image. References whose size is no "
        f"multiple of {rules.scale} are cropped at the bottom and right. Scores are means over the images.\n\n"
        f"Check before you upload:\n\n```\nsrbench challenge validate results.zip --rules {rules.id} --lr LR_DIR\n```\n"
        + (f"\n## To be ranked\n\n{floors}" if floors else "")
        + (f"\n## Tracks\n\n{tracks}" if tracks else "")
    )


def _wanted(counts: Mapping[str, int]) -> str:
    """How many images a submission has, by phase."""
    each = [f"{count} images for {name}" for name, count in counts.items()]
    return f" A submission has {', '.join(each)}." if each else ""


def _declared(scores: tuple[DeclaredScore, ...]) -> str:
    """What the columns of declared scores are."""
    names = ", ".join(score.title for score in scores)
    return (
        f"{names}: natural logarithms of the scores below, computed from what the readme declares, each quantity over "
        f"the baseline's; lower is better. {NOT_TO_BE_HAD:.0f} stands where something that a score needs is not "
        "declared. They are claims: the ranking is made of what the organisers measure.\n\n"
    )


def terms(rules: Rules, _counts: Mapping[str, int]) -> str:
    """Plain terms of participation; organisers add theirs."""
    return (
        f"# Terms\n\nBy taking part in {rules.title} you confirm that the submitted results were produced by the "
        "method that you describe, that the references were not used to produce them, and that the organisers may "
        "publish the scores with your team's name. The organisers decide on eligibility.\n"
    )


def _column(rules: Rules, key: str) -> Column:
    return rules.column(key)


def formula(rules: Rules, track: Track) -> str:
    """A track's score as a formula."""
    parts = []
    for term in track.terms:
        name = _column(rules, term.column).title
        text = {
            "value": name,
            "rank": f"rank({name})",
            "ratio": f"{name} / baseline",
            "exp-ratio": f"exp({term.factor} x {name} / baseline)",
        }[term.function]
        parts.append(text if term.weight == 1 else f"{term.weight} x {text}")
    return f"{' + '.join(parts)}, {track.order} is better"


def logo() -> bytes:
    """A small PNG: a coarse and a fine chequerboard side by side."""
    y, x = np.mgrid[0:128, 0:256]
    cell = np.where(x < 128, 32, 8)
    board = ((x // cell + y // cell) % 2).astype(np.uint8)
    pixels = np.stack([40 + 60 * board, 90 + 90 * board, 140 + 100 * board], axis=2).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()
