"""Stored results that lie, as data: what is changed in a true one, and what must be doubted then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Data = dict[str, Any]

QUALITY = "imdn.released_x4_set5_y-matlab@1.json"
COSTS = "costs/imdn_x4_256x256_amd-epyc-2-cores-53d51764.json"


@dataclass(frozen=True)
class Tampered:
    """One lie: ``change`` alters the data of ``file`` in place; ``kind`` is the doubt, ``words`` stand in its sentence.

    ``beside`` keeps the true record in the folder, under its own name.
    """

    name: str
    change: Callable[[Data], None]
    kind: str
    words: str = "expected"
    file: str = QUALITY
    beside: bool = False


def _set(*path: str | int, to: Any) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        place: Any = data
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


def _all(*changes: Callable[[Data], None]) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        for each in changes:
            each(data)

    return change


def _two_images(data: Data) -> None:
    data["images"] = data["images"][:2]
    data["dataset"]["images"] = 2
    for name in data["values"]:
        values = [row["values"][name] for row in data["images"]]
        data["values"][name] = sum(values) / 2


def _other_rows(data: Data) -> None:
    """Every image, and so the mean, half a decibel better."""
    from srbench.results.image_rows import ImageRow
    from srbench.results.reduction import values_over

    for row in data["images"]:
        row["values"]["psnr"] += 0.5
    data["values"] = values_over([ImageRow.model_validate(row) for row in data["images"]])


def _drop(*path: str) -> Callable[[Data], None]:
    def change(data: Data) -> None:
        place: Any = data
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


CASES = (
    Tampered("mean edited to 77.77", _set("values", "psnr", to=77.77), "value", "got 77.77"),
    Tampered("last bit of the mean", lambda d: d["values"].update(ssim=d["values"]["ssim"] + 2**-53), "value"),
    Tampered("mean made infinite", _set("values", "psnr", to=None), "value", "infinite"),
    Tampered("mean left out", _drop("values", "ssim"), "value", "got nothing"),
    Tampered("a mean without rows", _set("values", "ms-ssim", to=0.9), "value", "every image"),
    Tampered("no values at all", _all(_set("values", to={}), lambda d: [r.update(values={}) for r in d["images"]]),
             "value", "at least one"),
    Tampered("an image edited", _set("images", 0, "values", "psnr", to=39.0), "value"),
    Tampered("PSNR of 250", _set("images", 0, "values", "psnr", to=250.0), "range", "from 0 to 100"),
    Tampered("negative PSNR", _set("images", 1, "values", "psnr", to=-3.0), "range", "got -3.0"),
    Tampered("SSIM of 1.5", _set("images", 2, "values", "ssim", to=1.5), "range", "from -1 to 1"),
    Tampered("1e308", _set("images", 2, "values", "psnr", to=1e308), "range"),
    Tampered("infinite without being identical", _set("images", 0, "values", "psnr", to=None), "row", "infinite"),
    Tampered("other images called set5", _set("dataset", "sha256", to="0" * 64), "pixels", "pixels of 'set5'"),
    Tampered("images of another scale", _set("scale", to=3), "pixels", "at x3"),
    Tampered("made of files, it says", _set("dataset", "lr", to="double"), "pixels"),
    Tampered("two of five images, no limit", _two_images, "count", "expected 5, got 2"),
    Tampered("two of five images, limit of three", _all(_two_images, _set("dataset", "limit", to=3)), "count"),
    Tampered("says two images, has five", _set("dataset", "images", to=2), "count"),
    Tampered("five images at a limit of two", _set("dataset", "limit", to=2), "limit", "at most 2"),
    Tampered("an image twice", _set("images", 1, "image", to="baby"), "row", "each once"),
    Tampered("an LR image without pixels", _set("images", 1, "lr_size", to=[0, 64]), "row", "at least 1x1"),
    Tampered("the protocol with another shave", _set("protocol", "shave", to=0), "protocol", "shave 0"),
    Tampered("the protocol in RGB", _set("protocol", "channel", to="rgb"), "protocol", "channel rgb"),
    Tampered("the protocol with another SSIM", _set("protocol", "ssim", "sigma", to=2.0), "protocol"),
    Tampered("version 2 of version 1", _all(_set("protocol", "version", to=2), _set("protocol", "id", to="y-matlab@2")),
             "protocol", "y-matlab@2"),
    Tampered("an id that is not its own", _set("protocol", "id", to="rgb-ntire@1"), "protocol", "rgb-ntire@1"),
    Tampered("no protocol id", _drop("protocol", "id"), "protocol"),
    Tampered("no protocol at all", _set("protocol", to={"id": "y-matlab@1"}), "protocol"),
    Tampered("released weights with another hash", _set("weights", "sha256", to="1" * 64), "weights", "1111"),
    Tampered("released weights without a hash", _set("weights", "sha256", to=None), "weights", "got none"),
    Tampered("weights of another scale", _set("weights", "name", to="imdn.other"), "weights", "imdn.released"),
    Tampered("own weights called released", _set("weights", "origin", to="user"), "weights", "user:FILE"),
    Tampered("released, called bundled", _set("weights", "origin", to="bundled"), "weights"),
    Tampered("no weights needed", _set("weights", to={"name": "not needed", "origin": "not needed"}), "weights"),
    Tampered("another network called imdn", _set("model", "source_sha256", to="2" * 64), "source", "source of 'imdn'"),
    Tampered("imdn of another paper", _set("model", "paper", to="user"), "card", "imdn2019"),
    Tampered("imdn by another title", _set("model", "title", to="IMDN++"), "card", "IMDN++"),
    Tampered("another model's result", _set("model", "name", to="rfdn"), "card"),
    Tampered("an edited copy beside the true one", _other_rows, "duplicate", QUALITY, beside=True),
    Tampered("another network with the same weights",
             _all(_set("model", "source_sha256", to="2" * 64), _other_rows), "source", beside=True),
    Tampered("fewer parameters", _set("values", "params", to=1000), "value", "715176", file=COSTS),
    Tampered("negative MACs", _set("values", "macs", to=-1), "range", "at least 0", file=COSTS),
    Tampered("another runtime than its samples", _set("values", "runtime", to=0.01), "samples", "0.01", file=COSTS),
    Tampered("another memory than its parts", _set("values", "memory", to=1), "samples", file=COSTS),
    Tampered("no input", _set("input_size", to=[0, 0]), "range", "at least 1x1", file=COSTS),
    Tampered("other MACs than the true ones", _set("values", "macs", to=7), "duplicate", "differ", COSTS, beside=True),
)  # fmt: skip
