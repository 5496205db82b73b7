"""Whether a sandboxed process can be had at all, before entries are blamed for what is not theirs."""

from __future__ import annotations

import tempfile
from pathlib import Path

from srbench.challenge.imported import HANDLER
from srbench.errors import SrbenchError
from srbench.evaluation.resources import check_device
from srbench.isolation.process import IsolatedProcess, Refused, Setting, Stopped


def check_setting(setting: Setting) -> None:
    """Refuse a device, a container or plugins with which no process of an entry could start.

    On the CPU, without plugins and without a container, nothing is started for it.

    Raises:
        SrbenchError: what is wrong, in one sentence.
    """
    check_device(setting.device)
    if setting.device == "cpu" and setting.sandbox.kind != "container" and not setting.plugins:
        return
    with tempfile.TemporaryDirectory(prefix="srbench-probe-") as folder:
        try:
            with IsolatedProcess(HANDLER, Path(folder), setting) as process:
                process.ask("start", device=setting.device, threads=setting.threads, plugins=list(setting.plugins))
        except Refused as error:
            raise SrbenchError(str(error)) from error
        except Stopped as error:
            kind, image = setting.sandbox.kind, setting.sandbox.image
            what = f"container:{image}" if kind == "container" and image else kind
            raise SrbenchError(
                f"no entry can be run with --isolation {what}: its process {error}; nothing was measured or replaced."
            ) from error
