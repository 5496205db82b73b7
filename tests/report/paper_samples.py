"""A made-up paper with one table, and results beside it; no number here is a result of anything."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

from samples import MACHINES, costs, record

from srbench.report import papers
from srbench.report.papers import Data, Report
from srbench.report.specs import FigureSpec, Spec
from srbench.results import store, trust

PAPER = r"""
key = "toy2020"
title = "A toy"
short = "TOY"
authors = ["A. Author"]
venue = "Nowhere"
year = 2020
source = "made up"
bibtex = "@misc{toy2020, title = {A toy}, year = {2020}}"

[[tables]]
id = "t1"
number = "Table 1"
caption = "Quality of toys & more."
kind = "quality"
rows = 4
row_header = ["Method", "Scale"]
scale_in = "column"
marks = { bold = "best" }
protocol = "y-matlab"
columns = [
  { header = "Params", metrics = ["params"] },
  { header = "Set5", subheader = "PSNR / SSIM", dataset = "set5", metrics = ["psnr", "ssim"], separator = " / " },
]

[[tables]]
id = "t2"
number = "Table 2"
caption = "Turned."
kind = "cost"
rows = 2
row_header = ["Scale"]
scale_in = "column"
orientation = "columns"
columns = [{ header = "MACs per HR pixel", metrics = ["macs_per_pixel"] }]
"""

CELLS = """row_index,row,model,scale,dataset,metric,value,mark,note
0,Old_net [1],,4,,params,"1,592K",none,
0,Old_net [1],,4,set5,psnr,32.00,bold,
0,Old_net [1],,4,set5,ssim,0.8900,none,
1,IMDN (Ours),imdn,4,,params,715K,none,
1,IMDN (Ours),imdn,4,set5,psnr,32.21,none,
1,IMDN (Ours),imdn,4,set5,ssim,0.8949,bold,
2,RFDN [2],rfdn,4,,params,550K,none,
2,RFDN [2],rfdn,4,set5,psnr,32.24,none,
2,RFDN [2],rfdn,4,set5,ssim,0.8952,none,
3,AIDN [3],aidn,4,,params,-,none,
3,AIDN [3],aidn,4,set5,psnr,32.10,none,
3,AIDN [3],aidn,4,set5,ssim,0.8940,none,
"""
TURNED = """row_index,row,model,scale,dataset,metric,value,mark,note
0,A [1],,2,,macs_per_pixel,112K,none,
0,A [1],,3,,macs_per_pixel,76K,none,
1,B [2],,2,,macs_per_pixel,175K,none,
1,B [2],,3,,macs_per_pixel,75K,none,
"""

FIGURE = FigureSpec(
    id="fig1", number="Fig. 1", title="Set5 against parameters", table="t1", dataset="set5", scale=4, x="params"
)
SPEC = Spec(name="toy2020", kind="paper", paper="toy2020", title="A toy", intro="Toys.", figures=(FIGURE,))


def write_all(folder: Path) -> tuple[Path, Path]:
    """Write the paper and the results under ``folder``; returns (root of the leaderboards, folder of results)."""
    paper = folder / "boards" / "published" / "toy2020"
    results = folder / "results"
    paper.mkdir(parents=True)
    results.mkdir()
    (paper / "paper.toml").write_text(PAPER, encoding="utf-8")
    (paper / "t1.csv").write_text(CELLS, encoding="utf-8")
    (paper / "t2.csv").write_text(TURNED, encoding="utf-8")
    for found in (
        record("imdn", 32.2104, 0.89478),
        record("rfdn", 32.20, 0.8951, spread=-0.1),
        *(cost for model in ("imdn", "rfdn", "aidn") for cost in costs(model, 4)),
    ):
        store.write(results, found)
    (results / "machines").mkdir(exist_ok=True)
    (results / "machines" / "box-1.json").write_text('{"cpu": "Example"}', encoding="utf-8")
    return folder / "boards", results


def load(folder: Path) -> tuple[Report, Data]:
    """The report of the made-up paper, with the data behind it."""
    root, results = write_all(folder)
    with mock.patch.object(trust, "doubts", return_value=()):  # made up, and not to be doubted here
        data = papers.load_data(results, root)
    assert MACHINES.keys() == data.machines.keys()
    return papers.build(SPEC, data, root), data
