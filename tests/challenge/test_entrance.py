"""What paths hold: a repository, model submissions in folders and archives, results to be scored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from srbench.challenge.entrance import Options, entrants_of
from srbench.challenge.results_entry import hr_folders, results_entries
from srbench.errors import SrbenchError
from srbench.rules import get_rules

from .builders import folder_of, good, png, references, score, zipped

RULES = get_rules("ntire2026-esr")
NET = (
    b"import torch.nn as nn\nclass Part(nn.Module): pass\nclass Fast(nn.Module):\n    def forward(self, x): return x\n"
)
MODEL = {"models/team04_Fast.py": NET, "model_zoo/team04_Fast.pth": b"weights"}
OPTIONS = Options(4)


@pytest.mark.parametrize("wrapped", ["", "mine/"])
def test_a_model_submission_is_taken_from_a_folder_or_an_archive(wrapped: str, tmp_path: Path) -> None:
    files = {f"{wrapped}{name}": data for name, data in MODEL.items()}
    archive = zipped(tmp_path / "sent.zip", files)
    folder = folder_of(tmp_path / "sent", files)
    for number, path in enumerate((archive, folder)):
        (spec,) = entrants_of((path,), OPTIONS, tmp_path / f"scratch{number}").specs
        assert (spec.id, spec.reference, spec.weights) == (
            "04",
            "models/team04_Fast.py:Fast",
            "model_zoo/team04_Fast.pth",
        )
        assert (Path(spec.folder) / spec.weights).read_bytes() == b"weights"


def test_what_a_description_says_is_taken(tmp_path: Path) -> None:
    said = b'class = "Part"\ndata_range = 255.0\nmultiple = 16\ntile = [256, 32]\nname = "Ours"\n'
    said += b"arguments = { width = 8 }\n"
    folder = folder_of(tmp_path / "sent", {**MODEL, "submission.toml": said})
    (spec,) = entrants_of((folder,), OPTIONS, tmp_path / "scratch").specs
    assert (spec.title, spec.reference) == ("Ours", "models/team04_Fast.py:Part(width=8)")
    assert (spec.data_range, spec.multiple, spec.tile) == (255.0, 16, (256, 32))


def test_a_repository_gives_all_of_its_entries(repository: Path, tmp_path: Path) -> None:
    found = entrants_of((repository,), Options(4, allow_missing=True), tmp_path)
    assert len(found.specs) == 15
    assert all(spec.allow_missing and spec.way == "loader" for spec in found.specs)


REFUSED = {
    "outside": ({"../evil.py": NET, **MODEL}, "evil"),
    "two models": ({**MODEL, "models/team05_Other.py": NET}, "2 model files"),
    "no weights": ({"models/team04_Fast.py": NET}, "weights"),
    "no class": ({**MODEL, "models/team04_Fast.py": b"x = 1\n"}, "has the classes none"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_taken_says_why(case: str, tmp_path: Path) -> None:
    files, words = REFUSED[case]
    archive = zipped(tmp_path / "sent.zip", files)
    with pytest.raises(SrbenchError, match=words):
        entrants_of((archive,), OPTIONS, tmp_path / "scratch")
    assert not (tmp_path / "evil.py").exists()


def test_results_have_the_scorers_figures_and_declare_their_runtime(tmp_path: Path) -> None:
    hr = references(tmp_path / "hr")
    archive = zipped(tmp_path / "sr.zip", good())
    assert entrants_of((archive,), OPTIONS, tmp_path / "scratch").results == [archive]
    (entry,) = results_entries([archive], RULES, hr_folders({"valid": str(hr)}, RULES))
    assert entry.status == "measured"
    assert entry.datasets[0].dataset == "valid"
    assert entry.datasets[0].values["psnr"] == score(archive, hr).mean("psnr")
    assert entry.labels == {"psnr": "parent-verified", "declared runtime": "self-declared"}
    assert any(flag.kind == "self-declared" for flag in entry.flags)  # 71: shown, never ranked
    assert entry.values == {}


def test_invalid_results_are_entries_with_the_reason(tmp_path: Path) -> None:
    hr = references(tmp_path / "hr")
    files = good()
    files.pop(next(iter(files)))
    (entry,) = results_entries([zipped(tmp_path / "sr.zip", files)], RULES, {"valid": hr})
    assert (entry.status, entry.datasets) == ("invalid", ())
    assert entry.reasons
    with pytest.raises(SrbenchError, match="give the HR images"):
        list(results_entries([tmp_path / "sr.zip"], RULES, {}))


def test_what_all_images_have_alike_is_one_reason(tmp_path: Path) -> None:
    hr = references(tmp_path / "hr")
    small = {name: png(np.zeros((24, 24, 3), np.uint8)) for name in good() if name.endswith(".png")}
    (entry,) = results_entries([zipped(tmp_path / "sr.zip", small)], RULES, {"valid": hr})
    (reason,) = (reason for reason in entry.reasons if "wrong size" in reason)
    assert f"wrong size (as {len(small) - 1} others are); got 24x24" in reason
