"""Files of the organisers' own are known in the process apart, with what they import, and nothing around them."""

from __future__ import annotations

from pathlib import Path

import pytest

from srbench.isolation.limits import Limits
from srbench.isolation.process import IsolatedProcess, Refused, Setting
from srbench.isolation.sandbox import choose
from srbench.plugins import import_file
from srbench.quantities import CONVENTIONS
from tests.isolation.conftest import HANDLER, SANDBOXES
from tests.isolation.entries import net, spec

PLUGIN = """
from pricing import price
from srbench.quantities import CONVENTIONS, Convention
if "plugin-ones" not in CONVENTIONS:
    CONVENTIONS.add(Convention("plugin-ones", "every MAC, named here", price))
"""
PRICING = "from srbench.cost.conventions import every_mac\n\ndef price(trace):\n    return every_mac(trace, {})\n"


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_plugins_convention_counts_inside(sandbox: str, tmp_path: Path) -> None:
    own, entry = tmp_path / "own", tmp_path / "entry"
    own.mkdir()
    entry.mkdir()
    (own / "plugin.py").write_text(PLUGIN)
    (own / "pricing.py").write_text(PRICING)
    (own / "secret.png").write_text("reference")
    (entry / "net.py").write_text(
        net(top="import os", init=f"if os.path.exists({str(own / 'secret.png')!r}): raise ValueError('seen')")
        if sandbox != "process"
        else net()
    )
    with CONVENTIONS.scoped():  # other tests know nothing of it
        import_file(own / "plugin.py")
    setting = Setting(choose(sandbox), Limits(), threads=1, plugins=(str(own / "plugin.py"),))
    with IsolatedProcess(HANDLER, entry, setting) as process:
        process.ask("start", device="cpu", threads=1, plugins=list(setting.plugins))
        process.ask("open", spec=spec())
        counts = process.ask("count", size=[16, 16], conventions=["plugin-ones"]).header["counts"]
        assert set(counts) == {"plugin-ones"}
        (own / "broken.py").write_text("raise ValueError('no')\n")
        if sandbox == "process":
            with pytest.raises(Refused, match=r"in the process apart, .*broken.py"):
                process.ask("start", device="cpu", threads=1, plugins=[str(own / "broken.py")])
