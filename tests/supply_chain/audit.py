"""Known vulnerabilities of the pinned versions, by pip-audit; it needs the network, and says so where it has none.

``python tests/supply_chain/audit.py``: exit code 0 where every package was looked up and nothing is known, 3 where
something is known, 2 where the service could not be asked about them all. pip-audit alone exits with 0 in that case.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

CONSTRAINTS = Path(__file__).resolve().parents[2] / "constraints.txt"
COMMAND = ("pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json")


def judged(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Exit code and lines for what pip-audit reports."""
    packages = report["dependencies"]
    unknown = [f"{one['name']}: {one['skip_reason']}" for one in packages if "skip_reason" in one]
    bad = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version'}"
        for one in packages
        for flaw in one.get("vulns", ())
    ]
    looked_up = len(packages) - len(unknown)
    if bad:
        return 3, [*bad, f"{len(bad)} known vulnerabilities in {looked_up} packages"]
    if not looked_up:
        return 2, ["NOTHING WAS CHECKED: the service told nothing of any package; is there a network?"]
    if unknown:
        return 2, [*unknown, f"{len(unknown)} of {len(packages)} packages could not be looked up; the others are fine"]
    return 0, [f"{looked_up} packages looked up, nothing known"]


def main() -> int:
    """Ask, and print what came of it."""
    done = subprocess.run(
        [sys.executable, "-m", *COMMAND, "--requirement", str(CONSTRAINTS)], capture_output=True, text=True, check=False
    )
    try:
        report = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        print(f"NOTHING WAS CHECKED: pip-audit gave no report ({last}); is there a network?")
        return 2
    code, lines = judged(report)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
