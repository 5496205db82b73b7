"""Made-up records: no number here is a result of anything."""

from __future__ import annotations

from collections.abc import Iterable

from srbench.cost.figures import Memory, Runtime
from srbench.results.collection import Results
from srbench.results.image_rows import ImageRow
from srbench.results.record import CostRecord, DatasetRef, ModelRef, QualityRecord, Record, Substitution, WeightsRef

MACHINES = {
    "box-1": {"cpu": "Example CPU <2.5 GHz>", "cores": 2, "memory_bytes": 8 << 30, "gpu": None, "os": {"name": "x"}}
}
PROTOCOL = {"id": "y-matlab@1", "name": "y-matlab", "version": 1, "channel": "y", "shave": "scale", "peak": 255.0}
MODELS = {
    "bicubic": ("Bicubic", 2017, 0, 0),
    "imdn": ("IMDN", 2019, 715_176, 40_908_000_000),
    "rfdn": ("RFDN", 2020, 549_624, 31_600_000_000),
    "e-rfdn": ("E-RFDN", 2020, 433_448, 23_770_200_000),
    "arfdn": ("ARFDN", 2022, 241_548, 12_682_200_000),
    "aidn": ("AIDN", 2022, 339_498, 17_800_000_000),
    "lrfdn": ("LRFDN", 2023, 198_032, 9_885_100_000),
}


OTHER_DATA = Substitution("dataset", "urban100", "set14", "not reachable")


def costs(model: str, scale: int, substitutions: tuple[Substitution, ...] = ()) -> list[CostRecord]:
    """Costs at the size of HR 1280x720, at LR 256x256 and, timed, at LR 64x64."""
    title, year, params, macs = MODELS[model]
    values = {"params": params, "macs": macs, "activations": macs // 400, "convs": 46}
    fvcore = {"params": params, "macs:fvcore": macs, "activations:fvcore": macs // 400, "convs:fvcore": 46}
    runtime = Runtime(
        input_size=(64, 64), samples_ms=(10.0, 11.0, 12.0), median_ms=11.0, iqr_ms=1.0, min_ms=10.0,
        mean_ms=11.0, warmup=2, first_ms=None, device="cpu", threads=2,
    )  # fmt: skip
    memory = Memory(weights_bytes=4 * params, activations_bytes=1 << 22, total_bytes=(1 << 22) + 4 * params,
                    method="tracker")  # fmt: skip
    small = {"params": params, "runtime": 11.0, "memory": memory.total_bytes}
    found = [((720 // scale, 1280 // scale), values), ((256, 256), fvcore), ((64, 64), small)]
    return [
        CostRecord(
            model=ModelRef(name=model, title=title, paper="imdn2019", year=year, source_sha256="5" * 64),
            scale=scale, input_size=size, values=at, machine="box-1", versions={"torch": "2.0", "srbench": "0.1.0"},
            runtime=runtime if "runtime" in at else None, memory=memory if "memory" in at else None,
            substitutions=substitutions, command=f"srbench run --models {model}", created="2026-01-01T00:00:00Z",
        )
        for size, at in found
    ]  # fmt: skip


def results(records: Iterable[Record]) -> Results:
    """Records together with the costs of their models."""
    found = list(records)
    named = [record for record in found if record.model.name != "bicubic"]
    beside = [
        cost for record in named for cost in costs(record.model.name, record.scale)
        if isinstance(record, QualityRecord)
    ]  # fmt: skip
    return Results.of([*beside, *found])


def record(
    model: str = "imdn",
    psnr: float | None = 32.21,
    ssim: float = 0.8948,
    *,
    dataset: str = "set5",
    scale: int = 4,
    lr: str = "imresize",
    limit: int | None = None,
    protocol: str = "y-matlab@1",
    weights: str | None = None,
    substitutions: tuple[Substitution, ...] = (),
    created: str = "2026-01-01T00:00:00Z",
    spread: float = 0.5,
) -> QualityRecord:
    """A quality record; ``psnr=None`` means identical images."""
    title, year, _, _ = MODELS[model]
    name = weights or ("not needed" if model == "bicubic" else f"{model}.released")
    origin = "not needed" if name == "not needed" else "bundled" if "bundled" in name else "released"
    rows = tuple(
        ImageRow(image=image, values={"psnr": None if psnr is None else psnr + shift, "ssim": ssim},
                 identical=psnr is None, lr_size=(64, 64))
        for image, shift in (("baby", spread), ("bird", -spread))
    )  # fmt: skip
    return QualityRecord(
        model=ModelRef(name=model, title=title, paper="imdn2019", year=year, source_sha256="5" * 64),
        weights=WeightsRef(name=name, origin=origin, sha256="a" * 64 if origin in ("released", "bundled") else None,
                           url="https://example.org/w.pth" if origin == "released" else None, licence="MIT",
                           note="trained 60 minutes on BSDS" if origin == "bundled" else ""),
        scale=scale,
        dataset=DatasetRef(name=dataset, lr=lr, images=2, sha256="d" * 64, limit=limit),
        protocol={**PROTOCOL, "id": protocol},
        images=rows,
        values={"psnr": psnr, "ssim": ssim},
        machine="box-1",
        versions={"torch": "2.0", "srbench": "0.1.0"},
        substitutions=substitutions,
        command="srbench run --models imdn",
        created=created,
    )  # fmt: skip


def zoo() -> list[Record]:
    """A run of all models on two datasets; of AIDN only the costs are known."""
    quality = {
        "bicubic": (28.42, 0.8104), "imdn": (32.21, 0.8948), "rfdn": (32.24, 0.8952), "e-rfdn": (32.16, 0.8946),
        "arfdn": (32.12, 0.8937), "lrfdn": (31.99, 0.8921),
    }  # fmt: skip
    found: list[Record] = []
    for model, (psnr, ssim) in quality.items():
        for dataset, less in (("set5", 0.0), ("set14", 3.6)):
            swap = (OTHER_DATA,) if model == "arfdn" else ()
            kind = "rfdn.bundled" if model == "rfdn" else None
            found.append(
                record(model, psnr - less, ssim - less / 40, dataset=dataset, substitutions=swap, weights=kind)
            )
    return [*found, *costs("aidn", 4)]
