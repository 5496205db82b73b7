"""The process that holds one model and times passes when told to: ``python -m srbench.cost.worker``.

It reads one JSON request per line from stdin and answers each with one JSON line on its real stdout; whatever
the model prints goes to stderr. Requests: load, warm, sample, naive, peak, quit.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import IO, Any

from srbench.errors import SrbenchError
from srbench.lifeline import end_with_parent


class Worker:
    """State of the process: one network in one variant, and a runner per input size."""

    def __init__(self) -> None:
        self.network: Any = None
        self.variant: Any = None
        self.runners: dict[tuple[int, int], tuple[Any, float]] = {}
        self.shape_of: Any = None
        self.tuning: Any = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what ``request`` asks; its keys besides ``do`` are the arguments."""
        arguments = {k: v for k, v in request.items() if k != "do"}
        reply: dict[str, Any] = getattr(self, f"do_{request['do']}")(**arguments)
        return reply

    def do_load(
        self, model: str | dict[str, Any], scale: int, plugins: list[str], variant: dict[str, Any]
    ) -> dict[str, Any]:
        """Build the network of ``model`` (a registered name, ``net.py:Net``, or a card) with its initial weights."""
        import torch

        from srbench.cost.allocator import tune
        from srbench.cost.backends import Variant, check_variant
        from srbench.cost.count import input_shape
        from srbench.cost.source import open_network
        from srbench.models.card import ModelCard
        from srbench.plugins import import_file

        self.variant = Variant(**variant)
        if self.variant.threads:
            torch.set_num_threads(self.variant.threads)
        check_variant(self.variant)
        self.tuning = tune() if self.variant.on_cpu and self.variant.allocator == "warm" else None
        for path in plugins:
            import_file(path)
        torch.manual_seed(0)
        source = open_network(
            model if isinstance(model, str) else ModelCard.model_validate(model), scale, device=self.variant.device
        )
        self.network = source.network
        card = source.card
        self.shape_of = lambda size: input_shape(source.fitting(size), card.channels, scale, card.pre_upsampled)
        return {"title": card.title}

    def runner(self, size: list[int]) -> tuple[Any, float]:
        """The runner for one size and its difference from eager; made, and checked, on first use."""
        import torch

        from srbench.cost.backends import prepare

        key = (size[0], size[1])
        if key not in self.runners:
            generator = torch.Generator().manual_seed(0)
            x = torch.rand(self.shape_of(key), generator=generator)
            self.runners = {key: prepare(self.network, x, self.variant)}  # one size at a time, to free the others
        return self.runners[key]

    def do_naive(self, sizes: list[list[int]], images: int) -> dict[str, Any]:
        """The challenges' loop: from the first pass on, no warm-up, over ``images`` images of the given sizes."""
        import torch

        from srbench.cost.clock import time_once

        samples = []
        for i in range(images):
            size = sizes[i % len(sizes)]
            x = torch.rand(self.shape_of((size[0], size[1]))).to(self.variant.device)
            network = self.network.to(self.variant.device)

            def run(x: Any = x, network: Any = network) -> None:
                with torch.inference_mode():
                    network(x)

            samples.append(time_once(run, self.variant.device))
        return {"samples_ms": samples}

    def do_warm(self, size: list[int], seconds: float) -> dict[str, Any]:
        """Check the variant against eager, then warm up on one size."""
        import torch

        from srbench.cost.clock import warm_up

        run, difference = self.runner(size)
        warm = warm_up(run, self.variant.device, seconds)
        return {
            "samples_ms": list(warm.samples_ms),
            "stable": warm.stable,
            "difference": difference,
            "threads": torch.get_num_threads(),
            "allocator": asdict(self.tuning) if self.tuning is not None else None,
        }

    def do_sample(self, size: list[int], passes: int, discard: int) -> dict[str, Any]:
        """Time ``passes`` passes after ``discard`` untimed ones."""
        from srbench.cost.clock import UsageMeter, time_once

        run, _ = self.runner(size)
        for _ in range(discard):
            run()
        meter = UsageMeter()
        samples = [time_once(run, self.variant.device) for _ in range(passes)]
        return {"samples_ms": samples, "usage": asdict(meter.read())}

    def do_peak(self, threads: int | None, device: str, precision: str) -> dict[str, Any]:
        """MAC/s this machine reaches on a large matrix product and a large convolution."""
        from srbench.cost.allocator import tune
        from srbench.cost.roofline import machine_peak

        if not device.startswith("cuda"):
            tune()
        return machine_peak(threads, device, precision)


def serve(requests: IO[str], replies: IO[str]) -> None:
    """Answer requests until ``quit`` or the end of the input; an exception is an answer, not an end."""
    worker = Worker()
    for line in requests:
        request = json.loads(line)
        if request["do"] == "quit":
            return
        try:
            reply = {"ok": True, **worker.answer(request)}
        except SrbenchError as error:
            reply = {"ok": False, "error": str(error)}
        except Exception as error:  # a model can raise anything; the others must still be measured
            first_line = (str(error).strip().splitlines() or [""])[0]
            reply = {"ok": False, "error": f"{type(error).__name__}: {first_line}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def main() -> None:
    """Serve on stdin and the real stdout; prints of models go to stderr."""
    end_with_parent()
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    serve(sys.stdin, replies)


if __name__ == "__main__":
    main()
