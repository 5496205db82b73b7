"""Weights that authors keep in a public repository, pinned to a commit, as entries of a card. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from srbench.models.card import Weights

File = tuple[str, int, str]
"""Path in the repository, bytes, sha256."""


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub at one commit: where its files are and under which licence.

    ``licence`` is that of the repository, an SPDX id, or 'unstated' where it states none.
    """

    name: str
    commit: str
    licence: str

    def weights(
        self, files: Mapping[int, File], *, key: str | None = None, key_map: str | None = None, note: str = ""
    ) -> tuple[Weights, ...]:
        """One entry of released weights per scale of ``files``; ``key`` where a file holds several sets of weights.

        >>> repository = Repository("owner/name", "0" * 40, "MIT")
        >>> repository.weights({4: ("model zoo/x4.pth", 10, "f" * 64)})[0].url[-19:]
        '/model%20zoo/x4.pth'
        """
        return tuple(
            Weights(
                tag="released",
                scale=scale,
                origin="released",
                url=f"https://raw.githubusercontent.com/{self.name}/{self.commit}/{quote(path)}",
                bytes=size,
                sha256=sha256,
                licence=self.licence,
                key=key,
                key_map=key_map,
                note=note,
            )
            for scale, (path, size, sha256) in files.items()
        )
