"""Sentences and short labels about what a result was made with. Data is stored; words are made where they are shown."""

from __future__ import annotations

from collections.abc import Iterable

from srbench.models.words import diagnosis_sentences, note_sentence, weights_sentence
from srbench.quantities import find_quantity
from srbench.results.record import Computed, CostRecord, FormatTrial, QualityRecord, Substitution, Tiles
from srbench.results.trust import Apart, Doubt

INSTEAD, NO_WEIGHTS, BELOW, TILES, OTHER_FORM = "Used instead", "No weights", "Below bicubic", "Tiles", "Other form"
FORMAT = "Memory format"
TAKEN = "Taken"


def unknown_lines(records: Iterable[QualityRecord | CostRecord]) -> list[str]:
    """A line for each quantity of these results that nothing here knows, such as that of a plugin that is not given."""
    names = dict.fromkeys(name for record in records for name in (*record.values, *record.missing))
    return [
        f"quantity '{name}' of these results is not known here and left out; give the file that registers it with "
        "--plugin, or install its package"
        for name in names
        if find_quantity(name) is None
    ]


def substitution_sentence(what: Substitution, subject: str, several: bool = False) -> str:
    """One substitution in a sentence; ``subject`` is the model with its scale, such as "imdn x4", or ``several``.

    >>> substitution_sentence(Substitution("weights", "released", "bundled", "none were released"), "imdn x4")
    "imdn x4 uses srbench's own bundled weights, not its authors', because none were released."
    """
    if what.kind == "weights":
        return weights_sentence(what, subject, several)
    if what.kind == "dataset":
        return f"{what.used} instead of {what.wanted}, whose files cannot be had: {what.why}."
    return what.why if what.kind == "said" else note_sentence(what)


def substitution_label(what: Substitution) -> str:
    """What kind of departure it is: "No weights" where nothing took their place, "Taken" what is none."""
    if what.kind == "form":
        return OTHER_FORM
    if what.kind == "checkpoint-key":
        return TAKEN
    return NO_WEIGHTS if what.kind == "weights" and what.used == "none" else INSTEAD


def substitution_pill(what: Substitution) -> str:
    """A substitution in a word or two, to stand in a table's row beside the whole sentence.

    >>> substitution_pill(Substitution("weights", "released", "bundled", "none were released"))
    'bundled'
    """
    if what.kind == "weights":
        return "no weights" if what.used == "none" else what.used
    pills = {"dataset": "other images", "form": "other form", "checkpoint-key": "taken"}
    return pills.get(what.kind, "stand-in" if what.kind == "stand-in" else "see above")


def subject_of(record: QualityRecord | CostRecord) -> str:
    """The model of a result with its scale, as sentences name it."""
    return f"{record.model.name} x{record.scale}"


def tiles_sentence(tiles: Tiles) -> str:
    """How images were cut, and what that changes.

    >>> tiles_sentence(Tiles(tile=256, overlap=27, exact=True))
    'Images were cut into tiles of 256 LR pixels with 27 around them, as far as the network looks.'
    """
    cut = f"Images were cut into tiles of {tiles.tile} LR pixels with {tiles.overlap} around them"
    if tiles.exact:
        cut += ", as far as the network looks"
    else:
        cut += ", which is not exact: the network looks at more of the image"
    if tiles.measured_on is None:
        return f"{cut}."
    if tiles.largest_difference == 0:
        return f"{cut}; the same pixels as from a whole image of {'x'.join(map(str, tiles.measured_on))}."
    return (
        f"{cut}; on {'x'.join(map(str, tiles.measured_on))} pixels tiles of {tiles.tried_tile} differ by at most "
        f"{tiles.largest_difference} grey levels from the whole (PSNR between them {tiles.decibels:.2f} dB)."
    )


def trial_sentence(trial: FormatTrial, chosen: str) -> str:
    """Which memory format a trial spoke for, and why.

    >>> trial_sentence(FormatTrial(lr_size=(120, 80), contiguous_ms=9, channels_last_ms=7, differing=2, values=460800),
    ...                "channels_last")
    'channels_last, after a trial on 120x80: 7.0 ms against 9.0 contiguous, 2 of 460800 8-bit values differ.'
    """
    where = f"{chosen}, after a trial on {'x'.join(map(str, trial.lr_size))}"
    if trial.channels_last_ms is None:
        return f"{where}: the network fails in channels_last."
    differing = f"{trial.differing} of {trial.values} 8-bit values differ"
    if chosen == "contiguous":
        return f"{where}: {trial.contiguous_ms:.1f} ms against {trial.channels_last_ms:.1f} channels_last, {differing}."
    return f"{where}: {trial.channels_last_ms:.1f} ms against {trial.contiguous_ms:.1f} contiguous, {differing}."


def format_sentence(computed: Computed) -> str:
    """The memory format where it is not the usual one; '' where it is."""
    if computed.memory_format == "contiguous":
        return ""
    return f"Computed in the memory format {computed.memory_format}, which rounds otherwise in the last bits."


def remarks(record: QualityRecord | CostRecord) -> tuple[tuple[str, str, str], ...]:
    """(label, pill, sentence) of everything that must be said beside a result's values."""
    found = [
        (substitution_label(what), substitution_pill(what), substitution_sentence(what, subject_of(record)))
        for what in record.substitutions
    ]
    if isinstance(record, QualityRecord) and record.computed is not None and record.computed.tiles is not None:
        found.append((TILES, "tiles", tiles_sentence(record.computed.tiles)))
    if isinstance(record, QualityRecord) and record.computed is not None and format_sentence(record.computed):
        found.append((FORMAT, record.computed.memory_format, format_sentence(record.computed)))
    notes = record.notes if isinstance(record, QualityRecord) else ()
    found += [(BELOW, "below bicubic", " ".join(diagnosis_sentences(record.model.title, note))) for note in notes]
    return tuple(found)


def sentences(record: QualityRecord | CostRecord) -> tuple[str, ...]:
    """The sentences of :func:`remarks`."""
    return tuple(sentence for _, _, sentence in remarks(record))


_SHOWN_DOUBTS = 3


def doubt_sentence(doubt: Doubt) -> str:
    """One disagreement in a sentence.

    >>> doubt_sentence(Doubt("value", "niqe@1 over all images", "3.9", "77.77"))
    'niqe@1 over all images: expected 3.9, got 77.77.'
    """
    if doubt.kind == "duplicate":
        return f"{doubt.about} differ from those of {doubt.wanted.removeprefix('those of ')}, which is of the same."
    return f"{doubt.about}: expected {doubt.wanted}, got {doubt.got}."


def doubt_lines(apart: Iterable[Apart]) -> list[tuple[str, str]]:
    """(file, why it is in no table) of every result that stands apart, in the order of the files."""
    return [(one.path.name, doubt_sentences(one)) for one in sorted(apart, key=lambda one: str(one.path))]


def doubt_sentences(apart: Apart) -> str:
    """All that is doubted of a result, the first few disagreements in full."""
    shown = [doubt_sentence(doubt) for doubt in apart.doubts[:_SHOWN_DOUBTS]]
    more = len(apart.doubts) - len(shown)
    return " ".join([*shown, *([f"(and {more} more)"] if more else [])])
