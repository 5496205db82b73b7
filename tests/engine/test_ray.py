"""A Ray cluster of two nodes in this machine, one of which is killed in the middle (tox -e ray)."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from srbench.datasets.dataset import Dataset, ImagePair, file_reader
from srbench.errors import SrbenchError
from srbench.evaluation.engine.session import Row
from srbench.evaluation.engine.unit import Unit
from srbench.evaluation.executors.ray_cluster import run_ray
from srbench.imaging import write_image
from srbench.metrics.protocols import get_protocol
from srbench.models import open_model
from srbench.results import store

ray = pytest.importorskip("ray", reason="needs Ray (tox -e ray)")

IMAGES = 24


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    """Bicubic x2 on small images."""
    pairs = []
    numbers = np.random.default_rng(0)
    for number in range(IMAGES):
        path = tmp_path / f"{number}.png"
        write_image(path, numbers.integers(0, 256, (64, 80, 3), dtype=np.uint8))
        pairs.append(ImagePair(str(number), 2, file_reader(path)))
    model = open_model("bicubic", 2)
    dataset = Dataset("made", 2, "imresize", tuple(pairs))
    return Unit(model.card, 2, model.weights, "cpu", dataset, (get_protocol("y-matlab"),), ("psnr", "ssim"), 1)


def test_a_node_that_is_killed_loses_nothing(unit: Unit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ray.cluster_utils import Cluster

    root = str(Path(__file__).resolve().parents[2])
    monkeypatch.setenv("PYTHONPATH", f"{root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setenv("RAY_worker_niceness", "0")  # else a machine that is busy starves them
    session = unit.open()
    expected = [session.score(index).row for index in range(IMAGES)]
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        second = cluster.add_node(num_cpus=1)
        cluster.wait_for_nodes()
        ray.init(address=cluster.address, log_to_driver=False)
        assert ray.cluster_resources()["CPU"] == 2
        found: dict[int, Row] = {}
        killer: list[threading.Thread] = []

        def heard(row: Row) -> None:
            assert row["index"] not in found
            found[row["index"]] = row
            if len(found) == 3:
                killer.append(
                    threading.Thread(target=cluster.remove_node, args=(second,), kwargs={"allow_graceful": False})
                )
                killer[0].start()

        run_ray(unit, tmp_path, session, range(IMAGES), heard)
        killer[0].join()
        deadline = time.monotonic() + 30
        while ray.cluster_resources()["CPU"] > 1 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert ray.cluster_resources()["CPU"] == 1
        assert json.dumps([found[index] for index in range(IMAGES)]) == json.dumps(expected)
        described = store.read_machines(tmp_path)
        assert set(described) == {row["machine"] for row in expected}
        assert all(machine["id"] == ident and machine["cpu"] for ident, machine in described.items())
        gone = unit.with_images([0])
        (tmp_path / "0.png").unlink()
        with pytest.raises(SrbenchError, match="does not exist"):
            run_ray(gone, None, session, [0], lambda _row: None)
    finally:
        ray.shutdown()
        cluster.shutdown()
