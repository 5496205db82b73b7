"""``srbench table``: a paper's table from stored results, compiled wherever TeX is."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from samples import record

from srbench.report.handin.build import build_table
from srbench.report.handin.table import TableSpec, bibtex
from srbench.results import store

PAPER = r"""\documentclass[twocolumn]{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs,graphicx,amssymb,url}
\begin{document}
%s
\bibliographystyle{plain}\bibliography{paper}
\end{document}
"""


def lines_of(markdown: str) -> list[list[str]]:
    rows = [line for line in markdown.splitlines() if line.startswith("| ") and "Method" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in rows]


def test_a_block_per_scale_with_printed_rows_marked_and_ours_last(srbench, stored: Path) -> None:
    answer = srbench("table", stored, "--published", "carn,rcan", "--ours", "imdn", "--format", "markdown")
    assert answer.code == 0, answer.err
    rows = lines_of(answer.out)
    assert [row[0] for row in rows[:5]] == ["CARN†", "RCAN†", "RFDN‡", "LRFDN", "IMDN (ours)"]
    assert [row[1] for row in rows[::5]] == ["×2", "×3", "×4"]
    carn = next(row for row in rows if row[:2] == ["CARN†", "×4"])
    assert carn[4:] == ["32.13/0.8937", "28.60/0.7806"], "as IMDN's Table 5 prints it"
    assert "† As printed, not measured here (CARN: Table 5 of the IMDN paper (2019)" in answer.out
    assert "‡ Trained by srbench" in answer.out


def test_runtimes_that_are_left_out_are_told_of(stored: Path) -> None:
    told = "runtimes are left out, as papers' tables do; --columns params,macs,runtime,psnr,ssim shows them"
    assert told in build_table([stored], TableSpec(scales=(4,)))[1]
    export, notes = build_table([stored], TableSpec(scales=(4,), columns=("runtime", "psnr")))
    assert told not in notes
    assert any("Runtime" in head for head in export.grids[0].heads)


def test_no_name_of_ours_stands_in_the_caption(stored: Path) -> None:
    export, _ = build_table([stored], TableSpec(scales=(4,)))
    caption = export.grids[0].caption
    assert caption.startswith("PSNR (dB) and SSIM for ×4 super-resolution on Set5 and Set14, measured on the luma")
    assert "y-matlab" not in caption
    assert "@" not in caption


def test_files_of_weights_are_no_names_of_methods(tmp_path: Path) -> None:
    for scale in (2, 4):
        mine = record("imdn", 33.0, scale=scale, weights=f"user:LiteNet_x{scale}.pth")
        name = mine.model.model_copy(update={"name": "net.py:LiteNet", "title": "net.py:LiteNet"})
        store.write(tmp_path, mine.model_copy(update={"model": name}))
    export, _ = build_table([tmp_path], TableSpec(titles={"net.py:LiteNet": "LiteNet_S"}, ours="LiteNet_S"))
    assert [row["method"] for row in export.rows] == ["LiteNet_S", "LiteNet_S"], "one method at both scales"
    text = srbench_latex(export)
    assert r"LiteNet\_S (ours)" in text
    assert "user:" not in text
    assert ".pth" not in text


def srbench_latex(export) -> str:
    from srbench.report.formats import FORMATS

    return FORMATS.get("latex").text(export)


def test_one_row_per_method(stored: Path) -> None:
    export, _ = build_table([stored], TableSpec(layout="rows", scales=(2, 4)), published=("carn",))
    grid = export.grids[0]
    assert grid.over == (("Method", 1), ("×2", 4), ("×4", 4))
    assert [len(row) for row in grid.blocks[0].rows] == [9] * 4
    single, _ = build_table([stored], TableSpec(layout="rows", scales=(4,), columns=("psnr", "ssim")))
    assert single.grids[0].over == (("Method", 1), ("Set5", 2), ("Set14", 2))
    assert single.grids[0].heads[1:] == ("Set5 PSNR", "Set5 SSIM", "Set14 PSNR", "Set14 SSIM")


def test_marks_go_over_measured_and_printed_rows_and_can_be_left_out(stored: Path) -> None:
    spec = TableSpec(scales=(4,), datasets=("set5",), columns=("psnr",))
    export, _ = build_table([stored], spec, published=("rcan",))
    marked = {row[0][0].text: row[2][0].mark for row in export.grids[0].blocks[0].rows}
    shown = {row["method"]: row["Set5 psnr"] for row in export.rows}
    best = max(shown, key=lambda name: shown[name])
    assert [name.rstrip("†‡") for name, mark in marked.items() if mark == "best"] == [best]
    assert list(marked.values()).count("second") == 1
    bare, _ = build_table([stored], TableSpec(scales=(4,), marks=()), published=("rcan",))
    assert not any(span.mark for row in bare.grids[0].blocks[0].rows for cell in row for span in cell)
    assert "bold" not in bare.grids[0].caption


def test_order_columns_and_digits(srbench, stored: Path) -> None:
    answer = srbench("table", stored, "--scale", "4", "--order", "lrfdn", "--columns", "ssim,psnr", "--digits",
                     "psnr=3", "--datasets", "set14", "--format", "markdown")  # fmt: skip
    rows = lines_of(answer.out)
    assert rows[0][0] == "LRFDN"
    assert re.fullmatch(r"0\.9000/\d+\.\d{3}", re.sub(r"[*]|</?u>", "", rows[0][2]))


def test_a_printed_cost_of_another_image_size_is_not_shown_beside_ours(stored: Path) -> None:
    export, _ = build_table([stored], TableSpec(scales=(4,)), published=("carn@aidn2022",))
    carn = next(row for row in export.rows if row["model"] == "carn")
    assert carn["printed_in"] == "Table 3 of the AIDN paper (2022)"
    assert carn["macs"] is None, "that table counts at LR 256x256"
    assert carn["params"] == 1_592_000


def test_every_format_holds_the_same_rows(srbench, stored: Path, tmp_path: Path) -> None:
    for ending in ("tex", "md", "html", "typ", "csv", "json"):
        answer = srbench("table", stored, "--scale", "4", "--published", "carn", "-o", tmp_path / f"t.{ending}")
        assert answer.code == 0, answer.err
        text = (tmp_path / f"t.{ending}").read_text()
        assert all(name in text for name in ("CARN", "IMDN", "LRFDN"))
    rows = list(csv.DictReader((tmp_path / "t.csv").open()))
    assert rows == [
        {key: "" if value is None else str(value) for key, value in row.items()}
        for row in json.loads((tmp_path / "t.json").read_text())["rows"]
    ]
    assert {row["source"] for row in rows} == {"measured", "printed"}
    assert "@article{carn2018" in (tmp_path / "t.bib").read_text() or "carn2018" in (tmp_path / "t.bib").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--published", "carm"), ("unknown method of the published tables 'carm'", "did you mean carn")),
        (("--ours", "mine"), ("unknown method of these results 'mine'",)),
        (("--models", "nothing"), ("unknown method",)),
        (("--datasets", "manga109"), ("unknown dataset of these results 'manga109'",)),
        (("--scale", "8"), ("no method has PSNR, SSIM at x8",)),
        (("--protocol", "rgb"), ("unknown protocol of these results 'rgb'",)),
        (("-o", "table.docx"), ("no ending that says a format",)),
    ],
)
def test_bad_input_is_one_sentence(srbench, stored: Path, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    srbench("table", stored, *arguments).one_sentence(*words)


def test_no_results_are_one_sentence(srbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    srbench("table").one_sentence("nothing to make a table of")
    srbench("table", "gone").one_sentence("there is no folder or file 'gone'")


def has_tex() -> bool:
    if shutil.which("pdflatex") is None or shutil.which("bibtex") is None or shutil.which("kpsewhich") is None:
        return False
    asked = subprocess.run(["kpsewhich", "booktabs.sty"], capture_output=True, check=False)
    return asked.returncode == 0


@pytest.mark.skipif(not has_tex(), reason="no pdflatex with booktabs on this machine, so nothing is compiled")
def test_latex_compiles_without_an_overfull_box(stored: Path, tmp_path: Path) -> None:
    inputs = []
    cites: set[str] = set()
    for number, spec in enumerate((
        TableSpec(label="tab:a", titles={"imdn": "my_net & 50% #1"}, ours="imdn"),
        TableSpec(label="tab:b", layout="rows", wide=True),
        TableSpec(label="tab:c", layout="rows", scales=(4,), datasets=("set5",)),
    )):  # fmt: skip
        export, _ = build_table([stored], spec, published=("carn", "rcan"))
        (tmp_path / f"t{number}.tex").write_text(srbench_latex(export))
        cites.add(bibtex(export))
        inputs.append(rf"\input{{t{number}}} See Table~\ref{{{spec.label}}}.")
    (tmp_path / "paper.bib").write_text(max(cites, key=len))
    (tmp_path / "paper.tex").write_text(PAPER % "\n".join(inputs))
    for program in ("pdflatex", "bibtex", "pdflatex", "pdflatex"):
        options = ["-interaction=nonstopmode", "-halt-on-error"] if program == "pdflatex" else []
        done = subprocess.run([program, *options, "paper"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    log = (tmp_path / "paper.log").read_text(errors="replace")
    assert "Overfull" not in log
    assert "undefined" not in log, "every citation and reference is there"


def test_embedded_images_and_crops_stand_aside_where_test_sets_are_there(tmp_path: Path, srbench) -> None:
    for dataset in ("set5", "set5@mod12", "embedded"):
        store.write(tmp_path / "r", record("imdn", 32.2, dataset=dataset))
    usual = srbench("table", tmp_path / "r", "--format", "markdown")
    assert "Set5" in usual.out
    assert "mod12" not in usual.out
    assert "embedded, set5@mod12 left out" in usual.err
    assert "embedded" in srbench("table", tmp_path / "r", "--format", "markdown", "--datasets", "embedded").out


def test_a_printed_count_says_its_unit(stored: Path) -> None:
    export, _ = build_table([stored], TableSpec(scales=(4,), columns=("macs", "psnr")), published=("smfanet",))
    shown = {row[0][0].text: row[2][0].text for row in export.grids[0].blocks[0].rows}
    assert shown["SMFANet†"] == "11G"
