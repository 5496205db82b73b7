"""All networks of a folder in one table, each alone; parts of networks are no networks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import torch

from srbench.cost.batch import Job, Setting, count_all
from srbench.models import ModelOptions
from srbench.models.repository import read_repository

FOUND = Path(__file__).parent / "found"
COUNTED = {
    "arguments/net.py:Plain": 224 + 2 * 584 + 48 * 73,
    "arguments/net.py:ByFactor": 224 + 2 * 584 + 48 * 73,
    "cuda/net.py:Net": 48 * 28,
    "dynamic/archs/one_arch.py:One": 48 * 28,
    "kwargs/net.py:FloatScale": 48 * 28,
    "missing/net.py:Net": 48 * 28,
    "printing/net.py:Net": 48 * 28,
    "repo/models/team01_Net.py:Net": 224 + 584 + 48 * 73,
    "repo/models/team02_Parses.py:Net": 48 * 28,
    "two_blocks/a/net.py:Net": 224 + 584 + 48 * 73,
    "two_blocks/b/net.py:Net": 224 + 72 + 48 * 73,
}


def test_every_network_of_a_folder_is_counted_and_the_rest_has_a_reason() -> None:
    command = [
        sys.executable,
        "-m",
        "srbench.cli",
        "profile",
        "--repo",
        str(FOUND),
        "--shims",
        "--json",
        "--size",
        "32x32",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    params = {row["label"]: row["params"] for row in found["models"]}
    assert {label: params[label] for label in COUNTED} == COUNTED
    left_out = {row["network"]: row["reason"] for row in found["left_out"]}
    assert "it is a x2 network" in left_out["arguments/net.py:FixedTwice"]
    assert "half written" in left_out["repo/models/team03_Broken.py:Net"]
    assert "is not installed" in left_out["missing/net.py:Needs"]


def test_a_network_is_built_as_the_repository_builds_it(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    for team in (1, 2):
        (tmp_path / "models" / f"team0{team}_Net.py").write_text(
            "import torch.nn as nn\n"
            "class Part(nn.Module):\n    def forward(self, x):\n        return x\n"
            "class Net(nn.Module):\n"
            "    def __init__(self, in_nc, nf, upscale=4):\n"
            "        super().__init__()\n        self.part = Part()\n"
            "    def forward(self, x):\n        return x\n"
            "class Unknown(nn.Module):\n    def __init__(self, opt):\n        super().__init__()\n"
            "    def forward(self, x):\n        return x\n"
        )
    (tmp_path / "demo.py").write_text(
        "def select_model(args, device):\n"
        "    if args.model_id == 1:\n"
        "        from models.team01_Net import Net\n        model = Net(3, 8, upscale=args.scale)\n"
        "    elif args.model_id == 2:\n"
        "        from models.team02_Net import Net\n        width = 4 * 4\n        model = Net(in_nc=3, nf=width)\n"
        "    return model\n"
    )
    (tmp_path / "old.py").write_text("print 'Python 2'\n")
    (tmp_path / "models" / "team03_Net.py").write_text((tmp_path / "models" / "team01_Net.py").read_text())
    found = read_repository(tmp_path)
    ways = {f"{n.file.stem}:{n.class_name}": ([way.call for way in n.ways], n.lacks) for n in found.networks}
    assert ways["team01_Net:Net"] == (["(3, 8)"], ())
    assert ways["team02_Net:Net"] == (["(in_nc=3, nf=16)"], ())
    assert ways["team03_Net:Net"] == ([], ("nf",))
    assert ways["team01_Net:Unknown"] == ([], ("opt",))
    assert "team01_Net:Part" not in ways
    assert [(file.name, reason[:14]) for file, reason in found.unreadable] == [("old.py", "is no Python 3")]


def test_names_given_at_the_import_and_files_named_from_the_root(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    source = (
        "import torch, torch.nn as nn\n"
        "class Net{}(nn.Sequential):\n    def __init__(self, nf):\n"
        "        super().__init__(nn.Conv2d(3, nf, 1), nn.Conv2d(nf, 48, 1), nn.PixelShuffle(4))\n"
        "        self.mean = torch.load('model_zoo/mean.pth')\n"
    )
    for team in (1, 2):
        (tmp_path / "models" / f"team0{team}.py").write_text(source.format(team))
    (tmp_path / "test_demo.py").write_text(
        "from models.team01 import Net1 as First\nimport models.team02 as second\n"
        "def select_model(model_id):\n    return First(nf=5) if model_id == 1 else second.Net2(nf=7)\n"
    )
    (tmp_path / "model_zoo").mkdir()
    torch.save(torch.zeros(3), tmp_path / "model_zoo" / "mean.pth")
    jobs = [Job(n.class_name, tuple(map(str, n.ways))) for n in read_repository(tmp_path).networks]
    setting = Setting(4, (16, 16), ("macs",), ModelOptions(root=str(tmp_path)))
    rows = list(count_all(jobs, setting, workers=2))
    assert [(row.label, row.failure) for row in rows] == [("Net1", ""), ("Net2", "")]
    assert [row.params for row in rows] == [4 * 5 + 48 * 6, 4 * 7 + 48 * 8]


BAD = """
import os, time
import torch.nn as nn
class Net(nn.Sequential):
    def __init__(self):
        {}
        super().__init__(nn.Conv2d(3, 48, 3, 1, 1), nn.PixelShuffle(4))
"""


def test_what_crashes_hangs_exits_or_floods_takes_nobody_with_it(tmp_path: Path) -> None:
    deeds = {
        "crash": "os.kill(os.getpid(), 11)",
        "exit": "os._exit(7)",
        "leave": "raise SystemExit(3)",
        "hang": "time.sleep(60)",
        "flood": "os.write(1, b'x' * 10**7)",
        "good": "pass",
    }
    for name, deed in deeds.items():
        (tmp_path / f"{name}.py").write_text(BAD.format(deed))
    jobs = [Job(name, (f"{tmp_path}/{name}.py:Net",)) for name in deeds]
    setting = Setting(4, (32, 32), ("macs",), ModelOptions(), timeout=8)
    rows = {row.label: row for row in count_all(jobs, setting, workers=2)}
    assert rows["crash"].failure == "its process ended by signal 11"
    assert rows["exit"].failure == "its process ended with exit code 7"
    assert "SystemExit" in rows["leave"].failure
    assert "no answer within 8 s" in rows["hang"].failure
    assert rows["good"].failure == rows["flood"].failure == ""
    assert rows["good"].params == 48 * 28


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_the_processes_end_with_their_parent(tmp_path: Path) -> None:
    (tmp_path / "hang.py").write_text(
        BAD.format(f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(120)")
    )
    command = [sys.executable, "-m", "srbench.cli", "profile", "--repo", str(tmp_path)]
    parent = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pid = tmp_path / "pid"
    for _ in range(600):
        if pid.exists() and pid.read_text():
            break
        time.sleep(0.1)
    child = int(pid.read_text())
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the process outlived its parent")
