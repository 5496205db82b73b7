"""Made-up records: no number here is a result of anything."""

from __future__ import annotations

from srbench.results.record import (
    CellRecord,
    Cost,
    Counts,
    DatasetRef,
    ImageRow,
    Memory,
    ModelRef,
    Quality,
    Runtime,
    WeightsRef,
)

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


def cost(params: int, macs: int, scale: int) -> Cost:
    size = (720 // scale, 1280 // scale)
    return Cost(
        params=params,
        counts=(
            Counts(convention="macs", input_size=size, macs=macs, activations=macs // 400, num_conv=46),
            Counts(convention="fvcore", input_size=(256, 256), macs=macs, activations=macs // 400, num_conv=46),
        ),
        runtime=Runtime(
            input_size=(64, 64), samples_ms=(10.0, 11.0, 12.0), median_ms=11.0, iqr_ms=1.0, min_ms=10.0,
            mean_ms=11.0, warmup=2, device="cpu", threads=2,
        ),
        memory=Memory(input_size=(64, 64), weights_bytes=4 * params, activations_bytes=1 << 22,
                      total_bytes=(1 << 22) + 4 * params, method="tracker"),
    )  # fmt: skip


def record(
    model: str = "imdn",
    psnr: float | None = 32.21,
    ssim: float | None = 0.8948,
    *,
    dataset: str = "set5",
    scale: int = 4,
    lr: str = "imresize",
    limit: int | None = None,
    protocol: str = "y-matlab@1",
    weights: str | None = None,
    substitutions: tuple[str, ...] = (),
    created: str = "2026-01-01T00:00:00Z",
    spread: float = 0.5,
) -> CellRecord:
    """A record; ``ssim=None`` means no quality (no weights), ``psnr=None`` identical images."""
    title, year, params, macs = MODELS[model]
    measured = ssim is not None
    name = weights or ("not needed" if model == "bicubic" else f"{model}.released" if measured else "none")
    origin = {"not needed": "not needed", "none": "none"}.get(name, "bundled" if "bundled" in name else "released")
    rows = tuple(
        ImageRow(image=image, psnr=None if psnr is None else psnr + shift, ssim=ssim or 0.0,
                 identical=psnr is None, lr_size=(64, 64))
        for image, shift in (("baby", spread), ("bird", -spread))
    ) if measured else ()  # fmt: skip
    return CellRecord(
        model=ModelRef(name=model, title=title, paper="imdn2019", year=year, source_sha256="5" * 64),
        weights=WeightsRef(name=name, origin=origin, sha256="a" * 64 if origin in ("released", "bundled") else None,
                           url="https://example.org/w.pth" if origin == "released" else None, licence="MIT",
                           note="trained 60 minutes on BSDS" if origin == "bundled" else ""),
        scale=scale,
        dataset=DatasetRef(name=dataset, lr=lr, images=2, sha256="d" * 64, limit=limit),
        protocol={**PROTOCOL, "id": protocol},
        images=rows,
        quality=Quality(psnr=psnr, ssim=ssim, identical_images=2 if psnr is None else 0) if measured else None,
        quality_missing=None if measured else "no weights",
        cost=None if model == "bicubic" else cost(params, macs, scale),
        machine="box-1",
        versions={"torch": "2.0", "srbench": "0.1.0"},
        substitutions=substitutions,
        command="srbench run --models imdn",
        created=created,
    )  # fmt: skip


def zoo() -> list[CellRecord]:
    """A run of all models on two datasets."""
    quality = {
        "bicubic": (28.42, 0.8104), "imdn": (32.21, 0.8948), "rfdn": (32.24, 0.8952), "e-rfdn": (32.16, 0.8946),
        "arfdn": (32.12, 0.8937), "aidn": (None, None), "lrfdn": (31.99, 0.8921),
    }  # fmt: skip
    found = []
    for model, (psnr, ssim) in quality.items():
        for dataset, less in (("set5", 0.0), ("set14", 3.6)):
            swap = ("dataset urban100 was not reachable: set14 was used",) if model == "arfdn" else ()
            kind = "rfdn.bundled" if model == "rfdn" else None
            found.append(
                record(model, None if psnr is None else psnr - less, None if ssim is None else ssim - less / 40,
                       dataset=dataset, substitutions=swap, weights=kind)
            )  # fmt: skip
    return found
