"""Makes ``constraints-hashes.txt``: the pins of ``constraints.txt`` with the hash of the file that pip would install.

``python -m tests.supply_chain.hashes`` asks the index through pip, which installs nothing (``--dry-run``). The hashes
are those of this platform's files (the committed ones: CPython 3.11, Linux, x86_64) as the index has them: a build of
torch from elsewhere, such as one for the CPU alone, is another file, which ``--require-hashes`` refuses.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.supply_chain.licences import plain

ROOT = Path(__file__).resolve().parents[2]
PINS, HASHES = ROOT / "constraints.txt", ROOT / "constraints-hashes.txt"


def pins(text: str) -> dict[str, str]:
    """Version by name of every ``name==version`` line."""
    words = [line.split("#")[0].split() for line in text.splitlines()]
    halves = [line[0].partition("==") for line in words if line]
    return {plain(name): version for name, _, version in halves if version}


def hashes(text: str) -> dict[str, set[str]]:
    """SHA-256 hashes by name."""
    found: dict[str, set[str]] = {}
    name = ""
    for line in text.splitlines():
        words = line.strip().rstrip("\\").split()
        if words and "==" in words[0]:
            name = plain(words[0].partition("==")[0])
        for word in words:
            if word.startswith("--hash=sha256:"):
                found.setdefault(name, set()).add(word.removeprefix("--hash=sha256:"))
    return found


def asked() -> dict[str, str]:
    """The hash by name of the file that pip would take from the index for every pin.

    A report of such a call can be given as the only argument; asking takes some minutes.
    """
    if len(sys.argv) > 1:
        return _hashes_of(Path(sys.argv[1]))
    environment = {key: value for key, value in os.environ.items() if key not in ("PIP_FIND_LINKS", "PIP_CONSTRAINT")}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet",
                   "--report", str(report), "--requirement", str(PINS)]  # fmt: skip
        subprocess.run(command, check=True, cwd=folder, env={**environment, "PIP_CONFIG_FILE": os.devnull})
        return _hashes_of(report)


def _hashes_of(report: Path) -> dict[str, str]:
    entries = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {
        plain(entry["metadata"]["name"]): entry["download_info"]["archive_info"]["hashes"]["sha256"]
        for entry in entries
    }


def main() -> None:
    """Write the file."""
    found = asked()
    where = f"CPython {platform.python_version_tuple()[0]}.{platform.python_version_tuple()[1]}, {sys.platform}, "
    lines = [
        "# The pins of constraints.txt with the hashes of the index's files for " + where + f"{platform.machine()}.",
        "# Made by python -m tests.supply_chain.hashes; torch is the index's own build, not one for the CPU alone.",
    ]
    for name, version in pins(PINS.read_text(encoding="utf-8")).items():
        lines.append(f"{name}=={version} --hash=sha256:{found[name]}")
    HASHES.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(found)} hashes in {HASHES.name}")


if __name__ == "__main__":
    main()
