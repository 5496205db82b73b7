"""The platforms that srbench itself writes bundles for."""

from __future__ import annotations

from srbench.challenge.platforms import check_codabench, check_codalab, check_evalai, codabench, codalab, evalai
from srbench.challenge.platforms.platform import Platform


def own_platforms() -> tuple[Platform, ...]:
    """All of them, in the order in which they are shown."""
    return (
        Platform("codabench", "Codabench", codabench.write, check_codabench.check, "competition.yaml"),
        Platform("codalab", "CodaLab", codalab.write, check_codalab.check, "competition.yaml"),
        Platform("evalai", "EvalAI", evalai.write, check_evalai.check, "challenge_config.yaml"),
    )
