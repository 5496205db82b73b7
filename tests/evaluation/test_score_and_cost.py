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
from srbench.evaluation.plan import Request, plan
from srbench.evaluation.run import Setting, Watcher, execute, run_cell
from srbench.evaluation.score import mean_quality, score_dataset
from srbench.metrics.protocols import get_protocol
from srbench.models import build_network, get_card, open_model
from srbench.results.record import ImageRow


def test_scoring_under_two_protocols_at_once_is_scoring_under_each(images: Path) -> None:
    model, data = open_model("bicubic", scale=4), open_dataset(images, 4)
    both = [get_protocol(name) for name in ("y-matlab", "rgb-ntire")]
    together = score_dataset(model, data, both)
    for protocol in both:
        assert score_dataset(model, data, [protocol]).rows[protocol.id] == together.rows[protocol.id]
    assert together.data_sha256 == data.sha256(), "the hash of what was scored is the dataset's"


rows = st.builds(ImageRow, image=st.text(), psnr=st.floats(0, 100), ssim=st.floats(0, 1), lr_size=st.just((1, 1)))


@given(st.lists(rows, min_size=1))
def test_the_mean_lies_between_the_images(found: list[ImageRow]) -> None:
    quality = mean_quality(found)
    values = [row.psnr for row in found if row.psnr is not None]
    assert quality.psnr is not None
    assert min(values) - 1e-9 <= quality.psnr <= max(values) + 1e-9


@given(st.lists(rows, max_size=3))
def test_one_identical_image_makes_the_mean_infinite_which_is_null(found: list[ImageRow]) -> None:
    same = ImageRow(image="same", psnr=None, ssim=1.0, identical=True, lr_size=(1, 1))
    quality = mean_quality([*found, same])
    assert quality.psnr is None
    assert quality.identical_images == 1


def test_costs_are_counted_once_per_model_and_scale(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[tuple[str, int]] = []
    real = costs.model_cost

    def counting(network, card, scale, **options):  # type: ignore[no-untyped-def]
        counted.append((card.name, scale))
        return real(network, card, scale, **options)

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
    assert len(outcome.records) == len(cells) == 8
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

    cost, missing = costs.model_cost(Stubborn(), get_card("imdn"), 4, device="cpu", runtime=False)
    assert cost.params == 48 * 28
    assert cost.counts == ()
    assert any(sentence.startswith("no MACs: ") for sentence in missing)


def test_counts_come_at_both_customary_sizes() -> None:
    cost, missing = costs.model_cost(build_network("imdn", 3), get_card("imdn"), 3, device="cpu", runtime=False)
    assert missing == ()
    assert {count.input_size for count in cost.counts} == {(256, 256), (240, 427)}
    assert {count.convention for count in cost.counts} == {"macs", "fvcore", "ntire-hooks"}
