"""A lab's own leaderboard: made, filled with a result, and its workflows run step by step as shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """``srbench`` of this interpreter on the path, git with an author, no network."""
    tools = tmp_path_factory.mktemp("bin")
    tool = tools / "srbench"
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m srbench.cli "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    author = {f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in
              (("NAME", "A"), ("EMAIL", "a@example.org"))}  # fmt: skip
    python_path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **author, "PATH": path, "PYTHONPATH": python_path, "SRBENCH_OFFLINE": "1"}


def shell(text: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """What bash makes of ``text``, with the options that workflows give it."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text], cwd=folder, env=dict(environment),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def steps(file: Path, inputs: Mapping[str, str]) -> list[tuple[str, str, dict[str, str]]]:
    """(name, shell, variables) of every step that runs something, the installation left out."""
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    listed = found["runs"]["steps"] if "runs" in found else next(iter(found["jobs"].values()))["steps"]

    def filled(text: str) -> str:
        for name, value in inputs.items():
            text = text.replace(f"${{{{ inputs.{name} }}}}", value)
        return text

    return [
        (step["name"], step["run"], {name: filled(value) for name, value in step.get("env", {}).items()})
        for step in listed
        if "run" in step and step["name"] != "install"
    ]


def run_all(file: Path, folder: Path, environment: Mapping[str, str], only: str = "") -> tuple[str, str]:
    """The first step that fails, with what it says; ("", "") where all pass, or the one that is asked for."""
    listed = [step for step in steps(file, {"base": "main"}) if only in ("", step[0])]
    assert listed
    for name, text, own in listed:
        done = shell(text, folder, {**environment, **own})
        if done.returncode:
            return name, done.stdout + done.stderr
    return "", ""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """The repository of docs/users/lab.sh, with a bare one that it is pushed to, on the branch with a result."""
    from PIL import Image

    above = tmp_path_factory.mktemp("lab")
    folder = above / "board"
    (above / "images").mkdir()
    Image.linear_gradient("L").resize((48, 40)).convert("RGB").save(above / "images" / "a.png")
    made = shell(f"sh '{ROOT / 'docs' / 'users' / 'lab.sh'}'", above, environment)
    assert made.returncode == 0, made.stderr
    pushed = "git init -q --bare ../remote.git && git remote add origin ../remote.git && git push -q origin main"
    assert shell(pushed, folder, environment).returncode == 0
    changed = shell("git diff --name-only main...HEAD", folder, environment).stdout.split()
    assert changed
    assert all(name.startswith("leaderboards/measured/") and name.endswith(".json") for name in changed), changed
    return folder


def copied(lab: Path, to: Path) -> Path:
    shutil.copytree(lab.parent, to)
    return to / lab.name


ACTION = ".github/actions/check-results/action.yml"


def test_a_pull_request_with_a_result_passes_and_the_merge_makes_tables_and_pages(
    lab: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    folder = copied(lab, tmp_path / "c")
    assert run_all(folder / ACTION, folder, environment) == ("", "")
    assert shell("git checkout -q main && git merge -q bicubic", folder, environment).returncode == 0
    workflow = folder / ".github/workflows/publish.yml"
    here = {**environment, "GITHUB_SERVER_URL": "https://example.org", "GITHUB_REPOSITORY": "lab/board"}
    assert run_all(workflow, folder, here) == ("", "")
    front = (folder / "site" / "index.html").read_text(encoding="utf-8")
    assert "<title>Lab of Light</title>" in front
    assert 'class="brand"><img src="data:image/svg+xml;base64,' in front
    assert "https://example.org/lab/board" in front
    assert sorted(page.name for page in (folder / "site").glob("*.html")) == ["all.html", "index.html"]
    assert "srbench" not in front.split("<footer")[0].split("<main")[1]
    pushed = shell("git show --stat --format=%s main", folder.parent / "remote.git", environment).stdout
    assert "Tables made again from the results" in pushed
    assert "reports/all/tables.md" in pushed
    assert "Bicubic" in (folder / "reports/all/tables.md").read_text(encoding="utf-8")
    again = run_all(workflow, folder, here, only="keep the tables")
    assert again == ("", ""), "nothing has changed since, and that is no error"


@pytest.mark.parametrize(
    ("damage", "step", "words"),
    [
        (
            "mkdir -p reports/all && echo x > reports/all/tables.md && git add -A && git commit -qm x",
            "no generated file",
            "take these files out of the branch:\nreports/all/tables.md",
        ),
        (
            """sed -i -E '0,/"psnr": [0-9.]+/s//"psnr": 39.5/' leaderboards/measured/bicubic*.json""",
            "results can be believed",
            "cannot be believed",
        ),
        (
            "mkdir -p leaderboards/published/mine2026 && echo 'key = 1' > leaderboards/published/mine2026/paper.toml",
            "tables and results hold",
            "mine2026",
        ),
        (
            "sed -i 's/^pages = .*/pages = [\"audti\"]/' site.toml",
            "the pages can be made",
            "did you mean audit",
        ),
    ],
    ids=["generated", "changed by hand", "no paper", "no page"],
)
def test_what_does_not_belong_there_is_refused(
    lab: Path, tmp_path: Path, environment: dict[str, str], damage: str, step: str, words: str
) -> None:
    folder = copied(lab, tmp_path / "c")
    assert shell(damage, folder, environment).returncode == 0
    name, said = run_all(folder / ACTION, folder, environment, only=step)
    assert name == step
    assert words in said
    assert "Traceback" not in said


def test_the_check_of_pull_requests_uses_the_action(lab: Path) -> None:
    workflow = yaml.safe_load((lab / ".github/workflows/check.yml").read_text(encoding="utf-8"))
    used = [step for step in workflow["jobs"]["results"]["steps"] if "uses" in step]
    assert used[-1]["uses"] == "./" + ACTION.removesuffix("/action.yml")
    assert used[-1]["with"] == {"base": "origin/${{ github.base_ref }}"}


def test_nothing_is_overwritten(lab: Path, environment: dict[str, str]) -> None:
    again = shell(f"srbench init-site '{lab}'", lab.parent, environment)
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert "is not empty, and nothing in it is overwritten" in again.stderr
