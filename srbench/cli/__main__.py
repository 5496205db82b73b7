"""``python -m srbench.cli``."""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while modules are imported ends without a traceback

from srbench.cli.main import main  # noqa: E402

signal.signal(signal.SIGINT, signal.default_int_handler)
main()
