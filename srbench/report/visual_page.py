"""A comparison as one self-contained HTML page, and its strip of crops as a fragment for other pages."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from srbench.datasets.dataset import pixel_hash
from srbench.errors import SrbenchError
from srbench.evaluation.compare import Comparison, Quality, Shown
from srbench.evaluation.compare_best import best_of
from srbench.evaluation.compare_crop import Crop
from srbench.metrics.protocol_text import protocol_sentence
from srbench.quantities import Quantity, get_quantity
from srbench.report.templating import page as render
from srbench.report.templating import script_json
from srbench.report.visual_error import LABEL, colourise, error_limit, gradient, palette
from srbench.report.visual_figure import lay_out, reduced, titles
from srbench.report.visual_uri import data_uri, lossy_uri

Figures = tuple[tuple[str, bool], ...]
_BUDGET = 4_000_000  # pixels of all SR images together; of larger images the slider holds a region around the crop
WEIGHT = 1_900_000
"""Bytes of the images of a page, at most: a page of five methods stays under 2 MB, whatever the size of the image."""
_OVERVIEW = 1024  # longest side of the overview, pixels


@dataclass(frozen=True)
class TileView:
    """A crop with its captions: ``whole`` and ``crop`` are (text, best) pairs; ``legend`` says
    on the HR tile what they are."""

    key: str
    title: str
    uri: str
    whole: Figures = ()
    crop: Figures = ()
    legend: str = ""


@dataclass(frozen=True)
class StageImage:
    """An image the slider can show: its data, or the id of the element on the page that has it."""

    key: str
    title: str
    uri: str = ""
    element: str = ""
    figures: str = ""


@dataclass(frozen=True)
class ErrorView:
    """An error map with its means, in grey levels."""

    key: str
    title: str
    uri: str
    mean: str
    mean_crop: str


@dataclass(frozen=True)
class View:
    """What the template shows of a comparison."""

    name: str
    scale: int
    overview: str
    overview_title: str
    mark: str
    tiles: tuple[TileView, ...]
    columns: int
    widths: str
    stage: tuple[StageImage, ...] = ()
    first: str = ""
    second: str = ""
    boxes: tuple[tuple[str, str, str], ...] = ()
    region_note: str = ""
    region_size: str = ""
    region_at: str = ""
    """Where the region lies in the image, and the size of the image."""
    mark_in_region: str = ""
    mark_style: str = ""
    errors: tuple[ErrorView, ...] = ()
    limit: int = 0
    ticks: tuple[str, ...] = ()


def html(comparison: Comparison | Sequence[Comparison]) -> str:
    """The page as text, of one image or of several to choose from; the same comparisons give the same bytes.

    Raises:
        ValueError: no comparison is given.
    """
    found = [comparison] if isinstance(comparison, Comparison) else list(comparison)
    if not found:
        raise ValueError("a page of no comparison")
    first = found[0]
    count = max(len(one.shown) for one in found)
    methods = "1 method" if count == 1 else f"{count} methods compared"
    name = first.source.title if len(found) == 1 else f"{len(found)} images"
    return render(
        "compare.html.j2",
        title=f"{name}, ×{first.scale}: {methods}",
        shots=[_shot(one, number, WEIGHT // len(found)) for number, one in enumerate(found)],
        swaps=list(dict.fromkeys(s.substituted for one in found for s in one.shown if s.substituted)),
        missing=list(dict.fromkeys(text for one in found for text in (*one.left_out, *one.failed))),
        error_label=LABEL,
        gradient=gradient(),
    )


def _shot(comparison: Comparison, number: int, weight: int) -> dict[str, Any]:
    """What the template shows of one image; ids of the first have no prefix."""
    view = _full_view(comparison, weight)
    return {
        "prefix": f"i{number}-" if number else "",
        "lead": _lead(comparison),
        "comparison": comparison,
        "view": view,
        "best": best_of(comparison.shown),
        "measured": _measured(comparison),
        "crop_text": _crop_text(comparison),
        "stage_json": _stage_json(view),
        "facts": _facts(comparison),
    }


def write(comparison: Comparison | Sequence[Comparison], path: Path) -> Path:
    """Write the page of one image or of several atomically and return its path.

    Raises:
        SrbenchError: the file cannot be written.
    """
    text = html(comparison)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.part")
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise SrbenchError(f"cannot write the page '{path}': {error.strerror}; give another --out.") from error
    return path


def strip(comparison: Comparison) -> Markup:
    """The overview and the crops alone, to be set into another page that includes ``compare.css``."""
    return Markup(render("strip_only.html.j2", view=_strip_view(comparison)))  # made by an escaping template


def _lead(comparison: Comparison) -> str:
    height, width = comparison.source.shape
    lr = comparison.source.lr
    size = f"{width}×{height} pixels from {lr.shape[1]}×{lr.shape[0]}"
    if not comparison.has_hr:
        return f"{comparison.source.name}: {size}."
    return f"{comparison.source.name}: {size}, measured under {comparison.protocol.id}. Nothing is copied from a paper."


def _crop_text(comparison: Comparison) -> str:
    crop = comparison.crop
    text = f"Crop {crop.width}×{crop.height} at ({crop.x}, {crop.y}), {comparison.crop_note}."
    if comparison.has_hr:
        text += " Under each: PSNR / SSIM of the whole image, and of the crop in grey; best in bold."
    return text


def _strip_view(comparison: Comparison) -> View:
    overview, tiles = reduced(comparison.overview, _OVERVIEW), _tiles(comparison)
    crop = comparison.crop
    layout = lay_out(
        overview.shape[1] / overview.shape[0], crop.width / crop.height, len(tiles), 3 if comparison.has_hr else 1
    )
    return View(
        name=comparison.source.name,
        scale=comparison.scale,
        overview=data_uri(overview),
        overview_title="HR with the crop marked" if comparison.has_hr else "Bicubic with the crop marked; no HR",
        mark=_mark_style(comparison.crop, comparison.overview.shape[1], comparison.overview.shape[0]),
        tiles=tuple(tiles),
        columns=layout.columns,
        widths=f"{layout.overview[0]:.3f}fr {layout.columns * layout.tile[0]:.3f}fr",
    )


def _full_view(comparison: Comparison, weight: int = WEIGHT) -> View:
    """The strip, and what the slider and the error maps need, in at most ``weight`` bytes of images."""
    base = _strip_view(comparison)
    lossy = lossy_uri(reduced(comparison.overview, _OVERVIEW))
    own = len(lossy) + sum(len(tile.uri) for tile in base.tiles)
    pixels = min(_BUDGET, _pixels_within(comparison, weight - own))
    view = _with_region(base, comparison, _region(comparison, pixels))
    for _ in range(3):
        took = sum(len(uri) for uri in (*(image.uri for image in view.stage), *(error.uri for error in view.errors)))
        if took <= weight - own or view.region_size == f"{comparison.crop.width},{comparison.crop.height}":
            break
        pixels = int(pixels * 0.95 * max(weight - own, 1) / took)
        view = _with_region(base, comparison, _region(comparison, pixels))
    # Where the slider holds all of a small image, it takes the overview's pixels; else that is there to be looked at.
    return view if any(image.element == "overview" for image in view.stage) else replace(view, overview=lossy)


_SAMPLE = 192  # side of the part of an image from which its bytes per pixel are guessed


def _pixels_within(comparison: Comparison, weight: int) -> int:
    """Pixels of all SR images together that are likely to take ``weight`` bytes as the page holds them."""
    height, width = comparison.source.shape
    side = min(_SAMPLE, height, width)
    sample = Crop((width - side) // 2, (height - side) // 2, side, side)
    last = comparison.shown[-1]
    taken = len(data_uri(sample.of(last.sr)))
    if comparison.has_hr:
        error = last.error()
        taken += len(data_uri(colourise(sample.of(error), error_limit({last.name: error})), palette()))
    return max(1, int(weight / (taken / side**2)))


def _with_region(base: View, comparison: Comparison, region: Crop) -> View:
    """``base`` with the images of ``region`` for the slider and the error maps."""
    inner = Crop(
        comparison.crop.x - region.x, comparison.crop.y - region.y, comparison.crop.width, comparison.crop.height
    )
    errors, limit = _errors(comparison, region)
    stage = tuple(_stage(comparison, region, errors))
    others = [one.name for one in comparison.shown if one.name != "bicubic"]
    height, width = comparison.source.shape
    whole = (region.width, region.height) == (width, height)
    return replace(
        base,
        stage=stage,
        first=comparison.shown[0].name,
        second=others[0] if others else stage[0].key,
        boxes=_boxes(region, inner, whole),
        region_note=""
        if whole
        else f"The image is large, so {region.width}×{region.height} pixels around the crop are held.",
        region_size=f"{region.width},{region.height}",
        mark_in_region=str(inner),
        region_at=f"{region.x},{region.y},{width},{height}",
        mark_style=_mark_style(inner, region.width, region.height),
        errors=errors,
        limit=limit,
        ticks=(*(f"{limit * step / 4:g}" for step in range(4)), f"≥ {limit}"),
    )


def _measured(comparison: Comparison) -> list[Quantity]:
    """The quantities that the models were measured in."""
    first = next((one.whole for one in comparison.shown if one.whole is not None), None)
    return [get_quantity(name) for name in first.values] if first else []


def _tiles(comparison: Comparison) -> list[TileView]:
    crop, best = comparison.crop, best_of(comparison.shown)
    if comparison.source.hr is None:
        head = TileView("lr", "LR (pixels)", data_uri(crop.of(comparison.enlarged_lr)))
    else:
        head = TileView("hr", "HR", data_uri(crop.of(comparison.source.hr)), legend=titles(comparison))
    return [head, *(_model_tile(one, crop, best) for one in comparison.shown)]


def _model_tile(one: Shown, crop: Crop, best: set[tuple[str, str, str]]) -> TileView:
    def pair(quality: Quality | None, part: str) -> Figures:
        if quality is None:
            return ()
        return tuple((text, (one.name, part, name) in best) for name, text in quality.texts())

    return TileView(one.name, one.title, data_uri(crop.of(one.sr)), pair(one.whole, "whole"), pair(one.crop, "crop"))


def _region(comparison: Comparison, pixels: int | None = None) -> Crop:
    """The part of the image the slider holds: all of it, or as much around the crop as ``pixels`` in all allow."""
    height, width = comparison.source.shape
    images = len(comparison.shown) + 1
    share = min(1.0, ((_BUDGET if pixels is None else pixels) / images / (height * width)) ** 0.5)
    if share == 1.0:
        return Crop(0, 0, width, height)
    crop, scale = comparison.crop, comparison.scale
    wide, high = (
        max(side // scale * scale, round(length * share) // scale * scale)
        for side, length in ((crop.width, width), (crop.height, height))
    )
    left = min(max(crop.x + crop.width // 2 - wide // 2, 0), width - wide) // scale * scale
    top = min(max(crop.y + crop.height // 2 - high // 2, 0), height - high) // scale * scale
    return Crop(left, top, min(wide + scale, width - left), min(high + scale, height - top))


def _boxes(region: Crop, crop: Crop, whole: bool) -> tuple[tuple[str, str, str], ...]:
    """The views of the slider as (key, name, box in the region)."""
    wide, high = min(3 * crop.width, region.width), min(3 * crop.height, region.height)
    left = min(max(crop.x - (wide - crop.width) // 2, 0), region.width - wide)
    top = min(max(crop.y - (high - crop.height) // 2, 0), region.height - high)
    return (
        ("whole", "Whole image" if whole else "Region", f"0,0,{region.width},{region.height}"),
        ("near", "Around the crop", f"{left},{top},{wide},{high}"),
        ("crop", "Crop", str(crop)),
    )


def _stage(comparison: Comparison, region: Crop, errors: tuple[ErrorView, ...]) -> list[StageImage]:
    height, width = comparison.source.shape
    same = (region.width, region.height) == (width, height) and max(height, width) <= _OVERVIEW
    found: list[StageImage] = []
    if comparison.source.hr is not None:
        found.append(_stage_image("hr", "HR", comparison.source.hr, region, in_overview=same))
    scale = comparison.scale
    small = Crop(region.x // scale, region.y // scale, region.width // scale, region.height // scale)
    found.append(StageImage("lr", "LR (pixels)", data_uri(small.of(comparison.source.lr))))
    for one in comparison.shown:
        shared = same and not comparison.has_hr and one is comparison.shown[0]
        found.append(_stage_image(one.name, one.title, one.sr, region, in_overview=shared, quality=one.whole))
    found.extend(StageImage(error.key, f"Error of {error.title}", element=error.key) for error in errors)
    return found


def _stage_image(
    key: str, title: str, image: NDArray[np.uint8], region: Crop, in_overview: bool, quality: Quality | None = None
) -> StageImage:
    figures = "" if quality is None else str(quality)
    if in_overview:
        return StageImage(key, title, element="overview", figures=figures)
    return StageImage(key, title, data_uri(region.of(image)), figures=figures)


def _stage_json(view: View) -> Markup:
    """The images of the slider as JSON inside a script element, which must not contain ``</``."""
    images = [
        {"key": i.key, "title": i.title, "src": i.uri, "from": i.element, "figures": i.figures} for i in view.stage
    ]
    return script_json(images)


def _errors(comparison: Comparison, region: Crop) -> tuple[tuple[ErrorView, ...], int]:
    if not comparison.has_hr:
        return (), 0
    maps = {one.name: one.error() for one in comparison.shown}
    limit = error_limit(maps)
    views = []
    for one in comparison.shown:
        error = maps[one.name]
        views.append(
            ErrorView(
                key=f"error-{one.name}",
                title=one.title,
                uri=data_uri(colourise(region.of(error), limit), palette()),
                mean=f"{error.mean():.2f}",
                mean_crop=f"{comparison.crop.of(error).mean():.2f}",
            )
        )
    return tuple(views), limit


def _mark_style(crop: Crop, width: int, height: int) -> str:
    parts = (
        ("left", crop.x / width),
        ("top", crop.y / height),
        ("width", crop.width / width),
        ("height", crop.height / height),
    )
    return "; ".join(f"{name}: {100 * value:.3f}%" for name, value in parts)


def _facts(comparison: Comparison) -> list[tuple[str, str]]:
    source, crop = comparison.source, comparison.crop
    facts = [("Image", source.name)]
    if source.hr is not None:
        facts.append(("HR pixels, SHA-256", pixel_hash(source.hr)))
    facts += [
        ("LR", source.lr_kind),
        ("LR pixels, SHA-256", pixel_hash(source.lr)),
        ("Scale", f"×{comparison.scale}"),
        ("Crop", f"{crop} (X,Y,W,H in HR pixels), {comparison.crop_note}"),
    ]
    if comparison.has_hr:
        facts.append(("Protocol", protocol_sentence(comparison.protocol.model_dump())))
    facts.append(("Versions", ", ".join(f"{name} {version}" for name, version in comparison.versions.items())))
    if comparison.command:
        facts.append(("Command", comparison.command))
    facts.append(("Made", comparison.created))
    return facts
