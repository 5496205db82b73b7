"""Commands that are killed at random moments, what they need, and what they are to leave behind."""

from __future__ import annotations

import hashlib
import http.server
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srbench.imaging import write_image

NET = """
import torch
class Net(torch.nn.Module):
    srbench_card = {"self_contained": True, "scales": (4,)}
    def __init__(self, scale=4):
        super().__init__()
        torch.manual_seed(0)
        self.conv = torch.nn.Conv2d(3, 48, 3, padding=1)
    def forward(self, x):
        return torch.nn.functional.pixel_shuffle(self.conv(x), 4)
"""
LOADER = """
import os
import torch
def select_model(args, device):
    model_id = args.model_id
    if model_id == 0:
        from models.team00_base import Net
        name, data_range = f"{model_id:02}_base", 1.0
        model_path = os.path.join('model_zoo', 'team00_base.pth')
        model = Net()
        model.load_state_dict(torch.load(model_path), strict=True)
    else:
        raise NotImplementedError(f"Model {model_id} is not implemented.")
    return model.to(device), name, data_range, None
"""
RECIPE = """
title = "t"
source = "s"
paper_data = "p"
hr_patch = 48
batch = 4
[[stages]]
loss = "l1"
rate = 1e-3
steps = 60
schedule = { kind = "constant" }
"""
WEIGHTS = np.random.default_rng(7).bytes(3_000_000)
VOLATILE = re.compile(
    r"created|seconds|(_|\b)ms$|runtime|samples|machine|memory|elapsed|environment|command|labels|started"
)


@dataclass(frozen=True)
class Job:
    """Arguments of srbench in a folder made by :func:`prepare`; OUT is where it writes."""

    name: str
    arguments: tuple[str, ...]
    few: int = 1
    """Kills in an ordinary run of the tests."""


JOBS = (
    Job("run", ("run", "--models", "bicubic,net.py:Net", "--datasets", "hr", "--no-runtime", "--results", "OUT/r",
                "--save-images", "OUT/sr")),
    Job("train", ("train", "--model", "net.py:Net", "--data", "hr", "--recipe", "recipe.toml", "--validate", "one",
                  "--validate-every", "20", "--checkpoint-every", "5", "--out", "OUT")),
    Job("report", ("report", "imdn2019", "--format", "markdown", "--out", "OUT"), 2),
    Job("fetch", ("fetch", "hosted", "--plugin", "hosted.py"), 5),
    Job("evaluate", ("challenge", "evaluate", "repo", "--rules", "ntire2022-esr", "--data", "valid=hr", "--runs", "1",
                     "--recheck", "0", "--isolation", "process", "--output", "OUT/e")),
)  # fmt: skip


def prepare(at: Path, port: int) -> None:
    """Images, a network, a recipe, an organisers' repository and a model whose weights a server has."""
    import torch

    for folder, count in (("hr", 3), ("one", 1)):
        for index in range(count):
            pixels = np.random.default_rng(index).integers(0, 256, (96, 96, 3), dtype=np.uint8)
            write_image(at / folder / f"{index:04}.png", pixels)
    (at / "net.py").write_text(NET, encoding="utf-8")
    (at / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    for folder in ("repo/models", "repo/model_zoo"):
        (at / folder).mkdir(parents=True)
    (at / "repo" / "test_demo.py").write_text(LOADER, encoding="utf-8")
    (at / "repo" / "models" / "team00_base.py").write_text(NET, encoding="utf-8")
    torch.manual_seed(1)
    state = {f"conv.{name}": value for name, value in torch.nn.Conv2d(3, 48, 3, padding=1).state_dict().items()}
    torch.save(state, at / "repo" / "model_zoo" / "team00_base.pth")
    weights = {"scale": 4, "url": f"http://127.0.0.1:{port}/w.pth", "bytes": len(WEIGHTS),
               "sha256": hashlib.sha256(WEIGHTS).hexdigest()}  # fmt: skip
    (at / "hosted.py").write_text(
        "from srbench.models.registry import MODELS\n"
        "imdn = MODELS.get('imdn')\n"
        f"weights = (imdn.weights[0].model_copy(update={weights!r}),)\n"
        "MODELS.add(imdn.model_copy(update={'name': 'hosted', 'weights': weights}))\n",
        encoding="utf-8",
    )


class _Slow(http.server.BaseHTTPRequestHandler):
    """Sends the weights, from where it is asked to, in small pieces."""

    def do_GET(self) -> None:
        first = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(WEIGHTS) - 1}/{len(WEIGHTS)}")
        self.send_header("Content-Length", str(len(WEIGHTS) - first))
        self.end_headers()
        try:
            for begin in range(first, len(WEIGHTS), 100_000):
                self.wfile.write(WEIGHTS[begin : begin + 100_000])
                time.sleep(0.02)
        except OSError:
            pass

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[int]:
    """The port of a server that has the weights."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


KEPT = "home/made/"
"""Pages that are kept, named by the hash of what they are made of; that holds when it was measured."""


def left_behind(folder: Path) -> dict[str, Any]:
    """Every file below ``folder``: its bytes, or what of its JSON does not say when, where and how long."""
    places = ((str(path.relative_to(folder)), path) for path in sorted(folder.rglob("*")) if path.is_file())
    return {place: _content(path) for place, path in places if not place.startswith(KEPT)}


def _content(path: Path) -> Any:
    if path.suffix == ".json":
        return _lasting(json.loads(path.read_text(encoding="utf-8")))
    if path.suffix in (".html", ".pt", ".lock") or path.name == "lock":  # they tell when, or that something is held
        return "there"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _lasting(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _lasting(value) for key, value in data.items() if not VOLATILE.search(key)}
    if isinstance(data, list):  # a remark on timing comes of how busy the machine is
        return [_lasting(one) for one in data if not (isinstance(one, dict) and one.get("kind") == "timer")]
    return data


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
