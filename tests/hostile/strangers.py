"""A network that does whatever its ``mode`` says, and what the run is to say of each."""

from __future__ import annotations

from dataclasses import dataclass

NET = """
import os, sys, time, warnings
import torch
from torch import nn

print("printed while it is imported")


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class Rude(nn.Module):
    srbench_card = {"self_contained": True}

    def __init__(self, mode="good", upscale=4):
        super().__init__()
        torch.manual_seed(0)
        self.mode, self.upscale = mode, upscale
        self.body = nn.Sequential(nn.Conv2d(3, 3 * upscale**2, 3, padding=1), nn.PixelShuffle(upscale))
        if mode.startswith("built "):
            self.act(mode.split()[1])

    def forward(self, x):
        print("printed in a pass")
        if type(x) is torch.Tensor and x.device.type == "cpu":
            self.act(self.mode)
        return self.body(x) + nn.functional.interpolate(x, scale_factor=self.upscale)

    def act(self, mode):
        if mode == "exit": sys.exit(0)
        if mode == "exit3": sys.exit(3)
        if mode == "hard-exit": os._exit(0)
        if mode == "generator-exit": raise GeneratorExit
        if mode == "interrupt": raise KeyboardInterrupt
        if mode == "stop-iteration": raise StopIteration
        if mode == "memory": raise MemoryError
        if mode == "loop":
            while True: pass
        if mode == "sleep": time.sleep(1000)
        if mode == "forks":
            for _ in range(8): os.fork()
        if mode == "abort": os.abort()
        if mode == "segfault":
            import ctypes
            ctypes.string_at(0)
        if mode == "kill": os.kill(os.getpid(), 9)
        if mode == "long": raise ValueError("x" * 100_000)
        if mode == "lines": raise ValueError("first\\nsecond")
        if mode == "markup": raise ValueError("[red]\\x1b[31m\\u202e")
        if mode == "silent": raise Silent
        if mode == "recursion": self.act(mode)
        if mode == "close": os.closerange(0, 200)
        if mode == "none": self.body.forward = lambda x: "none"
        if mode == "nan": self.body.forward = lambda x: torch.full((1, 3, 4 * x.shape[2], 4 * x.shape[3]), float("nan"))
        if mode == "small": self.body.forward = lambda x: x[:, :2]
        if mode == "state":
            torch.set_default_dtype(torch.float64)
            torch.set_num_threads(3)
            torch.set_grad_enabled(True)
            os.chdir("/")
            warnings.simplefilter("error")
            sys.stdout = sys.stderr = None
            os.environ.clear()
        if mode == "writes": os.write(1, b"raw bytes on descriptor 1\\n")
        if mode == "replies":
            for descriptor in range(3, 30):
                try: os.write(descriptor, b"garbage" * 10)
                except OSError: pass
        if mode == "threads":
            import threading
            threading.Thread(target=time.sleep, args=(1000,)).start()


class Property(Rude):
    @property
    def training(self): sys.exit(0)
    @training.setter
    def training(self, value): pass
"""


@dataclass(frozen=True)
class Mode:
    """What a network does, and words of the one error that comes of it; '' where its cell is as good as any."""

    name: str
    words: str = ""


MODES = (
    Mode("exit", "raised SystemExit on image"),
    Mode("exit3", "raised SystemExit on image"),
    Mode("hard-exit", "its process ended with exit code 0"),
    Mode("generator-exit", "raised GeneratorExit on image"),
    Mode("interrupt", "raised KeyboardInterrupt on image"),
    Mode("stop-iteration", "raised StopIteration on image"),
    Mode("memory", "ran out of memory on image"),
    Mode("loop", "its process gave no answer within 2 s (--timeout)"),
    Mode("sleep", "its process gave no answer within 2 s (--timeout)"),
    Mode("forks", "more than 64 processes"),
    Mode("abort", "its process ended by signal 6"),
    Mode("segfault", "its process ended by signal 11"),
    Mode("kill", "its process ended by signal 9"),
    Mode("long", "xxx ..."),
    Mode("lines", "first"),
    Mode("markup", r"[red]\x1b[31m\u202e"),
    Mode("silent", "its message cannot be had"),
    Mode("recursion", "raised RecursionError"),
    Mode("close", "its process ended"),
    Mode("none", "raised TypeError on image"),
    Mode("nan", "NaN or infinite"),
    Mode("small", "must match"),
    Mode("replies", "its process was stopped"),
    Mode("built exit", "raised SystemExit in"),
    Mode("built generator-exit", "GeneratorExit while it was built"),
    Mode("built abort", "its process ended by signal 6"),
    Mode("built silent", "while it was built"),
    Mode("state"),
    Mode("writes"),
    Mode("threads"),
)
IMPORTS = {
    "import sys; sys.exit(0)": "raised SystemExit on import",
    "raise GeneratorExit": "raised GeneratorExit on import",
    "import os; os._exit(0)": "its process ended with exit code 0",
    "import os; os.abort()": "its process ended by signal 6",
    "while True: pass": "its process gave no answer within",
    "raise ValueError('x' * 100_000)": "raised ValueError on import",
    "import os; os.fork(); os.fork()": "no attribute",
    "class E(Exception):\n def __str__(self): raise RuntimeError\nraise E": "on import",
}
"""What a file does when it is imported, and what is said of it."""
