"""Stand-in for ``basicsr.utils``."""

import logging
from typing import Any


def get_root_logger(logger_name: str = "basicsr", *_arguments: Any, **_values: Any) -> logging.Logger:
    """A logger of that name."""
    return logging.getLogger(logger_name)
