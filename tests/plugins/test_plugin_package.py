"""An installed package adds one of everything by entry points alone, each in at most ten lines."""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "plugin_package"
MODULES = PACKAGE / "srbench_example_plugin"

# What is added, and the files that it takes.
DOORS = {
    "a model": ("models.py", "network.py"),
    "a model without a network": ("nearest.py",),
    "a dataset": ("datasets.py",),
    "protocols": ("protocols.py",),
    "an image quantity with a network of its own": ("deep.py",),
    "a quantity without reference": ("steps.py",),
    "a counting convention": ("scan.py",),
    "a recipe": ("recipes.py",),
    "the rules of a challenge": ("rules.py",),
    "an audit check": ("checks.py",),
    "a page": ("pages.py",),
    "a figure of two quantities": ("figure.py",),
    "an export format": ("tabs.py",),
    "a verb": ("verbs.py",),
}

MAIN = """
import contextlib, io, json, sys, traceback
from pathlib import Path
from srbench.cli.main import main

answers = []
for words in json.loads(sys.argv[1]):
    out, err, code = io.StringIO(), io.StringIO(), 0
    sys.argv = ["srbench", *words]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
    answers.append([code, out.getvalue(), err.getvalue()])
print(json.dumps([answers, "torch" in sys.modules]))
"""


