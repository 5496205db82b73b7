"""One reader under coverage guidance, where atheris is installed (Linux; ``pip install atheris``).

``python -m tests.fuzz.guided "weights legacy" -max_total_time=60 -rss_limit_mb=4096``; what stands behind the name are
libFuzzer's options. It begins with the reader's seeds, and leaves a file behind that escapes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Fuzz until the options say that it is enough."""
    try:
        import atheris
    except ImportError:
        sys.exit("atheris is not installed here: python -m pip install atheris")
    with atheris.instrument_imports(include=["srbench"]):
        from tests.fuzz.readers import BY_NAME
    from tests.fuzz.trial import Tally, give

    if len(sys.argv) < 2 or sys.argv[1] not in BY_NAME:
        sys.exit(f"expected the name of a reader: {', '.join(BY_NAME)}")
    reader = BY_NAME[sys.argv.pop(1)]

    def one(data: bytes) -> None:
        tally = Tally()
        give(reader, data, tally)
        if tally.escapes:
            raise AssertionError(tally.listed())

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(reader.seeds()):
            (Path(corpus) / f"seed{number}").write_bytes(seed)
        atheris.Setup([sys.argv[0], *sys.argv[1:], corpus], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
