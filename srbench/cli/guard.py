"""The edge of the program: whatever happens, people get one sentence and an exit code, never a bare traceback."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from srbench.errors import Interrupted, SrbenchError
from srbench.printable import visible, warnings_in_one_line

INTERRUPTED = 130
DEFECT = 70
"""Exit code of what should not have happened (EX_SOFTWARE of sysexits.h)."""
_LONGEST = 8000
"""Characters of a foreign message that are shown; the rest is in the log."""


def prepare_streams() -> None:
    """Make stdout and stderr usable: closed ones swallow, and what an encoding cannot show becomes an escape.

    A warning of srbench itself is one line, without the place that it comes from.
    """
    warnings_in_one_line()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed when the program started
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - lives as long as we do
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def run(command: Callable[[], object]) -> int:
    """Run ``command`` and return the exit code; what it raises is said on stderr."""
    try:
        if not _has_working_directory() and not {"-h", "--help", "--version"} & set(sys.argv):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        command()
        return _flushed(0)
    except BrokenPipeError:  # whoever read our output has had enough
        _drop_output()
        return 0
    except (KeyboardInterrupt, click.Abort) as error:
        _end_at_once_from_now_on()
        _forget_the_interrupt()
        _say(f"interrupted; {_kept_by(error)}")
        return INTERRUPTED
    except click.ClickException as error:
        setattr(error, "message", _short(error.message))  # noqa: B010  # click declares it final
        with contextlib.suppress(OSError):
            error.show()
        return _flushed(error.exit_code)
    except SrbenchError as error:
        _say(f"error: {_short(str(error))}")
        return _flushed(error.exit_code)
    except (Exception, GeneratorExit) as error:
        foreseen = sentence_of(error)
        if foreseen is None:
            _say(f"error: {_defect(error)}")
            return DEFECT
        _say(f"error: {foreseen}")
        return _flushed(1)


def _kept_by(error: BaseException) -> str:
    """What an interrupted command says that it keeps; without its word, what holds of all of them."""
    for cause in (error, error.__cause__):  # click makes its own of it
        if isinstance(cause, Interrupted):
            return str(cause)
    return "finished cells and images are kept, the same command goes on from there."


def sentence_of(error: BaseException) -> str | None:
    """What went wrong outside of srbench, in one sentence; None where nothing like it was foreseen."""
    if isinstance(error, FileNotFoundError) and not _has_working_directory():
        return "the working directory is gone; change to a folder that exists and run again."
    if isinstance(error, OSError):
        reason = os.strerror(error.errno) if error.errno else str(error)
        if error.filename is None and error.errno in (errno.ENOSPC, errno.EIO, errno.EBADF, errno.EINVAL):
            if error.errno == errno.ENOSPC:
                return f"the output cannot be written: {reason}; free space there, or write it elsewhere."
            return f"a file or stream cannot be used: {reason}; check what the command reads and where it writes."
        named = f" '{os.fsdecode(error.filename)}'" if isinstance(error.filename, (str, bytes)) else ""
        return f"the system refuses{named}: {reason}; check that it exists and that you may use it."
    if isinstance(error, ImportError) and not (error.name or "").startswith("srbench"):
        return f"a package cannot be loaded ({error}); install it again, or free memory where that is what is short."
    if isinstance(error, MemoryError):
        return "the memory is used up; take smaller images, fewer --workers, or --tile."
    if isinstance(error, RuntimeError) and "Symlink loop" in str(error):
        return f"a link leads to itself ({error}); give the path of a file or folder."
    if isinstance(error, RuntimeError) and "home directory" in str(error):
        return "there is no such home folder; write the path without '~', or set HOME and SRBENCH_HOME."
    if isinstance(error, UnicodeDecodeError):
        return f"a file is no {error.encoding} text (at byte {error.start}); check that it is the file you meant."
    if isinstance(error, ValueError) and "null byte" in str(error):
        return "a name has a null byte, which no file's name has; write it again."
    if isinstance(error, UnicodeEncodeError):
        return f"a text cannot be written as {error.encoding}; set PYTHONIOENCODING=utf-8."
    return None


def _has_working_directory() -> bool:
    try:
        return Path.cwd().is_dir()
    except OSError:
        return False


def _defect(error: BaseException) -> str:
    """A sentence about what nobody foresaw, with the file that holds everything for a report."""
    description = f"{type(error).__name__}: {_text_of(error)}"
    log = _log(error)
    where = f"please report it with the file {log}" if log else "please report it with the command"
    return f"this should not have happened ({_short(description)}); {where}."


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # an exception of a stranger may fail at saying what it is
        return "without a message"


def _log(error: BaseException) -> Path | None:
    """Write command, versions and traceback to a new file; None where no folder takes one."""
    import platform
    import shlex
    import traceback

    try:
        trace = "".join(traceback.format_exception(error))
    except Exception:
        trace = f"{type(error).__name__} (its traceback cannot be made)\n"
    text = f"command: {shlex.join(sys.argv)}\npython: {platform.python_version()} on {platform.platform()}\n\n{trace}"
    try:
        handle, name = tempfile.mkstemp(prefix="srbench-error-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
    except OSError:
        return None
    return Path(name)


def _short(text: str) -> str:
    shown = visible(text, lines=True)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} ... ({len(shown) - _LONGEST} characters more)"


def _say(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        click.echo(text, err=True)


def _drop_errors_that_nothing_takes() -> None:
    """Where stderr is full, what waits to be written goes nowhere; else Python ends with a code of its own, 120."""
    try:
        sys.stderr.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _flushed(code: int) -> int:
    """``code``, once what was printed is out; 1 where the output does not take it."""
    _drop_errors_that_nothing_takes()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    except (OSError, ValueError) as error:
        _drop_output()
        if code == 0:
            _say(f"error: {sentence_of(error) or 'the output is closed; give the command one that is open.'}")
            return 1
    return code


def _drop_output() -> None:
    """Let the end of the program flush into nothing, so that it does not fail there."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())


def _end_at_once_from_now_on() -> None:
    """A second Ctrl-C, while things are put away, ends the program without another word."""
    with contextlib.suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))


def _forget_the_interrupt() -> None:
    """Let the exit code be ours.

    An interrupt that passes through ``exec`` of a text (dataclasses are made so, while modules are imported) stays
    noted in CPython, which then ends ``python -m`` by the signal although we caught it; the next text takes the note
    away.
    """
    eval("0")
