"""How sandboxes are started, as command lines: what they leave out, and what they let in."""

from __future__ import annotations

from pathlib import Path

import pytest

from srbench.isolation.limits import GIB, Limits
from srbench.isolation.sandbox import Inside, choose, command_for, container_command, why_no_bubblewrap


def test_a_container_has_no_network_no_rights_and_two_things_of_ours() -> None:
    inside = Inside(
        Path("/own/team07"), {"HOME": "/tmp", "PATH": "/bin", "PYTHONPATH": "/here"}, files=("/plugins/mine.py",)
    )
    command = container_command(
        ("podman", "image:tag"), ["-c", "pass"], Limits(memory_bytes=2 * GIB, processes=3), inside
    )
    assert command[:4] == ["podman", "run", "--rm", "--interactive"]
    assert command[-4:] == ["image:tag", "python", "-c", "pass"]
    options = command[4:-4]
    assert {"--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"} <= set(options)
    assert {f"--memory={2 * GIB}", "--pids-limit=48", "--ulimit=nproc=48:48"} <= set(options)
    assert [one for one in options if one.startswith(("--volume", "--mount", "--device"))] == [
        "--volume=/own/team07:/entry:ro", "--volume=/plugins/mine.py:/plugins/mine.py:ro",
    ]  # fmt: skip
    assert [one for one in options if one.startswith("--env")] == ["--env=HOME=/tmp"]  # the image has its own Python
    assert "--gpus=all" not in options


def test_bubblewrap_lets_nothing_be_written_and_shows_no_folder_of_the_users() -> None:
    if why_no_bubblewrap():
        pytest.skip("no bubblewrap here")
    own = Path(__file__).parent / "entry"
    command = command_for(choose("bubblewrap"), ["-c", "pass"], Limits(), Inside(own, {}, files=("/plugins/mine.py",)))
    assert {"--unshare-all", "--die-with-parent", "--new-session", "--clearenv"} <= set(command)
    bound = [command[at + 1] for at, word in enumerate(command) if word in ("--bind", "--dev-bind", "--bind-try")]
    assert bound == []
    shown = [command[at + 1] for at, word in enumerate(command) if word == "--ro-bind"]
    assert {str(own), "/plugins/mine.py"} <= set(shown)
    assert not {"/", "/home", "/root", "/tmp", str(Path.home())} & set(shown)
