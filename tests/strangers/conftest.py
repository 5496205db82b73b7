"""The networks under ``found/`` are written as they are met in the wild: nobody imports or tidies them."""

from __future__ import annotations

collect_ignore_glob = ["found/*"]
