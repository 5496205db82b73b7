"""Files of entries: honest ones, wrong ones and hostile ones, as text."""

from __future__ import annotations

from typing import Any

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


def net(init: str = "pass", forward: str = "return F.interpolate(x, scale_factor=4)", top: str = "") -> str:
    """A network ``Net`` with a line in its constructor, one in its pass, and lines at the top of the file."""
    return (
        f"{HEAD}{top}\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        self.conv = nn.Conv2d(3, 3, 3, 1, 1)\n{_indent(init)}    def forward(self, x):\n{_indent(forward)}"
    )


def _indent(lines: str) -> str:
    return "".join(f"        {line}\n" for line in lines.splitlines())


def spec(file: str = "net.py", name: str = "Net", **changes: Any) -> dict[str, Any]:
    """How a sandboxed process is told to open it."""
    return {"reference": f"{file}:{name}", "scale": 4, "data_range": 1.0, "multiple": 1, "strict": True, **changes}
