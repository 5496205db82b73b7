"""What the README shows works as it is printed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def test_a_model_is_added_in_ten_lines(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(# mynet\.py\n.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    (tmp_path / "mynet.py").write_text(code, encoding="utf-8")
    save = "import torch, mynet; torch.save(mynet.MyNet().state_dict(), 'mynet.pth')"
    subprocess.run([sys.executable, "-c", save], cwd=tmp_path, check=True, timeout=120)

    (shown,) = re.findall(r"`srbench (run --plugin mynet\.py [^`]*)`", README.read_text(encoding="utf-8"))
    words = shown.replace("mynet,imdn", "mynet,bicubic").split()
    command = [sys.executable, "-m", "srbench.cli", *words, "--datasets", "embedded", "--limit", "1", "--no-runtime"]
    run = subprocess.run([*command, "--json"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    assert {"mynet", "bicubic"} <= set(re.findall(r'"name": "([^"]+)"', json.dumps(json.loads(run.stdout))))


def test_ci_runs_the_readmes_own_test_command() -> None:
    """CI takes the command out of the README with this very line of shell, and evaluates it."""
    script = (README.parent / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    (taken,) = [line for line in script if line.startswith("test_command=")]
    found = subprocess.run(
        ["bash", "-c", f'{taken}\necho "$test_command"'], cwd=README.parent, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "python -m pip install tox && python -m tox"
    assert script[-1] == 'eval "$test_command"'
