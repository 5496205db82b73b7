"""The table of readers: everything that reads a file which somebody else may have written."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from srbench.errors import SrbenchError
from tests.fuzz import seeds
from tests.fuzz.challenge_readers import (
    bundle,
    described_weights,
    evaluated,
    loader,
    plan,
    put,
    ranked,
    readme,
    repository,
    rules,
    scored,
    scored_png,
    submission,
)
from tests.fuzz.edits import (
    BYTES,
    JSON,
    PICKLE,
    TEXT,
    change_chunk,
    change_pickle,
    change_safetensors,
    change_tar,
    change_token,
    in_zip,
    set_byte,
    truncate,
)
from tests.fuzz.trial import Reader


def image(suffix: str, folder: Path, data: bytes) -> Any:
    from srbench.imaging.io import read_image

    file = put(folder, f"image{suffix}", data)
    return read_image(file), read_image(file, keep_grey=True)


def weights(name: str, folder: Path, data: bytes) -> Any:
    from srbench.models.checkpoints import read_state

    file = put(folder, name, data)
    try:
        return read_state(file)
    except SrbenchError:
        return read_state(file, "params")


def training_state(folder: Path, data: bytes) -> Any:
    from srbench.training.checkpoint import load_checkpoint

    return load_checkpoint(put(folder, "state.pt", data), {"model": "imdn", "seed": 1})


def stored(name: str, folder: Path, data: bytes) -> None:
    """A result: believed or not, shown in every format and on the page, alone and beside sound ones."""
    from srbench.report import run_page, tables
    from srbench.report.formats import FORMATS
    from srbench.results import store, trust
    from srbench.results.words import doubt_lines

    put(folder, name, data)
    put(folder, "sound.json", seeds.quality()[0])
    put(folder, "machines/m1.json", seeds.MACHINE)
    read = trust.read(folder)
    machines = store.read_machines(folder)
    for results in (read.results, store.read_all(folder)[0]):
        for fmt in ("table", *FORMATS.names()):
            tables.render(results, fmt).encode()
        run_page.html(results, machines, apart=doubt_lines(read.apart)).encode()
    for path, record in store.read_files(folder)[0]:
        store.to_json(record)
        assert path.name
        store.name_of(record)


def handed_in(folder: Path, data: bytes) -> Any:
    """A result in the table, the figure's data and the choice that go into a paper."""
    from srbench.report.handin import api

    put(folder, "mine.json", data)
    put(folder, "costs/mine.json", seeds.costs()[0])
    return api.table(folder).export, api.plot(folder, x="params").bytes_of("svg")


def machine(folder: Path, data: bytes) -> None:
    from srbench.report import run_page
    from srbench.results import store

    put(folder, "sound.json", seeds.quality()[0])
    put(folder, "machines/m1.json", data)
    run_page.html(store.read_all(folder)[0], store.read_machines(folder)).encode()


def merged(folder: Path, data: bytes) -> Any:
    from srbench.evaluation.merging import merge

    put(folder / "there", "journal/mine/part.jsonl", data)
    put(folder / "there", "machines/m1.json", seeds.MACHINE)
    return merge([folder / "there"], folder / "here")


def journal_rows(folder: Path, data: bytes) -> None:
    from srbench.results import journal

    file = put(folder, "part.jsonl", data)
    for header in journal.headers(file.parent):
        list(journal.rows(folder, header))
        journal.remarks(folder, header)


def _published(folder: Path, paper: bytes, cells: bytes, claims: bytes) -> None:
    from srbench.leaderboard import published
    from srbench.leaderboard.audit import claim_data

    place = folder / "published" / "imdn2019"
    for name, data in (("paper.toml", paper), ("t3.csv", cells), ("claims.toml", claims)):
        put(place, name, data)
    for name in ("t1", "t2", "t4", "t5", "t6", "t7"):
        (place / f"{name}.csv").symlink_to(seeds.ROOT / "leaderboards/published/imdn2019" / f"{name}.csv")
    published._described.cache_clear()
    published._cells_of.cache_clear()
    published.load(root=folder)
    claim_data.load("imdn2019", folder)


