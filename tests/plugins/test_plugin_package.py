"""An installed package adds a model, a dataset and a protocol by entry points alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "plugin_package"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example package, built and installed into a folder of its own."""
    pytest.importorskip("hatchling", reason="hatchling builds the example package: pip install 'srbench[dev]'")
    target = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(PACKAGE)]
    subprocess.run(command, check=True)
    return target


def python(site: Path, code: str) -> Any:
    """Run ``code`` in a fresh process that sees ``site``; its JSON output."""
    search = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", f"import json\n{code}"],
        env={**os.environ, "PYTHONPATH": search},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_registries_list_what_the_package_brings_without_torch(installed: Path) -> None:
    found = python(
        installed,
        "import sys\n"
        "from srbench.models.registry import model_names\n"
        "from srbench.datasets.registry import dataset_names\n"
        "from srbench.metrics import protocol_names\n"
        "print(json.dumps([*model_names(), *dataset_names(), *protocol_names(), 'torch' in sys.modules]))",
    )
    assert {"example-espcn", "example-nearest", "example-stripes", "example-rgb-centre@1"} < set(found)
    assert found[-1] is False


def test_its_network_builds_and_its_parts_work_together(installed: Path) -> None:
    found = python(
        installed,
        "from srbench import evaluate\n"
        "from srbench.models.networks import build_network\n"
        "from srbench.models.registry import get_card\n"
        "params = {s: sum(p.numel() for p in build_network('example-espcn', s).parameters()) for s in (2, 4)}\n"
        "frame = evaluate('example-nearest', 'example-stripes', scale=4, protocol='example-rgb-centre')\n"
        "same = params == get_card('example-espcn').params\n"
        "print(json.dumps([same, list(frame.image), list(frame.psnr), frame.attrs['protocol']['id']]))",
    )
    same, images, psnr, protocol = found
    assert same
    assert images == ["stripes-4", "stripes-12"]
    assert psnr[1] > psnr[0] > 10  # wider stripes lose less
    assert protocol == "example-rgb-centre@1"


def test_without_the_package_nothing_of_it_is_known() -> None:
    from srbench.models.registry import model_names

    assert not [name for name in model_names() if name.startswith("example-")]
