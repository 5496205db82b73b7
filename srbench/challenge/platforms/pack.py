"""Folders packed as zips that are the same for the same files."""

from __future__ import annotations

import zipfile
from pathlib import Path

_DATE = (2020, 1, 1, 0, 0, 0)


def pack(folder: Path, target: Path) -> None:
    """Write the files below ``folder`` into a zip; PNGs and zips, which are packed already, are stored."""
    part = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _DATE)
                info.external_attr = 0o644 << 16
                stored = path.suffix.lower() in (".png", ".zip")
                info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
                with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as packed:
                    while block := source.read(1 << 20):
                        packed.write(block)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