def _of_paper(part: int, folder: Path, data: bytes) -> None:
    places = ("paper.toml", "t3.csv", "claims.toml")
    files = [*seeds.shipped(*(f"leaderboards/published/imdn2019/{name}" for name in places))]
    files[part] = data
    _published(folder, *files)


def spec(folder: Path, data: bytes) -> Any:
    from srbench.report.specs import load_spec, spec_names

    put(folder, "specs/imdn2019.toml", data)
    return spec_names(folder), load_spec("imdn2019", folder)


def recipe(folder: Path, data: bytes) -> None:
    from srbench.training.recipe import learning_rate, read_recipe

    found = read_recipe(put(folder, "own.toml", data))
    found.digest()
    found.stage_steps()
    found.stage_steps(10)
    for step in (0, 5, 9):
        learning_rate(found, step, 10)


def own_table(name: str, folder: Path, data: bytes) -> Any:
    from srbench.leaderboard.audit.own_material import material

    return material(put(folder, name, data))


def source(folder: Path, data: bytes) -> Any:
    """A network's file: hashed with what it imports, and asked which classes it has."""
    from srbench.models.find import find_card
    from srbench.models.source import source_hash

    put(folder, "helper.py", data)
    file = put(folder, "net.py", b"import helper\n" + data)
    return source_hash(_card(f"{file}:Net")), _refused(lambda: find_card(str(file)))


def _card(network: str) -> Any:
    from srbench.models.registry import MODELS

    return MODELS.get("imdn").model_copy(update={"network": network})