class Answer(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example package, built and installed into a folder of its own."""
    pytest.importorskip("hatchling", reason="hatchling builds the example package: pip install 'srbench[dev]'")
    target = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(PACKAGE)]
    subprocess.run(command, check=True)
    return target


def python(site: Path, code: str, *arguments: str, folder: Path | None = None) -> Any:
    """Run ``code`` in a fresh process that sees ``site``; its JSON output."""
    search = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": search, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def srbench(site: Path, *commands: str, folder: Path | None = None) -> tuple[list[Answer], bool]:
    """Run commands one after the other in one process; their answers, and whether torch was imported."""
    answers, torch = python(site, MAIN, json.dumps([command.split() for command in commands]), folder=folder)
    return [Answer(*answer) for answer in answers], torch


@pytest.mark.parametrize("door", DOORS)
def test_each_takes_at_most_ten_lines(door: str) -> None:
    """Lines of code: neither blank ones nor docstrings."""
    lines = 0
    for name in DOORS[door]:
        text = (MODULES / name).read_text(encoding="utf-8")
        first = ast.parse(text).body[0]
        assert isinstance(first, ast.Expr)
        lines += len([line for line in text.splitlines()[first.end_lineno :] if line.strip()])
    assert lines <= 10


def test_every_file_is_behind_a_door() -> None:
    assert {file.name for file in MODULES.glob("*.py")} - {"__init__.py"} == {n for d in DOORS.values() for n in d}


def test_everything_is_listed_without_torch(installed: Path) -> None:
    brought = {
        "models": {"example-espcn", "example-nearest"},
        "datasets": {"example-stripes"},
        "protocols": {"example-rgb-centre@1", "example-div2k@1"},
        "quantities": {"example-deep", "example-steps", "macs:example-scan", "convs:example-scan"},
        "conventions": {"example-scan"},
        "recipes": {"example-short"},
        "rules": {"example-challenge"},
        "checks": {"example-high"},
        "pages": {"example-counts", "example-figure"},
        "formats": {"example-tabs"},
        "verbs": {"example"},
    }
    answers, torch = srbench(installed, *(f"list {what} --json" for what in brought), "--help", "example 60 48")
    for (what, names), answer in zip(brought.items(), answers, strict=False):
        assert names <= {row.get("name") or row["id"] for row in json.loads(answer.out)}, what
    assert "example         Say how large SR is." in answers[-2].out
    assert answers[-1].out == "240 x 192\n"
    assert not torch


def test_without_the_package_nothing_of_it_is_known() -> None:
    from srbench.cli.verbs import VERBS
    from srbench.models.registry import model_names

    assert not [name for name in (*model_names(), *VERBS.names()) if name.startswith("example")]


def test_its_network_builds_and_its_parts_work_together(installed: Path) -> None:
    found = python(
        installed,
        "import json\n"
        "from srbench import evaluate\n"
        "from srbench.models.networks import build_network\n"
        "from srbench.models.registry import get_card\n"
        "params = {s: sum(p.numel() for p in build_network('example-espcn', s).parameters()) for s in (2, 4)}\n"
        "frame = evaluate('Example-Nearest', 'Example-Stripes', scale=4, protocol='Example-RGB-centre')\n"
        "same = params == get_card('example-espcn').params\n"
        "print(json.dumps([same, list(frame.image), list(frame.psnr), frame.attrs['protocol']['id']]))",
    )
    same, images, psnr, protocol = found
    assert same
    assert images == ["stripes-4", "stripes-12"]
    assert psnr[1] > psnr[0] > 10  # wider stripes lose less
    assert protocol == "example-rgb-centre@1"


SCANNED = """
import torch
from torch import nn

library = torch.library.Library("example", "DEF")
library.define("scan(Tensor x) -> Tensor")
library.impl("scan", lambda x: x.cumsum(-1), "CPU")
library.impl("scan", lambda x: torch.empty_like(x), "Meta")


class Net(nn.Sequential):
    def __init__(self, scale=4):
        super().__init__(nn.Conv2d(3, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale))

    def forward(self, x):
        return super().forward(torch.ops.example.scan(x))
"""


def test_its_convention_prices_an_operator_of_its_own(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(SCANNED, encoding="utf-8")
    command = "profile --models net.py:Net --size 8x10 --convention macs,example-scan"
    forms = ("csv", "html", "latex", "example-tabs")
    (table, data, rows, page, latex, tabs), _ = srbench(
        installed, command, f"{command} --json", *(f"{command} --format {form}" for form in forms), folder=tmp_path
    )
    plain, scans = 3 * 48 * 9 * 8 * 10, 9 * 3 * 8 * 10
    assert table.code == data.code == rows.code == 0, table.err
    assert "example-scan [G]" in table.out
    assert str(plain + scans) in data.out
    (row,) = csv.DictReader(io.StringIO(rows.out))
    assert row["MACs [G]"] == f">={plain / 1e9:.6f}"  # the default knows nothing of scans, and says so
    assert row["example-scan [G]"] == f"{(plain + scans) / 1e9:.6f}"
    for answer in (page, latex, tabs):  # every registered format, another package's too
        assert f"{(plain + scans) / 1e9:.6f}" in answer.out, answer.err
    assert tabs.out.splitlines()[0].split("\t") == list(row)


def test_its_check_runs_in_the_audit_and_its_rules_among_the_challenges(installed: Path) -> None:
    (table, data, challenges), torch = srbench(
        installed, "audit --kinds example", "audit --kinds example --json", "challenge list --json"
    )
    found = json.loads(data.out)
    assert table.code == 0, table.err
    assert found["checked"] == {"example": found["checked"]["example"]}
    assert found["checked"]["example"] > 1000
    (rules,) = [row for row in json.loads(challenges.out) if row["id"] == "example-challenge"]
    assert rules["tracks"]
    assert not torch


def test_what_it_adds_stands_in_every_format(installed: Path, tmp_path: Path) -> None:
    """Model, dataset, protocol, both quantities and the format, from one run to console, HTML, CSV and LaTeX."""
    command = (
        "run --models Example-Nearest,bicubic --datasets example-stripes --protocol example-div2k "
        "--quantities psnr,example-deep,example-steps --no-runtime --format "
    )
    formats = ("table", "csv", "latex", "markdown", "example-tabs")
    answers, _ = srbench(installed, *(command + name for name in formats), folder=tmp_path)
    assert [answer.code for answer in answers] == [0] * len(formats), answers[0].err
    table, rows, latex, _, tabs = (answer.out for answer in answers)
    assert all(words in table for words in ("Nearest neighbour", "Deep", "Step", "example-div2k@1"))
    found = {row["model"]: row for row in csv.DictReader(io.StringIO(rows))}
    deep = {name: float(row["example-deep"]) for name, row in found.items()}
    assert deep["example-nearest"] > 0
    assert {row["protocol"] for row in found.values()} == {"example-div2k@1"}
    for name, row in found.items():  # shown with the quantity's own digits, in LaTeX as on the page
        assert f"{deep[name]:.4f}" in latex
        assert f"{float(row['example-steps']):.2f}" in latex
    page = (tmp_path / "srbench-results" / "report.html").read_text(encoding="utf-8")
    assert "Example stripes" in page or "example-stripes" in page
    assert all(f"{value:.4f}" in page for value in deep.values())
    header, *lines = (line.split("\t") for line in tabs.splitlines())
    assert {float(line[header.index("example-deep")]) for line in lines} == set(deep.values())
    assert "reused" in answers[1].err or "already there" in answers[1].err
    (listed,), _ = srbench(installed, "list results --json", folder=tmp_path)
    assert {row["example-deep"] for row in json.loads(listed.out)} == set(deep.values())
    check_figure(installed, tmp_path / "srbench-results")


def check_figure(site: Path, results: Path) -> None:
    """Its figure draws both models from what the run has left."""
    code = (
        "import json, sys\n"
        "from srbench.report import page, papers\n"
        "data = papers.load_data(sys.argv[1])\n"
        "print(json.dumps(page.PAGES.get('example-figure').render(data=data)[0]))"
    )
    drawn = python(site, code, str(results))
    assert "<svg" in drawn


def test_its_page_is_in_the_site_and_on_the_index(installed: Path, tmp_path: Path) -> None:
    code = (
        "import json\n"
        "from srbench.report import page, site\n"
        "from srbench.report.papers import Data\n"
        "html, words = page.PAGES.get('example-counts').render(data=Data((), {}, {}))\n"
        "print(json.dumps([html, words, [p.file for p in page.PAGES]]))"
    )
    html, words, files = python(installed, code)
    assert html.startswith("<!doctype html>")
    assert words == "0 models"
    own = ["audit.html", "challenge-ntire2022-esr.html", "genealogy.html"]
    assert files == [*own, "example-figure.html", "example-counts.html"]


def test_a_run_measures_its_quantities_and_shows_them_in_every_form(installed: Path, tmp_path: Path) -> None:
    run = (
        "run --models bicubic,example-nearest --datasets example-stripes --protocol example-rgb-centre "
        "--quantities psnr,example-deep,example-steps --results out"
    )
    forms = ("markdown", "latex", "csv", "json", "example-tabs")
    answers, _ = srbench(installed, run, *(f"{run} --no-html --format {form}" for form in forms), folder=tmp_path)
    assert {answer.code for answer in answers} == {0}, answers[0].err
    for answer in answers[:3]:
        assert "PSNR/Deep/Step" in answer.out
    rows = list(csv.DictReader(io.StringIO(answers[3].out)))
    assert [row["model"] for row in rows] == ["bicubic", "example-nearest"]
    assert all(float(row["example-deep"]) > 0 and float(row["example-steps"]) > 0 for row in rows)
    exact = [row["example-deep"] for row in json.loads(answers[4].out)["rows"]]
    assert exact == [float(row["example-deep"]) for row in rows]
    assert answers[5].out.splitlines()[1].split("\t")[0] == "bicubic"
    assert ">Deep<" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    figure = "results figure out --x example-steps --y example-deep --dataset example-stripes --out two.svg"
    (drawn,), _ = srbench(installed, f"{figure} --protocol example-rgb-centre", folder=tmp_path)
    assert drawn.code == 0, drawn.err
    assert "<svg" in (tmp_path / "two.svg").read_text(encoding="utf-8")
