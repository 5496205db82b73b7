"""``python -m srbench.cli``."""

from srbench.cli.main import main

main()