def _refused(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except SrbenchError:
        return None


def reference(folder: Path, data: bytes) -> Any:
    from srbench.models.reference import parse_reference

    found = parse_reference(data.decode("utf-8", "replace"))
    return parse_reference(str(found))


def session(folder: Path, data: bytes) -> Any:
    from srbench.report import session as report

    put(folder, "sessions/own/timings.json", data)
    return report.to_markdown("own", {"imdn": "IMDN"}, 4, {"Set5": {"imdn": 32.0}}, folder)


def niqe(suffix: str, folder: Path, data: bytes) -> Any:
    from srbench.metrics.niqe import read_parameters

    return read_parameters(put(folder, f"parameters{suffix}", data))


def frame(folder: Path, data: bytes) -> Any:
    """What a stranger's process writes into the pipe."""
    from srbench.isolation.frames import read_frame

    file = os.open(put(folder, "pipe", data), os.O_RDONLY)
    try:
        return read_frame(file, 1 << 20)
    finally:
        os.close(file)


def _frames() -> tuple[bytes, ...]:
    import struct

    heads = (b'{"ok": true, "shape": [2, 2, 3]}', b'{"failure": "it failed"}')
    return tuple(struct.pack("<IQ", len(head), 12) + head + bytes(12) for head in heads)


_OF_ZIP = (in_zip(*BYTES), in_zip(change_token), *BYTES)
_SOURCES = partial(seeds.shipped, "leaderboards/challenges/ntire2026-esr/rules.toml",
                   "leaderboards/challenges/aim2019-csr/rules.toml")  # fmt: skip
_CHECKPOINT = (in_zip(*PICKLE), in_zip(*PICKLE), *BYTES)
_IMDN = "leaderboards/published/imdn2019"

READERS: tuple[Reader, ...] = (
    Reader("image PNG", seeds.png, (*BYTES, change_chunk, change_chunk, change_chunk), partial(image, ".png")),
    Reader("image TIFF", seeds.tiff, BYTES, partial(image, ".tif")),
    Reader("image BMP", seeds.bmp, BYTES, partial(image, ".bmp")),
    Reader("image JPEG", seeds.jpeg, BYTES, partial(image, ".jpg")),
    Reader("weights zip", partial(seeds.checkpoints, True), _CHECKPOINT, partial(weights, "w.pth")),
    Reader("weights legacy", partial(seeds.checkpoints, False), PICKLE, partial(weights, "w.pth")),
    Reader("weights pickle", seeds.pickles, PICKLE, partial(weights, "w.pth")),
    Reader("weights safetensors", seeds.safetensors, (change_safetensors, change_safetensors, *BYTES),
           partial(weights, "w.safetensors")),
    Reader("training state", seeds.training, _CHECKPOINT, training_state),
    Reader("result quality", seeds.quality, JSON, partial(stored, "mine.json"), ()),
    Reader("result costs", seeds.costs, JSON, partial(stored, "costs/mine.json"), ()),
    Reader("result first schema", seeds.first_schema, JSON, partial(stored, "mine.json"), ()),
    Reader("result handed in", seeds.quality, JSON, handed_in),
    Reader("machine", lambda: (seeds.MACHINE,), JSON, machine, ()),
    Reader("journal merged", seeds.journal, JSON, merged),
    Reader("journal rows", seeds.journal, (*JSON, *BYTES), journal_rows, ()),
    Reader("rules", _SOURCES, TEXT, rules),
    Reader("paper.toml", partial(seeds.shipped, f"{_IMDN}/paper.toml"), TEXT, partial(_of_paper, 0)),
    Reader("published cells", partial(seeds.shipped, f"{_IMDN}/t3.csv"), TEXT, partial(_of_paper, 1)),
    Reader("claims.toml", partial(seeds.shipped, f"{_IMDN}/claims.toml"), TEXT, partial(_of_paper, 2)),
    Reader("report spec", partial(seeds.shipped, "reports/specs/imdn2019.toml"), TEXT, spec),
    Reader("recipe", partial(seeds.shipped, "srbench/training/recipes/common.toml"), TEXT, recipe),
    Reader("own table CSV", lambda: (seeds.OWN_CSV,), TEXT, partial(own_table, "t.csv")),
    Reader("own table TeX", lambda: (seeds.OWN_TEX,), TEXT, partial(own_table, "t.tex")),
    Reader("ranked CSV", lambda: (seeds.RANKED_CSV,), TEXT, partial(ranked, "t.csv")),
    Reader("ranked JSON", lambda: (seeds.RANKED_JSON,), JSON, partial(ranked, "t.json")),
    Reader("challenge results", seeds.challenge_results, JSON, evaluated),
    Reader("submission of results", seeds.results_submission,
           (*_OF_ZIP, change_tar, change_tar, in_zip(change_chunk)), submission),
    Reader("submission scored", seeds.results_submission, (in_zip(change_chunk), *_OF_ZIP, change_tar), scored),
    Reader("submission of a model", seeds.model_submission,
           (in_zip(in_zip(*PICKLE), change_pickle, change_safetensors, change_token), *_OF_ZIP), submission),
    Reader("scored PNG", seeds.png, (*BYTES, change_chunk, change_chunk, change_chunk), scored_png),
    Reader("described weights zip", partial(seeds.checkpoints, True), _CHECKPOINT, described_weights),
    Reader("described weights legacy", partial(seeds.checkpoints, False), PICKLE, described_weights),
    Reader("described weights safetensors", seeds.safetensors, (change_safetensors, change_safetensors, *BYTES),
           described_weights),
    Reader("readme", lambda: (seeds.builders.README.encode(),), (*TEXT, *BYTES), readme, ()),
    Reader("plan", seeds.plan, JSON, plan),
    Reader("bundle of Codabench", partial(seeds.bundle, "codabench"), (in_zip(change_token), *_OF_ZIP),
           partial(bundle, "codabench")),
    Reader("bundle of CodaLab", partial(seeds.bundle, "codalab"), (in_zip(change_token), *_OF_ZIP),
           partial(bundle, "codalab")),
    Reader("bundle of EvalAI", partial(seeds.bundle, "evalai"), (in_zip(change_token), *_OF_ZIP),
           partial(bundle, "evalai")),
    Reader("loader of a repository", lambda: (seeds.LOADER,), TEXT, loader),
    Reader("file of a repository", lambda: (seeds.NET,), TEXT, repository),
    Reader("source of a network", lambda: (seeds.NET,), TEXT, source),
    Reader("reference to a network", lambda: seeds.REFERENCE, (change_token, set_byte, truncate), reference),
    Reader("session of runtimes", seeds.session, JSON, session),
    Reader("NIQE parameters JSON", seeds.niqe, JSON, partial(niqe, ".json")),
    Reader("NIQE parameters npz", seeds.niqe, (in_zip(*BYTES), *BYTES), partial(niqe, ".npz")),
    Reader("frame of a process", _frames, (*BYTES, change_token), frame),
)  # fmt: skip
BY_NAME = {reader.name: reader for reader in READERS}
