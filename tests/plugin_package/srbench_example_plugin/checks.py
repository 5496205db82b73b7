"""An audit check: PSNR above 50 dB is printed nowhere."""

from srbench.leaderboard.audit import Check, Checks, Finding


def _run(material):
    cells = [c for c in material.cells if c.cell.metric == "psnr" and c.value.is_number]
    high = tuple(c for c in cells if c.value.number > 50)
    texts = ("PSNR above 50 dB", f"{len(high)} cells print more than 50 dB.", "No network reaches that.")
    found = [Finding("example-high", "example", "value", "suspicious", *texts, cells=high)] if high else []
    return Checks(found, len(cells))


CHECK = Check("example-high", "example", "PSNR that is too high", _run)
