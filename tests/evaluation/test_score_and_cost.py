"""Sharing work without changing numbers: one pass for several protocols, one count for several cells."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srbench.datasets.registry import open_dataset
from srbench.download import cache_dir
from srbench.evaluation import costs, identity
from srbench.evaluation.outcome import Watcher
from srbench.evaluation.plan import Request, plan
from srbench.evaluation.run import Setting, execute, run_cell
from srbench.evaluation.score import score_dataset
from srbench.metrics.protocols import get_protocol
from srbench.models import build_network, get_card, open_model
from srbench.results.image_rows import ImageRow
from srbench.results.reduction import values_over


def test_scoring_under_two_protocols_at_once_is_scoring_under_each(images: Path) -> None:
    model, data = open_model("bicubic", scale=4), open_dataset(images, 4)
    both = [get_protocol(name) for name in ("y-matlab", "rgb-ntire")]
    together = score_dataset(model, data, both)
    for protocol in both:
        assert score_dataset(model, data, [protocol]).rows(protocol) == together.rows(protocol)
    assert together.data_sha256 == data.sha256(), "the hash of what was scored is the dataset's"


def row(psnr: float | None, ssim: float) -> ImageRow:
    return ImageRow(image="", values={"psnr": psnr, "ssim": ssim}, identical=psnr is None, lr_size=(1, 1))


rows = st.builds(row, st.floats(0, 100), st.floats(0, 1))


@given(st.lists(rows, min_size=1))
def test_the_mean_lies_between_the_images(found: list[ImageRow]) -> None:
    mean = values_over(found)["psnr"]
    values = [value for row in found if (value := row.values["psnr"]) is not None]
    assert mean is not None
    assert min(values) - 1e-9 <= mean <= max(values) + 1e-9


@given(st.lists(rows, max_size=3))
def test_one_identical_image_makes_the_mean_infinite_which_is_null(found: list[ImageRow]) -> None:
    values = values_over([*found, row(None, 1.0)])
    assert values["psnr"] is None
    assert values["ssim"] is not None


def test_costs_are_counted_once_per_model_and_scale(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[tuple[str, int]] = []
    real = costs.model_cost

    def counting(network, card, scale, request):  # type: ignore[no-untyped-def]
        counted.append((card.name, scale))
        return real(network, card, scale, request)

    monkeypatch.setattr("srbench.evaluation.run.model_cost", counting)
    request = Request(
        (get_card("bicubic"), get_card("rfdn")),
        weights="none",
        datasets=(str(images), "embedded"),
        protocols=("y-matlab", "rgb-ntire"),
        limit=1,
        runtime=False,
    )
    cells = plan(request).cells
    outcome = execute(plan(request), Setting(None, "test"), Watcher())
    assert len(outcome.quality) == len(cells) == 4, "those of bicubic"
    assert {cost.model.name for cost in outcome.costs} == {"bicubic", "rfdn"}
    assert counted == [("bicubic", 4), ("rfdn", 4)]


def test_two_folders_of_one_name_are_two_cells(images: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / images.name
    shutil.copytree(images, other)
    (other / "b.png").unlink()
    found = plan(Request((get_card("bicubic"),), datasets=(str(images), str(other))))
    assert len({cell.name for cell in found.cells}) == 2
    assert [len(run_cell(cell).images) for cell in found.cells] == [2, 1]


def test_the_hash_of_unchanged_files_is_remembered_and_of_changed_ones_is_not(images: Path) -> None:
    first = identity.data_sha256(open_dataset(images, 4))
    assert first == open_dataset(images, 4).sha256()
    (memory,) = (cache_dir() / "data-hashes").iterdir()
    memory.write_text("0" * 64)
    assert identity.data_sha256(open_dataset(images, 4)) == "0" * 64, "the files were not decoded again"
    shutil.copy(images / "a.png", images / "b.png")
    assert identity.data_sha256(open_dataset(images, 4)) not in (first, "0" * 64)


def test_what_a_network_does_not_let_be_counted_is_said_and_the_rest_is_kept() -> None:
    from torch import nn

    class Stubborn(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 48, 3, padding=1)

        def forward(self, x):  # type: ignore[no-untyped-def]
            raise NotImplementedError("only trained, never run")

    found = costs.model_cost(Stubborn(), get_card("imdn"), 4, costs.CostRequest(runtime=False))
    for at in found:
        assert at.values == {"params": 48 * 28}
        assert "macs" in at.missing


def test_counts_come_at_both_customary_sizes() -> None:
    request = costs.CostRequest(runtime=False)
    found = costs.model_cost(build_network("imdn", 3), get_card("imdn"), 3, request)
    assert [at.input_size for at in found] == [(256, 256), (240, 427)]
    for at in found:
        assert at.missing == {}
        assert {"macs", "macs:fvcore", "macs:ntire-hooks", "params", "depth"} <= set(at.values)


def test_a_network_that_takes_multiples_only_is_counted_at_the_next_larger_size_which_is_said() -> None:
    card = get_card("imdn").model_copy(update={"size_multiple": 8})
    small, large = costs.model_cost(build_network("imdn", 4), card, 4, costs.CostRequest(runtime=False))
    assert (small.input_size, small.padded_from) == ((256, 256), None)
    assert (large.input_size, large.padded_from) == ((184, 320), (180, 320))
