"""Readers of what challenges bring: rules, tables, submissions, bundles and repositories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from srbench.errors import SrbenchError
from tests.fuzz import seeds


def put(folder: Path, name: str, data: bytes) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def scored_png(folder: Path, data: bytes) -> Any:
    from srbench.challenge.score.plan import Limits
    from srbench.challenge.score.png import PngError, check_header, read_header, read_pixels

    try:
        header = read_header(data[:33])
        check_header(header, 14, 12)
        return read_pixels(data, header, Limits())
    except PngError as error:
        raise SrbenchError(str(error)) from error


def described_weights(folder: Path, data: bytes) -> Any:
    from srbench.challenge.checkpoint import CheckpointError, read_checkpoint

    try:
        found = read_checkpoint(data)
        for tensor in found.tensors.values():
            assert tensor.count >= 0
            assert tensor.reach >= 0
            found.values(tensor.storage)
    except CheckpointError as error:
        raise SrbenchError(str(error)) from error
    return found


def rules(folder: Path, data: bytes) -> None:
    from srbench.challenge import standing, tables
    from srbench.challenge.planning import plan_of
    from srbench.rules import read_rules

    found = read_rules(put(folder, "rules.toml", data))
    plan_of(found)
    rows, base = tables.with_baseline(tables.read_rows(put(folder, "t.csv", seeds.RANKED_CSV), found), None, found)
    standing.outcome_of_rows(rows, found, base, None)


def ranked(name: str, folder: Path, data: bytes) -> None:
    from srbench.challenge import standing, tables
    from srbench.report import challenge_page, challenge_table
    from srbench.rules import get_rules

    known = get_rules("ntire2026-esr")
    rows, base = tables.with_baseline(tables.read_rows(put(folder, name, data), known), None, known)
    outcome = standing.outcome_of_rows(rows, known, base, None)
    challenge_page.html(outcome, (), ()).encode()
    challenge_table.as_latex(outcome).encode()
    challenge_table.organisers_json(outcome).encode()


def evaluated(folder: Path, data: bytes) -> None:
    from srbench.challenge import standing
    from srbench.challenge.entries import read_results
    from srbench.report import challenge_page, challenge_table
    from srbench.rules import get_rules

    found = read_results(put(folder, "results.json", data))
    outcome = standing.outcome_of_results(found, get_rules("ntire2026-esr"), None)
    challenge_page.html(outcome, (), ()).encode()
    challenge_table.as_latex(outcome).encode()
    challenge_table.organisers_json(outcome).encode()


def submission(folder: Path, data: bytes) -> None:
    """An archive of unknown kind through all checks without trust; a check that fails itself has escaped."""
    from srbench.challenge.checks.validate import validate
    from srbench.rules import get_rules

    file = put(folder, "submission", data)
    found = validate(file, get_rules("ntire2026-esr"))
    failed = [result.reason for result in found.results if result.reason.startswith("the check failed")]
    assert not failed, failed
    found.as_dict()


def scored(folder: Path, data: bytes) -> Any:
    from srbench.challenge.score.plan import Limits
    from srbench.challenge.score.scoring import Work, score_submission
    from tests.challenge import builders

    hr = builders.folder_of(folder / "hr", {"0801.png": builders.png(builders.hr_image(0))})
    used = builders.plan(limits=Limits(total_bytes=64 << 20))
    return score_submission(put(folder, "submission", data), hr, used, work=Work(threads=False))


def readme(folder: Path, data: bytes) -> Any:
    from srbench.challenge.score.readme import parse_readme

    return parse_readme(data)


def plan(folder: Path, data: bytes) -> Any:
    from srbench.challenge.score.plan import PlanError, plan_from_json

    try:
        return plan_from_json(data.decode("utf-8", "replace"))
    except PlanError as error:
        raise SrbenchError(str(error)) from error


def bundle(platform: str, folder: Path, data: bytes) -> Any:
    from srbench.challenge.platforms import PLATFORMS

    return PLATFORMS.get(platform).check(put(folder, "bundle.zip", data))


def loader(folder: Path, data: bytes) -> Any:
    from srbench.challenge.imported import import_repository

    put(folder, "models/net.py", seeds.NET)
    put(folder, "test_demo.py", data)
    return [entry.for_process() for entry in import_repository(folder).entries]


def repository(folder: Path, data: bytes) -> Any:
    from srbench.challenge.imported import import_repository
    from srbench.models.repository import read_repository

    put(folder, "models/net.py", data)
    put(folder, "test_demo.py", seeds.LOADER)
    found = read_repository(folder)
    return [str(network) for network in found.networks], import_repository(folder)
