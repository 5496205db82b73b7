"""Entries side by side in real sandboxes: honest, wrong and cheating ones; one's failure never hurts another."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from srbench.challenge.entries import EntryResult, read_results
from srbench.challenge.evaluating import Session, evaluate
from srbench.challenge.session import Plan
from srbench.challenge.spec import EntrySpec
from srbench.challenge.timing import Disagreement, timer_flags
from srbench.datasets import open_dataset
from srbench.isolation.limits import Limits
from srbench.isolation.process import Setting
from srbench.isolation.sandbox import choose
from srbench.metrics import get_protocol
from srbench.rules import get_rules

HEAD = (
    "import time\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
    "def up(x):\n    return F.interpolate(x, scale_factor=4, mode='bicubic', align_corners=False)\n"
)
BODY = (
    "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.conv = nn.Conv2d(3, 3, 1)\n        self.calls = 0\n        self.kept = {}\n"
    "    def forward(self, x):\n        self.calls += 1\n"
)
PASSES = {
    "base": "return up(x)",
    "stateful": "return up(x) + 0.02 * (self.calls % 3)",
    "memorised": (
        "name = f'{float(x.sum()):.0f}'\n"
        "known = torch.load('table.pth')\n"
        "return known[name][None] if name in known else F.interpolate(x, scale_factor=4, mode='area') * 0.5"
    ),
    "cached": "self.kept.setdefault(tuple(x.shape), up(x))\nreturn self.kept[tuple(x.shape)]",
    "clock": "time.sleep(0.1)\nreturn up(x)",
    "late": "return up(x)",
    "nan": "return up(x) * float('nan')",
    "crash": "import os\nif self.calls == 2: os._exit(9)\nreturn up(x)",
    "hang": "while True: pass",
    "noisy": "print('x' * 10**7)\nreturn up(x)",
    "sizes": "return up(x) if x.shape[-2:] == (64, 64) else up(self.conv(x) * 0 + x)",
    "lies": "return up(x)",
}
TOPS = {
    "clock": "time.perf_counter = lambda: 1.0\n",
    "late": (
        "import srbench.isolation.network as network\nfetch = network.NetworkHandler.do_fetch\n"
        "def slow(self, payload):\n    time.sleep(0.2)\n    return fetch(self, payload)\n"
        "network.NetworkHandler.do_fetch = slow\n"
    ),
    "lies": (
        "import srbench.isolation.opened as opened\n"
        "opened.Opened.summary = lambda self: {'data_range': 1.0, 'missing': 3}\n"
    ),
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, EntryResult]]:
    """All entries of ``PASSES`` measured in one session."""
    import torch

    folder = tmp_path_factory.mktemp("cheats")
    dataset = open_dataset("embedded", 4, limit=2)
    table = {}
    for pair in dataset.images:
        lr, hr = pair.load()
        key = f"{float((torch.from_numpy(lr).permute(2, 0, 1)[None].float() * (1 / 255)).sum()):.0f}"
        table[key] = torch.from_numpy(hr).permute(2, 0, 1).float() / 255 + 0.01
    specs = []
    for number, (name, lines) in enumerate(PASSES.items()):
        own = folder / name
        own.mkdir()
        passes = "".join(f"        {line}\n" for line in lines.splitlines())
        (own / "net.py").write_text(f"{HEAD}{TOPS.get(name, '')}{BODY}{passes}")
        if name == "memorised":
            torch.save(table, own / "table.pth")
        specs.append(EntrySpec(id=f"{number:02d}", title=name, folder=str(own), reference="net.py:Net", data_range=1.0))
    rules = get_rules("ntire2024-esr")
    sandbox = choose("auto")
    plan = Plan(
        {"valid": dataset}, get_protocol("rgb-ntire@1"), Setting(sandbox, Limits(request_s=8), threads=1),
        rechecked=1, count_size=(64, 64),
    )  # fmt: skip
    results = evaluate(Session(rules, tuple(specs), "00", folder / "out"), plan, sandbox)
    return folder / "out", {entry.title: entry for entry in results.entries}


Measured = tuple[Path, dict[str, EntryResult]]


def kinds(entry: EntryResult) -> set[str]:
    return {flag.kind for flag in entry.flags}


CASES = {
    "55 an image that does as well in either range": ("base", "range undetermined"),
    "57 another output on every call": ("stateful", "not deterministic"),
    "61 a table of the images": ("memorised", "memorised"),
    "62 a clock of its own": ("clock", "timer"),
    "63 work after it said that it was done": ("late", "timer"),
    "64 the last output of that shape": ("cached", "memorised"),
    "65 less to do at the size it is counted at": ("sizes", "lower bound"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_cheats_is_flagged(case: str, measured: Measured) -> None:
    name, kind = CASES[case]
    entry = measured[1][name]
    assert entry.status == "measured", entry.reasons
    assert kind in kinds(entry)


FAILURES = {
    "nan": ("invalid", "its pass gave NaN for an input of"),
    "crash": ("stopped", "exit code 9"),
    "hang": ("stopped", "no answer within 8 s"),
    "lies": ("stopped", "its process gave an answer that is none"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_fails_says_why_and_has_no_figures(name: str, measured: Measured) -> None:
    status, words = FAILURES[name]
    entry = measured[1][name]
    assert entry.status == status
    assert words in entry.reasons[0]
    assert (entry.datasets, entry.values) == ((), {})


def test_the_others_are_measured_all_the_same(measured: Measured) -> None:
    folder, entries = measured
    base, noisy = entries["base"], entries["noisy"]
    assert base.datasets[0].values == noisy.datasets[0].values
    assert base.outputs == noisy.outputs
    assert len(base.datasets[0].runs[0].forward_ms) == 2
    assert base.labels["psnr"] == base.labels["runtime"] == "parent-verified"
    assert base.labels["params"] == "child-measured"
    assert not kinds(base) & {"memorised", "timer", "not deterministic"}
    assert {"near duplicate"} <= kinds(base) & kinds(noisy)
    files = {path.name for path in (folder / "entries").iterdir()}
    assert files == {f"{number:02d}.json" for number in range(len(PASSES))}
    assert read_results(folder / "results.json").isolation.kind == choose("auto").kind
    assert len(read_results(folder / "entries" / "00.json").entries) == 1


def test_where_the_range_cannot_be_told_the_images_are_named(measured: Measured) -> None:
    (text,) = (flag.text for flag in measured[1]["base"].flags if flag.kind == "range undetermined")
    assert text.startswith("on valid/")
    assert text.endswith("dB with 255; the images do not tell which is right")


def test_nothing_of_the_entries_lives_on(measured: Measured) -> None:
    """Of this session: the command names its folder, or nobody is left who started it."""
    left = [
        process
        for process in psutil.process_iter(["cmdline", "status", "ppid"])
        if "srbench.isolation.network:NetworkHandler" in (process.info["cmdline"] or [])
        and process.info["status"] != psutil.STATUS_ZOMBIE
        and (process.info["ppid"] == 1 or any(str(measured[0].parent) in word for word in process.info["cmdline"]))
    ]
    assert left == []


@pytest.mark.parametrize(
    ("times", "flagged"),
    [
        ((100.0, 99.0, 1.0), False),
        ((100.0, 20.0, 1.0), True),
        ((100.0, 160.0, 1.0), True),
        ((100.0, 99.0, 60.0), True),
        ((5.0, 4.5, 8.0), False),
    ],  # (pass, claim, hidden) in ms
)
def test_claims_and_hidden_times_are_compared(times: tuple[float, float, float], flagged: bool) -> None:
    own = Disagreement(*times)
    assert bool(timer_flags(own)) is flagged
    assert timer_flags(own, [own]) == ()  # what all have is the machine's load
    assert bool(timer_flags(own, [own, Disagreement(100.0, 99.0, 0.0)])) is flagged
