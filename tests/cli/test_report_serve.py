"""``srbench report --serve`` opens what was built."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path


def test_what_was_built_is_served_on_this_machine_until_interrupted(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>built</h1>", encoding="utf-8")
    code = (
        "import signal; from pathlib import Path; from srbench.cli.report import serve_folder; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "  # ignored where the tests run in the background
        "serve_folder(Path('.'), 0)"
    )
    server = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        said = server.stderr.readline()
        address = re.match(r"(http://localhost:\d+/) shows \.; Ctrl-C ends it\.", said)
        assert address, said
        with urllib.request.urlopen(address[1].replace("localhost", "127.0.0.1"), timeout=30) as answer:
            assert answer.read() == b"<h1>built</h1>"
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 0
    finally:
        server.kill()
        server.wait()
        if server.stderr is not None:
            server.stderr.close()


def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code = f"from pathlib import Path; from srbench.cli.report import serve_folder; serve_folder(Path('.'), {port})"
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert f"port {port} cannot be opened" in done.stderr
    assert done.returncode != 0
