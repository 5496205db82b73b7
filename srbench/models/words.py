"""Sentences about how a network was opened, and about one that is worse than bicubic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srbench.models.notes import LoadNote

if TYPE_CHECKING:
    from srbench.models.notes import Diagnosis, Trial

SHOWN_ITEMS = 6
MUCH_WORSE_DB = 10.0
"""Below bicubic by so much, no way of feeding a network is worth a try."""
MUCH_BETTER_DB = 3.0
"""Another way of feeding a network is named although it stays below bicubic, if it is better by so much."""


def note_sentence(note: LoadNote) -> str:
    """One note in words, without the model's name.

    >>> note_sentence(LoadNote("stand-in", "timm", "a stand-in", "it is not installed"))
    'timm is replaced by a stand-in of srbench: it is not installed.'
    >>> note_sentence(LoadNote("checkpoint-key", "one set of weights", "params_ema", items=("params",)))
    'the weights are those under params_ema; the file also holds params (--key).'
    """
    why = f": {note.why}" if note.why else ""
    if note.kind == "stand-in":
        used = "replaced by a stand-in of srbench" if note.used else "left out, and the network does not use it"
        return f"{note.wanted} is {used}{why}."
    if note.kind == "no-cuda":
        return f"its code asks for a GPU by {note.wanted}, and stays on the CPU{why}."
    if note.kind == "checkpoint-key" and note.items and note.wanted == "one set of weights":
        return f"the weights are those under {note.used}; the file also holds {_few(note.items)} (--key)."
    if note.kind == "checkpoint-key":
        left_out = f"; the file also holds {_few(note.items)}" if note.items else ""
        return f"the file's {note.wanted} were taken as {note.used}{left_out}."
    if note.kind == "form":
        return f"its costs are those of the network {note.used}; {note.wanted} {note.why}."
    if note.kind == "skipped-weights":
        return f"its weights are incomplete, {note.used} were loaded: {_few(note.items)}."
    return f"{note.used or 'nothing'} is used instead of {note.wanted}{why}."


def weights_sentence(instead: LoadNote, subject: str, several: bool = False) -> str:
    """What is used in place of a model's released weights, and why; ``subject`` is the model, such as "imdn x4".

    ``several``: the subject is more than one model.

    >>> weights_sentence(LoadNote("weights", "released", "bundled", "none were released"), "imdn x4")
    "imdn x4 uses srbench's own bundled weights, not its authors', because none were released."
    """
    if instead.used == "bundled":
        verb, whose = ("use", "their") if several else ("uses", "its")
        return f"{subject} {verb} srbench's own bundled weights, not {whose} authors', because {instead.why}."
    costs = "their costs are" if several else "its cost is"
    return f"{without_weights(instead, subject, several)}, so only {costs} measured."


def without_weights(instead: LoadNote, subject: str, several: bool = False) -> str:
    """That a model has no weights at all, and why, as a clause without its full stop."""
    return f"{subject} {'have' if several else 'has'} no weights ({instead.why}; none are bundled)"


def diagnosis_sentences(title: str, found: Diagnosis) -> tuple[str, ...]:
    """What to say about a network whose result is below bicubic: the figures, and what would help."""
    now = "fails" if found.declared.value is None else f"gives {found.declared.value:.2f} dB"
    first = f"{title} {now} on one image where bicubic gives {found.bicubic:.2f} dB, fed {_fed(found.declared)}."
    best, declared = found.best.value, found.declared.value
    if not found.explained and best is not None and (declared is None or best > declared + MUCH_BETTER_DB):
        if best < found.bicubic - MUCH_WORSE_DB:
            return first, "No other range, channel order or mean shift comes near bicubic: are these its weights?"
        nearest = f"Fed {_fed(found.best)} it gives {best:.2f} dB, nearest to bicubic though below it: {_advice(found)}"
        return first, nearest
    if not found.explained:
        return first, "No other range, channel order or mean shift is better than bicubic: are these its weights?"
    alike = [trial for trial in found.undetermined if trial.way != found.declared.way]
    also = "; ".join(f"{_fed(trial)} {trial.value:.2f} dB" for trial in alike[:2])
    second = (
        f"Fed {_fed(found.best)} it gives {found.best.value:.2f} dB{f' ({also})' if also else ''}: {_advice(found)}"
    )
    return first, second


def _advice(found: Diagnosis) -> str:
    now, best = found.declared, found.best
    options = [f"--range {best.input_range}"] if best.input_range != now.input_range else []
    options += [f"--order {best.order}"] if best.order != now.order else []
    steps = [f"give {' '.join(options)}"] if options else []
    steps += ["take the mean colour off in its forward"] if best.shifted else []
    return f"{' and '.join(steps)}."


def _fed(trial: Trial) -> str:
    mean = " less DIV2K's mean" if trial.shifted else ""
    return f"{trial.order.upper()} in [0, {trial.input_range}]{mean}"


def _few(items: tuple[str, ...]) -> str:
    more = len(items) - SHOWN_ITEMS
    return ", ".join(items[:SHOWN_ITEMS]) + (f" and {more} more" if more > 0 else "")
