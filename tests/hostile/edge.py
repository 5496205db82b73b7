"""The command as its entry point runs it, within this process: code, stdout, stderr."""

from __future__ import annotations

import contextlib
import io

from srbench.cli import guard
from srbench.cli.main import app


class _Stream(io.StringIO):
    """A text stream that keeps what it was given when it is closed."""

    def close(self) -> None:
        self.flush()


def run_cli(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of ``srbench ARGUMENTS``, behind the guard at the edge."""
    out, err = _Stream(), _Stream()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = guard.run(lambda: app(list(arguments), prog_name="srbench", standalone_mode=False))
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
    return code, out.getvalue(), err.getvalue()
