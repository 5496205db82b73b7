"""The audit of an author's own table: planted errors are found, all of them and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from srbench.cli.audit import command as audit_command
from srbench.errors import SrbenchError
from srbench.leaderboard import audit
from srbench.leaderboard.audit import own_file

HEADER = (
    "Method,Scale,Params [K],Time [ms],Set5 PSNR/SSIM,Set14 PSNR/SSIM,BSD100 PSNR/SSIM,Urban100 PSNR/SSIM,"
    "Manga109 PSNR/SSIM"
)
ROWS = [
    "SRCNN [4],4,57,4.0,30.48/0.8628,27.50/0.7513,26.90/0.7101,24.52/0.7221,27.58/0.8555",
    "FSRCNN [6],4,13,1.5,30.72/0.8660,27.61/0.7550,26.98/0.7150,24.62/0.7280,27.90/0.8610",
    "VDSR [12],4,666,40,31.35/0.8838,28.01/0.7674,27.29/0.7251,25.18/0.7524,28.83/0.8870",
    'DRCN [13],4,"1,774",900,31.53/0.8854,28.02/0.7670,27.23/0.7233,25.14/0.7510,28.93/0.8854',
    "LapSRN [14],4,813,14,31.54/0.8852,28.09/0.7700,27.32/0.7275,25.21/0.7562,29.09/0.8900",
    "MemNet [25],4,678,250,31.74/0.8893,28.26/0.7723,27.40/0.7281,25.50/0.7630,29.42/0.8942",
    'CARN [2],4,"1,592",8,32.13/0.8937,28.60/0.7806,**27.58**/0.7349,26.07/0.7837,30.47/0.9084',
    "IMDN [8],4,715,5,32.21/0.8948,28.58/0.7811,27.56/0.7353,26.04/0.7838,30.45/0.9075",
    "RFDN [20],4,550,5,32.24/**0.8952**,**28.61**/**0.7819**,27.57/**0.7360**,26.11/0.7858,30.58/0.9089",
    "Ours,4,500,4.5,**32.30**/0.8950,28.59/0.7815,27.56/0.7352,**26.15**/**0.7860**,**30.60**/**0.9092**",
]
PLANTED = {
    "copied cell": ("26.11/0.7858,30.58/0.9089", "26.11/0.7858,32.24/0.8952"),
    "wrong mark": ("28.60/0.7806", "**28.60**/0.7806"),
    "wrong parameters": ("IMDN [8],4,715,", "IMDN [8],4,893,"),
    "impossible time": ("VDSR [12],4,666,40,", "VDSR [12],4,666,0.1,"),
    "transposed digits": ("25.50/0.7630,29.42", "25.50/0.7630,24.92"),
}
FOUND = {
    "copied cell": "RFDN's manga109 x4 is copied from its set5 x4",
    "wrong mark": "marks of best and second best are wrong in 1 column",
    "wrong parameters": "IMDN x4 has 893 K parameters, its network 715,176",
    "impossible time": "runtime of VDSR is impossible",
    "transposed digits": "MemNet x4 manga109 psnr is 24.92, 29.42 elsewhere",
}


def table(tmp_path: Path, *errors: str) -> Path:
    """The ten rows with some of the planted errors."""
    text = "\n".join([HEADER, *ROWS])
    for error in errors:
        right, wrong = PLANTED[error]
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    file = tmp_path / "mine.csv"
    file.write_text(text + "\n", encoding="utf-8")
    return file


def test_a_clean_table_has_no_finding(tmp_path: Path) -> None:
    report = audit.own_table(table(tmp_path))
    assert [f.headline for f in report.findings] == []
    assert report.quoted > 0  # what is known of the rows quoted from other papers is counted only


def test_five_planted_errors_are_found_and_nothing_else(tmp_path: Path) -> None:
    report = audit.own_table(table(tmp_path, *PLANTED))
    assert len(report.findings) == 5, [f.headline for f in report.findings]
    for words in FOUND.values():
        assert sum(words in f.headline for f in report.findings) == 1, words
    (slip,) = [f for f in report.findings if "24.92" in f.headline]
    assert slip.cause == "two digits are transposed: 29.42 would fit"


@pytest.mark.parametrize("error", PLANTED)
def test_one_planted_error_is_found_and_nothing_else(tmp_path: Path, error: str) -> None:
    (found,) = audit.own_table(table(tmp_path, error)).findings
    assert FOUND[error] in found.headline


def test_a_tex_table_is_read_like_its_csv(tmp_path: Path) -> None:
    file = tmp_path / "mine.tex"
    lines = []
    for row in ROWS:
        cells = row.replace('"1,774"', "1774").replace('"1,592"', "1592").split(",")
        tex = [c.replace("**", "@", 1).replace("**", "}", 1).replace("@", r"\textbf{") for c in cells]
        lines.append(" & ".join("/".join(_tex(p) for p in c.split("/")) for c in cells) if tex else "")
    head = HEADER.replace(",", " & ")
    file.write_text(
        "\\begin{tabular}{lcccccccc}\n\\toprule\n" + head + " \\\\\n\\midrule\n" + " \\\\\n".join(lines)
        + " \\\\\n\\end{tabular}\n",
        encoding="utf-8",
    )  # fmt: skip
    _, cells = own_file.read(file)
    (tmp_path / "same").mkdir()
    _, same = own_file.read(table(tmp_path / "same"))
    assert [(c.label, c.scale, c.metric, c.text.replace(",", ""), c.mark) for c in cells] == [
        (c.label, c.scale, c.metric, c.text.replace(",", ""), c.mark) for c in same
    ]
    assert audit.own_table(file).findings == ()


def _tex(part: str) -> str:
    return f"\\textbf{{{part.strip('*')}}}" if part.startswith("**") else part


def test_the_verb_takes_a_file_and_says_what_would_fit(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(audit_command, [str(table(tmp_path, "transposed digits"))])
    assert outcome.exit_code == 0
    assert "29.42 would fit" in outcome.stdout
    report = json.loads(CliRunner().invoke(audit_command, [str(table(tmp_path)), "--json"]).stdout)
    assert report["findings"] == []


def test_a_file_that_is_no_table_is_refused_with_what_is_expected(tmp_path: Path) -> None:
    file = tmp_path / "notes.csv"
    file.write_text("a,b\nc,d\n", encoding="utf-8")
    with pytest.raises(SrbenchError, match="holds no table that can be read: expected a header row"):
        audit.own_table(file)
    with pytest.raises(SrbenchError, match="GPU 'rtx-9999' is not one of"):
        audit.own_table(table(tmp_path), gpu="rtx-9999")
