"""``srbench plot``: the figure of a paper from stored results."""

from __future__ import annotations

from pathlib import Path

import pytest

from srbench.report.handin.build import PlotChoice, build_plot
from srbench.report.handin.plot import PlotSpec
from srbench.report.look import Look, front_of


def test_printed_points_are_hollow_and_bubbles_have_their_quantity(stored: Path) -> None:
    spec = PlotSpec(x="macs", y="psnr", area="params", dataset="set5", highlight=("imdn",), width=3.3)
    plot, notes = build_plot([stored], spec, PlotChoice(published=("carn@imdn2019",)))
    assert any("no point without MACs" in note and "CARN" in note for note in notes), notes
    by_name = {dot.label: dot for dot in plot.dots}
    assert set(by_name) == {"IMDN", "RFDN", "LRFDN"}
    assert (by_name["IMDN"].x, by_name["IMDN"].area) == (40_908_000_000, 715_176)
    assert [name for name, dot in by_name.items() if dot.highlighted] == ["IMDN"]
    both, _ = build_plot([stored], PlotSpec(dataset="set5"), PlotChoice(published=("carn",)))
    assert {dot.label: dot.kind for dot in both.dots}["CARN"] == "published"
    assert both.scale == 4


def test_labels_lie_on_no_other_label_and_the_width_is_as_asked(stored: Path) -> None:
    plot, _ = build_plot([stored], PlotSpec(dataset="set5", width=3.3), PlotChoice(published=("carn", "rcan")))
    assert plot.figure.get_size_inches()[0] == pytest.approx(3.3)
    boxes = [text.get_window_extent() for text in plot.figure.texts]
    assert len(boxes) == 5
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    legend = plot.figure.axes[0].get_legend()
    assert legend is not None
    frame = legend.get_window_extent()
    assert frame.x0 >= 0
    assert frame.x1 <= plot.figure.bbox.x1
    assert frame.y1 <= plot.figure.bbox.y1 + 1


def test_files_are_written_and_a_style_is_followed(srbench, stored: Path, tmp_path: Path) -> None:
    style = tmp_path / "paper.mplstyle"
    style.write_text("font.size: 6\n")
    paths = [tmp_path / f"p.{ending}" for ending in ("pdf", "svg", "png")]
    words = [word for path in paths for word in ("-o", path)]
    answer = srbench("plot", stored, "-x", "ssim", "--linear-x", "--style", style, "--width", "84mm", *words)
    assert answer.code == 0, answer.err
    assert [path.read_bytes()[:4] for path in paths] == [b"%PDF", b"<?xm", b"\x89PNG"]
    plot, _ = build_plot([stored], PlotSpec(style=str(style)), PlotChoice())
    assert plot.figure.texts[0].get_fontsize() == 5.5


def test_runtimes_are_of_one_machine_only(stored: Path) -> None:
    plot, _ = build_plot([stored], PlotSpec(x="runtime"), PlotChoice(published=("carn",)))
    assert {dot.label for dot in plot.dots} == {"IMDN", "RFDN", "LRFDN"}, "a printed runtime is another machine's"
    assert "LR 64×64, cpu" in plot.figure.axes[0].get_xlabel()


@pytest.mark.parametrize(
    ("look", "front"),
    [
        (Look(), [(1, 30), (2, 31)]),
        (Look(y_lower=True), [(1, 30), (2, 29)]),
        (Look(x_lower=False), [(2, 31)]),
        (Look(front=False), []),
    ],
)
def test_the_front_follows_which_way_is_better(look: Look, front: list[tuple[float, float]]) -> None:
    assert front_of([(1, 30), (2, 29), (2, 31)], look) == front


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("-o", "plot.bmp"), "ends in .pdf, .svg or .png"),
        (("-x", "weight"), "unknown quantity 'weight'"),
        (("--style", "gone.mplstyle"), "no style file 'gone.mplstyle'"),
        (("--highlight", "mine"), "unknown method"),
        (("--scale", "8"), "no method has"),
    ],
)
def test_bad_input_is_one_sentence(srbench, stored: Path, arguments: tuple[str, ...], word: str) -> None:
    srbench("plot", stored, *arguments).one_sentence(word)
