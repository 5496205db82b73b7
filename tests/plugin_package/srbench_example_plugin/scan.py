"""A counting convention: every MAC, and nine per output element of an operator that only this package knows."""

from srbench.quantities import Convention


def price(trace):
    from srbench.cost.conventions import every_mac

    return every_mac(trace, {"example::scan": lambda args, out: 9 * out.numel()})


CONVENTION = Convention("example-scan", "every MAC, scans included", price)
