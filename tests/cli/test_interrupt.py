"""The exit code of an interrupted command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

INTERRUPTED_INSIDE_EXEC = """
import sys
from srbench.cli import guard
sys.exit(guard.run(lambda: exec("raise KeyboardInterrupt")))
"""


def test_an_interrupt_inside_exec_has_the_usual_exit_code(tmp_path: Path) -> None:
    """CPython ends ``python -m`` by the signal when an interrupt went through ``exec`` of a text, caught or not."""
    (tmp_path / "command.py").write_text(INTERRUPTED_INSIDE_EXEC, encoding="utf-8")
    ended = subprocess.run([sys.executable, "-m", "command"], cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 130
    assert ended.stderr.startswith("interrupted;")
