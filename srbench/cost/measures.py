"""The quantities that a network itself has, as :mod:`srbench.quantities` asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srbench.quantities import CONVENTIONS, counted_as

if TYPE_CHECKING:
    from srbench.cost.record import Trace
    from srbench.quantities import NetworkSubject


def _trace(subject: NetworkSubject) -> Trace:
    from srbench.cost.trace import trace

    return trace(subject.network, subject.shape)


def _values(trace: Trace, conventions: tuple[str, ...]) -> dict[str, float]:
    from srbench.cost.conventions import price

    found = {"depth": float(trace.depth)}
    for name in conventions:
        priced = price(trace, name)
        found[counted_as("macs", name)] = float(priced.macs)
        found[counted_as("activations", name)] = float(priced.activations)
        found[counted_as("convs", name)] = float(priced.convs)
    return found


def counts(subject: NetworkSubject) -> dict[str, float]:
    """MACs, activations and convolutions under every registered convention, and the depth, from one pass."""
    return _values(_trace(subject), CONVENTIONS.names())


def params(subject: NetworkSubject) -> float:
    """Elements of all parameters, shared ones once."""
    return float(sum(p.numel() for p in subject.network.parameters()))


def macs(subject: NetworkSubject, convention: str = "macs") -> float:
    """Multiply-accumulates under a convention."""
    return _values(_trace(subject), (convention,))[counted_as("macs", convention)]


def activations(subject: NetworkSubject, convention: str = "macs") -> float:
    """Elements of the outputs of convolutions."""
    return _values(_trace(subject), (convention,))[counted_as("activations", convention)]


def convs(subject: NetworkSubject, convention: str = "macs") -> float:
    """Calls of convolutions."""
    return _values(_trace(subject), (convention,))[counted_as("convs", convention)]


def depth(subject: NetworkSubject) -> float:
    """Convolutions on the longest path through the data flow."""
    return float(_trace(subject).depth)


def memory(subject: NetworkSubject) -> float:
    """Peak bytes of one forward pass of batch 1, weights included, by the tracker on shapes."""
    from srbench.cost.memory import Live
    from srbench.cost.trace import trace

    live = Live(subject.network)
    trace(subject.network, subject.shape, observer=live)
    return float(live.result(subject.network, "tracker-fake").total_bytes)


def runtime(subject: NetworkSubject) -> float:
    """Median milliseconds of one forward pass of batch 1 in this process, warmed up."""
    from srbench.cost.count import Given
    from srbench.cost.runtime import measure

    return measure(subject.network, subject.shape[2:], given=Given(subject.shape[1]), device=subject.device).median_ms
