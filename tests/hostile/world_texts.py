"""Files of text of the hostile world: tables, recipes, rules, networks and plugins that are wrong in one way each."""

from __future__ import annotations

_RECIPE = """
title = "t"
source = "s"
paper_data = "p"
hr_patch = 48
batch = 2
[[stages]]
loss = "l1"
rate = 1e-3
steps = 2
schedule = { kind = "constant" }
"""

TEXTS: dict[str, str | bytes] = {
    "bytes.toml": b"\xff\xfe title = 1",
    "broken.toml": "title = [",
    "empty.toml": "",
    "array.toml": "a = 1\n[[a]]\n",
    "deep.toml": "a = " + "[" * 5000 + "]" * 5000,
    "nul.toml": "title = 'a\x00b'",
    "good.toml": _RECIPE,
    "unknown.toml": _RECIPE.replace("loss", 'colour = "red"\nloss'),
    "patch.toml": _RECIPE.replace("48", "-1"),
    "patch-huge.toml": _RECIPE.replace("48", "100000000"),
    "batch-huge.toml": _RECIPE.replace("batch = 2", "batch = 99999999999999999999"),
    "rate-nan.toml": _RECIPE.replace("1e-3", "nan"),
    "rate-inf.toml": _RECIPE.replace("1e-3", "inf"),
    "rate-1e30.toml": _RECIPE.replace("1e-3", "1e30"),
    "stages.toml": _RECIPE.partition("[[stages]]")[0] + "stages = []",
    "steps.toml": _RECIPE.replace("steps = 2", "steps = 0"),
    "no-length.toml": _RECIPE.replace("steps = 2\n", ""),
    "decay.toml": _RECIPE.replace('"constant"', '"trapezoid", decay_share = 5.0'),
    "kind.toml": _RECIPE.replace('"constant"', '"sawtooth"'),
    "name.toml": 'name = "x"\n' + _RECIPE,
    "rules-id.toml": 'id = "x"\n',
    "rules-scale.toml": 'id = "x"\ntitle = "t"\nshort = "s"\nyear = 2024\nscale = 0\nprotocol = "rgb-ntire@1"\n',
    "rules-protocol.toml": 'id = "x"\ntitle = "t"\nshort = "s"\nyear = 2024\nscale = 4\nprotocol = "no@9"\n',
    "rules-year.toml": 'id = "x"\ntitle = "t"\nshort = "s"\nyear = "soon"\nscale = 4\nprotocol = "rgb-ntire@1"\n',
    "empty.csv": "",
    "head.csv": "method,scale,psnr\n",
    "bytes.csv": b"method,psnr\n\xff\xfe,1\n",
    "nul.csv": "method,psnr\na\x00b,1\n",
    "ragged.csv": "method,scale,params,set5 psnr\na,4\nb,4,1,2,3,4,5\n",
    "numbers.csv": "method,scale,params,set5 psnr\na,4,1e999,nan\nb,4,-5,inf\nc,four,,\n",
    "long.csv": "method,psnr\n" + "x" * 200_000 + ",1\n",
    "quote.csv": 'method,psnr\n"a,1\nb,2\n',
    "same.csv": "method,method,psnr,psnr\na,b,1,2\n",
    "acts.csv": "method,scale,params,set5 psnr\n=cmd|' /C calc'!A0,4,1,30\n<script>,4,1,31\n\x1b[31m,4,1,32\n",
    "one.tex": "\\begin{tabular}{cc}\nMethod & PSNR \\\\\n",
    "words.tex": "no table here\n",
    "deep.tex": "\\begin{tabular}{c}" + "{" * 3000 + "\\end{tabular}",
    "bytes.tex": b"\\begin{tabular}{c}\xff\xfe\\end{tabular}",
    "values.csv": "name,psnr-valid,runtime\na,29.0,x\n",
    "values-none.csv": "name\na\n",
    "values-acts.csv": "name,psnr-valid,psnr-test,runtime,params,macs\n=1+1,28,29,-5,nan,1e999\n",
    "organisers.json": "[]",
    "organisers-deep.json": "[" * 100_000,
    "organisers-text.json": '{"a": "b"}',
    "organisers-huge.json": '{"a": 1' + "0" * 5000 + "}",
    "organisers-half.json": '{"a": ',
    "style.mplstyle": "lines.linewidth: wide\n",
    "bytes.mplstyle": b"\xff\xfe\xff\n",
}

