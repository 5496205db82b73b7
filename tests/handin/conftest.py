"""Stored made-up results, and the command line called in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from samples import costs, record

from srbench.results import store, trust


@dataclass
class Answer:
    code: int
    out: str
    err: str

    def one_sentence(self, *words: str) -> None:
        """Exit code 1 and one line of error that holds ``words``."""
        lines = [line for line in self.err.splitlines() if not line.startswith("note: ")]
        assert (self.code, len(lines)) == (1, 1), self.err
        for word in words:
            assert word in lines[0]


@pytest.fixture(autouse=True)
def _made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stored results of these tests are made up, and not to be doubted here."""
    monkeypatch.setattr(trust, "doubts", lambda *_: ())


Srbench = Callable[..., Answer]


@pytest.fixture
def srbench(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Srbench:
    """Run ``srbench`` in this process."""
    from srbench.cli.main import main

    def call(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["srbench", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return Answer(code, *capsys.readouterr())

    return call


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """IMDN, RFDN (trained by us), LRFDN at x2 to x4 on two datasets, with costs."""
    folder = tmp_path / "results"
    for scale in (2, 3, 4):
        for model, psnr in (("imdn", 32.21), ("rfdn", 32.24), ("lrfdn", 31.99)):
            for dataset, less in (("set5", 0.0), ("set14", 3.6)):
                kind = "rfdn.bundled" if model == "rfdn" else None
                shown = record(model, psnr - less + 8 / scale, 0.9, dataset=dataset, scale=scale, weights=kind)
                store.write(folder, shown)
            for cost in costs(model, scale):
                store.write(folder, cost)
    return folder
