"""A sandboxed process around files written by the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from srbench.isolation.limits import Limits
from srbench.isolation.process import IsolatedProcess, Setting
from srbench.isolation.sandbox import choose, why_no_bubblewrap

HANDLER = "srbench.isolation.network:NetworkHandler"
LIGHT = "srbench.isolation.script:ScriptHandler"
SANDBOXES = [
    pytest.param("bubblewrap", marks=pytest.mark.skipif(bool(why_no_bubblewrap()), reason="no bubblewrap here")),
    "process",
]
Start = Callable[..., IsolatedProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """``start(files, sandbox=..., limits=...)`` gives a process that has torch ready; all are closed at the end."""
    made: list[IsolatedProcess] = []

    def begin(files: dict[str, str], sandbox: str = "auto", handler: str = HANDLER, **limits: Any) -> IsolatedProcess:
        folder = tmp_path / f"entry{len(made)}"
        for name, text in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        folder.mkdir(exist_ok=True)
        process = IsolatedProcess(handler, folder, Setting(choose(sandbox), Limits(**limits), threads=1))
        made.append(process)
        if handler == HANDLER:
            process.ask("start", device="cpu", threads=1)
        else:
            process.ask("run", b"")
        return process

    yield begin
    for process in made:
        assert process.close() == []
