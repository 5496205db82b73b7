"""The process in the sandbox; its arguments are ``MODULE:CLASS LIMITS FOLDER``.

It answers requests from stdin on what was its stdout; what a stranger prints goes to stderr. An exception is an answer,
not an end.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

from srbench.errors import SrbenchError
from srbench.isolation.frames import Closed, read_frame, widen, write_frame
from srbench.isolation.limits import Limits, apply_in_child
from srbench.lifeline import end_with_parent

MOST_BYTES = 1 << 31


def main() -> None:
    """Serve until the other end closes.

    It starts in an empty folder that is taken off the path for imports, so that no file of the stranger's is taken for
    a library; only then does it go to the stranger's folder.
    """
    handler, limits, folder = sys.argv[1:4]
    sys.path[:] = [path for path in sys.path if path]
    serve(handler, limits, folder)


def serve(handler: str, limits: str, folder: str) -> None:
    """Answer requests from stdin by ``handler`` (module:Class) under ``limits``, in ``folder``; never returns."""
    end_with_parent()
    replies = os.dup(1)
    requests = os.dup(0)
    os.set_inheritable(replies, False)
    os.set_inheritable(requests, False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    for descriptor in (requests, replies):
        widen(descriptor)
    memory, file, processes, files, cpu, cuda = (int(part) for part in limits.split(":"))
    apply_in_child(
        Limits(memory_bytes=memory, file_bytes=file, processes=processes, open_files=files, cpu_s=cpu), bool(cuda)
    )
    module, _, name = handler.partition(":")
    kind = getattr(importlib.import_module(module), name)
    sys.argv = [""]
    os.chdir(folder)  # after the import, which nothing there may answer; before the handler looks where it is
    answerer = kind()
    own = os.getpid()
    try:
        while True:
            header, payload = read_frame(requests, MOST_BYTES)
            answer, data = _answer(answerer, header, payload)
            if os.getpid() != own:  # the stranger's code forked; one answer is enough
                os._exit(0)
            write_frame(replies, answer, data)
    except Closed:
        os._exit(0)


def _answer(answerer: Any, header: dict[str, Any], payload: bytearray) -> tuple[dict[str, Any], Any]:
    do = header.pop("do")
    try:
        answer, data = getattr(answerer, f"do_{do}")(payload, **header)
        json.dumps(answer)
        return answer, data
    except SrbenchError as error:
        return {"error": str(error)}, b""
    except MemoryError:
        return {"error": "raised MemoryError: its memory is limited"}, b""
    except (Exception, SystemExit, KeyboardInterrupt, GeneratorExit) as error:  # a stranger's code raises anything
        return {"error": f"raised {words_of(error)}"}, b""


def words_of(error: BaseException) -> str:
    """Kind and text of an exception, at most 1000 characters, whatever its ``__str__`` does."""
    try:
        text = " ".join(str(error).split())[:1000]
    except BaseException:
        text = "(its text cannot be had)"
    return f"{type(error).__name__}: {text}"
