"""A handler without torch: it runs lines of Python and says what came of them. For asking a sandbox what it stops."""

from __future__ import annotations

from typing import Any


class ScriptHandler:
    """Runs text as a program of its own; ``result`` of it is the answer."""

    def do_run(self, payload: bytearray) -> tuple[dict[str, Any], bytes]:
        """Run ``payload``; the answer is ``repr(result)`` of its last value of that name."""
        names: dict[str, Any] = {"__name__": "script"}
        exec(compile(bytes(payload), "script", "exec"), names)
        return {"result": repr(names.get("result"))[:10_000]}, b""
