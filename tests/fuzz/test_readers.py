"""Every reader gives a value or one sentence, whatever is in the file.

A thousand files in the ordinary tests, the same ones each time; as many as ``SRBENCH_FUZZ_CASES`` says, others for each
``SRBENCH_FUZZ_SEED``, with ``tox -e fuzz``. ``SRBENCH_FUZZ_KEEP=1`` puts what escapes into the corpus, whose files are
read in every run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.edits import mutated
from tests.fuzz.readers import BY_NAME, READERS
from tests.fuzz.trial import Tally, give, keep

CORPUS = Path(__file__).parent / "corpus"
CASES = int(os.environ.get("SRBENCH_FUZZ_CASES", "1000"))
ONLY_REFUSED = ("weights pickle",)
"""A pickle that torch did not write is never weights."""
SEED = int(os.environ.get("SRBENCH_FUZZ_SEED", "0"))


@pytest.mark.parametrize("name", BY_NAME)
def test_changed_files_give_a_value_or_a_sentence(name: str, record_property: Callable[[str, object], None]) -> None:
    reader, tally = BY_NAME[name], Tally()

    @hypothesis.seed(SEED)
    @settings(
        max_examples=-(-CASES // len(READERS)), deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(mutated(reader.seeds(), reader.edits))
    def one(data: bytes) -> None:
        give(reader, data, tally)

    began = time.process_time()
    one()
    record_property("fuzzed", (name, tally.cases, tally.refused, tally.escaped, time.process_time() - began))
    if os.environ.get("SRBENCH_FUZZ_KEEP"):
        for data in tally.escapes.values():
            keep(CORPUS, name, data)
    assert tally.cases > 0
    assert not tally.escapes, tally.listed()


@pytest.mark.parametrize("name", BY_NAME)
def test_sound_files_are_read(name: str) -> None:
    reader, tally = BY_NAME[name], Tally()
    for data in reader.seeds():
        give(reader, data, tally)
    assert not tally.escapes, tally.listed()
    assert tally.refused < tally.cases or name in ONLY_REFUSED, "a reader that refuses everything is not tested"


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*/*.bin")), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_what_escaped_once_does_not_again(file: Path) -> None:
    tally = Tally()
    give(BY_NAME[file.parent.name], file.read_bytes(), tally)
    assert not tally.escapes, tally.listed()