_NET = """
import torch
class Net(torch.nn.Module):
    def __init__(self, scale=4):
        super().__init__()
        self.scale = scale
        self.gain = torch.nn.Parameter(torch.tensor(1.0))
    def forward(self, x):
        return torch.nn.functional.interpolate(x, scale_factor=self.scale) * self.gain
"""

NETS: dict[str, str | bytes] = {
    "good.py": _NET,
    "empty.py": "",
    "syntax.py": "class Net(:",
    "indent.py": "class Net:\n def a(self):\n  pass\n   pass\n",
    "bytes.py": b"x = '\xff\xfe'\n",
    "nul.py": "x = 1\x00",
    "deep.py": "x = " + "(" * 5000 + ")" * 5000,
    "raises.py": "raise ValueError('on import')",
    "quiet.py": "class E(Exception):\n def __str__(self): raise RuntimeError('no')\nraise E\n",
    "exits.py": "import sys; sys.exit(0)",
    "ends.py": "raise GeneratorExit",
    "interrupts.py": "raise KeyboardInterrupt",
    "absent.py": "import no_such_package\nclass Net: pass\n",
    "relative.py": "from ..models import x\nclass Net: pass\n",
    "recursion.py": "def f(): f()\nf()\n",
    "prints.py": "print('{\"printed\": 1}')\n" + _NET,
    "other.py": "Net = 3\n",
    "plain.py": "class Net: pass\n",
    "function.py": "def Net(scale=4): return None\n",
    "init.py": _NET.replace("self.scale = scale", "raise OSError('x' * 100000)"),
    "init-exits.py": _NET.replace("self.scale = scale", "raise SystemExit(0)"),
    "init-ends.py": _NET.replace("self.scale = scale", "raise GeneratorExit"),
    "no-super.py": "import torch\nclass Net(torch.nn.Module):\n"
    "    def __init__(self): self.x = torch.nn.Conv2d(3, 3, 3)\n",
    "abstract.py": "import torch\nclass Net(torch.nn.Module): pass\n",
    "wants.py": _NET.replace("scale=4", "channels, blocks"),
    "forward.py": _NET.replace("return torch", "raise ValueError('first\\nsecond')\n        return torch"),
    "forward-exits.py": _NET.replace("return torch", "raise SystemExit(0)\n        return torch"),
    "forward-ends.py": _NET.replace("return torch", "raise GeneratorExit\n        return torch"),
    "forward-quiet.py": _NET.replace(
        "return torch",
        "class E(Exception):\n            def __str__(self): raise RuntimeError('no')\n"
        "        raise E\n        return torch",
    ),
    "half.py": _NET.replace("scale_factor=self.scale", "scale_factor=2"),
    "tuple.py": _NET.replace("* self.gain", "* self.gain, 3"),
    "text.py": _NET.replace(
        "return torch.nn.functional.interpolate(x, scale_factor=self.scale) * self.gain", "return 'x'"
    ),
    "card.py": _NET.replace("def __init__", "srbench_card = {'scales': 'all'}\n    def __init__"),
    "card-list.py": _NET.replace("def __init__", "srbench_card = [1]\n    def __init__"),
    "property.py": _NET + "    @property\n    def srbench_card(self): raise SystemExit(0)\n",
    "huge.py": _NET.replace("torch.tensor(1.0)", "torch.zeros(1 << 45)"),
}

PLUGINS: dict[str, str | bytes] = {
    **{name: NETS[name] for name in ("syntax.py", "bytes.py", "nul.py", "raises.py", "quiet.py", "exits.py", "ends.py",
                                     "absent.py", "recursion.py", "empty.py", "deep.py")},
    "model.py": "from srbench.models import MODELS\nMODELS.add(3)\n",
    "twice.py": "from srbench.models.registry import MODELS\nMODELS.add(MODELS.get('imdn'))\n",
    "page.txt": "no python",
}  # fmt: skip
