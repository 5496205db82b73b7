"""A repository in the organisers' style: read without running it, then opened in isolation."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from srbench.challenge.chain import find_chain
from srbench.challenge.imported import Counting, EntryProfile, ImportedRepository, import_repository, profile_all
from srbench.challenge.spec import EntrySpec
from srbench.cli.challenge import command
from srbench.cli.challenge._import_view import entry_table, profile_table
from srbench.errors import SrbenchError
from srbench.isolation.limits import Limits
from srbench.isolation.process import Setting
from srbench.isolation.sandbox import choose
from tests.challenge.conftest import FOUND

READ = {
    "00": ("models/team00_Plain.py:Plain", "model_zoo/team00_plain.pth", "", 1.0),
    "01": ("models/team01_Wide.py:Wide(3, 12, blocks=2, upscale=4)", "model_zoo/team01_wide.pth", "params_ema", 255.0),
    "02": (
        "models/team01_Wide.py:Wide(in_ch=3, width=20, blocks=1, upscale=4)",
        "model_zoo/team02_wide.pth",
        "params",
        1.0,
    ),
    "03": ("models/team04_Small.py:Small(width=9)", "model_zoo/team03_small.pt", "model_state_dict", 1.0),
    "04": ("models/team04_Small.py:Small", "model_zoo/team04_small.pth", "", 1.0),
    "05": ("models/team05_Merge.py:Merge", "model_zoo/team05_merge.pth", "", 1.0),
    "06": ("models/team06_Tokens.py:Tokens", "model_zoo/team06_tokens.pth", "net", 1.0),
    "10": ("models/team10_Window.py:Window(window_size=16)", "model_zoo/team10_window.pth", "", 1.0),
    "11": ("models/team00_Plain.py:Plain", "model_zoo/team11_plain.pth", "", 1.0),
}


def test_the_loader_is_read_and_nothing_of_it_runs(repository: Path) -> None:
    found = import_repository(repository)
    entries = {entry.id: entry for entry in found.entries}
    assert (found.loader, found.function) == ("test_demo.py", "select_model")
    read = {
        key: (entries[key].reference, entries[key].weights, entries[key].key, entries[key].data_range) for key in READ
    }
    assert read == READ
    assert [entry.title for entry in found.entries][:4] == [
        "00_Plain_baseline",
        "01_Wide",
        "02_WidePlain",
        "003_[Small]",
    ]
    assert "13" not in entries
    assert len(found.understood) == 13
    assert "only running it would tell" in entries["09"].reason
    assert "models.team14_Absent' is not in the repository" in entries["14"].reason
    assert entries["09"].acts == ("models/team09_Builds/build.py line 9: subprocess.run",)
    assert entries["07"].missing == ("causal_conv1d.causal_conv1d_interface.causal_conv1d_fn",)
    assert entries["05"].steps == ("model.fuse_all()",)
    assert entries["08"].strict is False


def test_weights_that_are_not_there_are_named() -> None:
    entry = next(entry for entry in import_repository(FOUND).entries if entry.id == "00")
    assert entry.reason == "its weights 'model_zoo/team00_plain.pth' are not in the repository"


NET = "from models.a import Net\n"
BRANCHES = {
    f"{NET}model = Net(1, n=[2, 3])": ("a", "(1, n=[2, 3])", ""),
    "import models.a as a\nmodel = a.Net(up=args.scale)": ("a", "(up=4)", ""),
    "from models import a\nnet = a.Net()\nnet.load_state_dict(torch.load('w.pth'))\nmodel = net": ("a", "", "w.pth"),
    f"{NET}model = Net().to(device)\nmodel.load_state_dict(torch.load('z/' + 'w.pth').get('net'))": (
        "a",
        "",
        "z/w.pth",
    ),
    (
        f"{NET}w = 'w.pth'\nmodel = Net()\nnew = {{}}\nfor k, v in torch.load(w)['a'].items():\n    new[k[7:]] = v\n"
        "model.load_state_dict(new)"
    ): ("a", "", "w.pth"),
    f"{NET}model = Net(**options)": ("a", None, ""),
}


@pytest.mark.parametrize("text", BRANCHES)
def test_ways_in_which_loaders_are_written(text: str, tmp_path: Path) -> None:
    module, call, weights = BRANCHES[text]
    (tmp_path / "demo.py").write_text(
        "import torch\ndef load(args, device):\n    if args.id == 1:\n        pass\n"
        f"    elif args.id == 2:\n{textwrap.indent(text, ' ' * 8)}\n    return model\n"
    )
    (branch,) = find_chain(tmp_path, 4).branches
    assert branch.id == "02"
    assert branch.module.rpartition(".")[2] == module
    assert branch.weights == weights
    assert branch.call == (call or "")
    assert bool(branch.reason) is (call is None)


KEYS = {
    "if 'params_ema' in state:\n    state = state['params_ema']\nmodel.load_state_dict(state)": "params_ema?",
    "if 'net' in state.keys():\n    model.load_state_dict(state['net'])\nelse:\n    pass": "net?",
    "model.load_state_dict(state['net'])": "net",
}


@pytest.mark.parametrize("text", KEYS)
def test_a_key_that_is_taken_where_there_is_one_is_marked(text: str, tmp_path: Path) -> None:
    lines = f"from models.a import Net\nmodel = Net()\nstate = torch.load('w.pth')\n{text}"
    (tmp_path / "demo.py").write_text(
        "import torch\ndef load(args, device):\n    if args.id == 1:\n        pass\n"
        f"    elif args.id == 2:\n{textwrap.indent(lines, ' ' * 8)}\n    return model\n"
    )
    (branch,) = find_chain(tmp_path, 4).branches
    assert (branch.weights, branch.key, branch.reason) == ("w.pth", KEYS[text], "")


def test_what_was_opened_is_shown_by_its_type_and_counted_in_one_row() -> None:
    spec = EntrySpec(id="09", title="built", folder=".", reason="no class is called in it; only running it would tell")
    found = ImportedRepository(Path(), "demo.py", "load", (spec,))
    assert "only running it would tell (--allow-code)" in entry_table(found, [], "csv")
    counts = {"macs": 2e9, "activations": 3e6, "convs": 4}
    row = EntryProfile(
        spec, {"class": "Built", "params": 5e6},
        {"params": 5e6, "memory": 2**20, "counts": {"ntire-hooks": counts, "fvcore": counts}, "problems": ["a", "a"]},
    )  # fmt: skip
    assert "09,built,Built," in entry_table(found, [row], "csv")
    header, line = profile_table([row], "csv").splitlines()
    assert header.startswith("ID,Name,Params [M],MACs [G] ntire-hooks,Acts [M] ntire-hooks,Convs ntire-hooks,MACs [G]")
    assert line == "09,built,5.000,2.00,3.00,4,2.00,3.00,4,1.0,a"


def test_a_folder_without_a_loader_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SrbenchError, match="no loader was found"):
        import_repository(tmp_path)


def test_entries_are_opened_in_isolation_by_their_own_loader(repository: Path) -> None:
    found = import_repository(repository, shims=True)
    wanted = [entry for entry in found.entries if entry.id in ("05", "06", "07", "09")]
    setting = Setting(choose("auto"), Limits(), threads=1)
    counting = Counting((32, 32), ("ntire-hooks",), setting)
    rows = {row.spec.id: row for row in profile_all(wanted, counting, 2)}
    assert rows["05"].summary["params"] == 224 + 584 + 48 * 73  # the branches are merged
    assert rows["05"].counts["counts"]["ntire-hooks"]["convs"] == 3
    assert rows["06"].summary["shims"] == ["einops", "timm"] or rows["06"].summary["shims"] == []
    assert "causal_conv1d_fn" in rows["07"].failure
    assert rows["09"].failure.startswith("not run: its code starts processes or fetches")
    assert "--run 09" in rows["09"].failure


def test_the_command_says_what_it_read_and_runs_nothing_unasked(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "import.json"
    done = CliRunner().invoke(command, ["import", str(repository), "--format", "csv", "--output", str(out)])
    assert done.exit_code == 0, done.output
    assert "01,01_Wide" in done.output
    data = json.loads(out.read_text())
    assert data["understood"] == 13
    assert data["isolation"] == {}
    refused = CliRunner().invoke(command, ["import", str(repository), "--profile"])
    assert isinstance(refused.exception, SrbenchError)
    assert "--allow-code" in str(refused.exception)
