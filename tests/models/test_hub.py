"""``hf://`` references against a local stand-in of the hub, with huggingface_hub by ``tox -e hub``, else skipped."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch

from srbench.errors import SrbenchError
from srbench.models import hub, open_model
from srbench.models.networks import build_network

COMMIT = "0123456789abcdef0123456789abcdef01234567"
INSTALLED = importlib.util.find_spec("huggingface_hub") is not None
needs_hub = pytest.mark.skipif(not INSTALLED, reason="huggingface_hub is not installed")


def weights() -> bytes:
    """The bytes of a small network's weights."""
    torch.manual_seed(0)
    held = io.BytesIO()
    torch.save(build_network("etds-t", 4).state_dict(), held)
    return held.getvalue()


class StandIn(BaseHTTPRequestHandler):
    """Answers as the hub does for the one model owner/net."""

    files: dict[str, bytes]

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        path = self.path.partition("?")[0]
        name = path.rpartition("/")[2]
        if path in (f"/api/models/owner/net/revision/{revision}" for revision in ("main", COMMIT)):
            siblings = [{"rfilename": each} for each in self.files]
            content = json.dumps({"id": "owner/net", "sha": COMMIT, "siblings": siblings}).encode()
        elif path == f"/owner/net/resolve/{COMMIT}/{name}" and name in self.files:
            content = self.files[name]
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound" if "owner/net" not in path else "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, bytes]]:
    """The files of owner/net on a local server that huggingface_hub takes for the hub."""
    held = {"README.md": b"", "net.pth": weights()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (StandIn,), {"files": held}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.delenv("SRBENCH_OFFLINE", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    yield held
    server.shutdown()


@needs_hub
def test_a_file_is_taken_at_the_commit_that_main_is(files: dict[str, bytes]) -> None:
    found = hub.fetch("hf://owner/net/net.pth")
    assert found.pinned == f"hf://owner/net@{COMMIT}/net.pth"
    assert found.path.read_bytes() == files["net.pth"]
    assert hub.fetch("hf://owner/net").pinned == found.pinned
    assert hub.fetch(found.pinned).path == found.path


@needs_hub
def test_weights_of_the_hub_are_a_model_or_those_of_one(files: dict[str, bytes]) -> None:
    model = open_model("hf://owner/net/net.pth", 4)
    assert model.card.name == "etds-t"
    assert f"From hf://owner/net@{COMMIT}/net.pth." in model.card.note
    other = open_model("etds-t", 4, weights="hf://owner/net/net.pth")
    assert other.weights.url == f"hf://owner/net@{COMMIT}/net.pth"
    assert other.weights.sha256 == hashlib.sha256(files["net.pth"]).hexdigest()


@needs_hub
def test_what_is_not_there_is_one_sentence(files: dict[str, bytes]) -> None:
    for reference, message in (
        ("hf://owner/none/net.pth", "cannot be had from the hub"),
        ("hf://owner/net/other.pth", "cannot be had from the hub"),
        ("hf://owner", "expected hf://owner/name"),
    ):
        with pytest.raises(SrbenchError, match=message):
            hub.fetch(reference)
    files["two.safetensors"] = b""
    with pytest.raises(SrbenchError, match=r"files of weights are: net\.pth, two\.safetensors; name one"):
        hub.fetch("hf://owner/net")


@pytest.mark.skipif(INSTALLED, reason="huggingface_hub is installed")
def test_without_huggingface_hub_the_sentence_says_how_to_get_it() -> None:
    with pytest.raises(SrbenchError, match=r"pip install 'srbench\[hub\]'"):
        hub.fetch("hf://owner/net/net.pth")
