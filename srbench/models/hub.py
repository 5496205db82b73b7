"""Weights from the Hugging Face hub, ``hf://owner/name[@revision]/file``, through huggingface_hub (srbench[hub]).

A file is always taken at a commit: where no revision is given, the commit that ``main`` is now is looked up, and said.
No torch.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srbench.download import is_offline
from srbench.errors import SrbenchError

PREFIX = "hf://"
SUFFIXES = (".safetensors", ".pth", ".pt", ".ckpt", ".bin")
_FORM = re.compile(r"hf://(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)(?:@(?P<revision>[\w./-]+?))?(?:/(?P<file>[^@]+))?")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class HubFile:
    """A file of the hub that is here: its place, and ``pinned``, the reference that always means these bytes."""

    path: Path
    pinned: str


def is_reference(text: str) -> bool:
    """Whether ``text`` names a file of the hub.

    >>> is_reference("hf://owner/name/model.safetensors"), is_reference("model.safetensors")
    (True, False)
    """
    return text.startswith(PREFIX)


def fetch(reference: str) -> HubFile:
    """Download a file of the hub into its own cache, at a commit.

    Without a file name the repository must hold one file of weights alone.

    Raises:
        SrbenchError: not of the form ``hf://owner/name[@revision]/file``; huggingface_hub is not installed; no such
            repository, revision or file; the hub cannot be reached.
    """
    found = _FORM.fullmatch(reference)
    if found is None:
        raise SrbenchError(f"'{reference}' is no file of the hub; expected hf://owner/name[@revision]/file.")
    repository = f"{found['owner']}/{found['name']}"
    commit, names = _look_up(reference, repository, found["revision"] or "main")
    file = found["file"] or _only_weights(reference, names)
    path = _ask(reference, "hf_hub_download", repo_id=repository, filename=file, revision=commit)
    return HubFile(Path(path), f"{PREFIX}{repository}@{commit}/{file}")


def _look_up(reference: str, repository: str, revision: str) -> tuple[str, tuple[str, ...]]:
    """The commit of a revision, and the files it has; nothing is asked of the hub for a commit when offline."""
    if is_offline() and _COMMIT.fullmatch(revision):
        return revision, ()
    info = _ask(reference, "model_info", repo_id=repository, revision=revision)
    return str(info.sha), tuple(sibling.rfilename for sibling in info.siblings or ())


def _only_weights(reference: str, names: tuple[str, ...]) -> str:
    weights = [name for name in names if name.endswith(SUFFIXES)]
    if len(weights) != 1:
        held = ", ".join(weights) or "none"
        raise SrbenchError(f"'{reference}' names no file, and the repository's files of weights are: {held}; name one.")
    return weights[0]


def _ask(reference: str, function: str, **arguments: Any) -> Any:
    """Call huggingface_hub, its errors as one sentence."""
    if importlib.util.find_spec("huggingface_hub") is None:
        raise SrbenchError(f"'{reference}' needs huggingface_hub; run: pip install 'srbench[hub]'.")
    hub = importlib.import_module("huggingface_hub")
    endpoint = os.environ.get("HF_ENDPOINT")
    try:
        if function == "model_info":
            return hub.HfApi(endpoint=endpoint).model_info(**arguments)
        return hub.hf_hub_download(**arguments, endpoint=endpoint, local_files_only=is_offline())
    except Exception as error:  # every kind of network trouble, and what the hub answers
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise SrbenchError(f"'{reference}' cannot be had from the hub ({type(error).__name__}: {first}).") from error
