"""What stands on the pages of a PDF that Chromium prints."""

from __future__ import annotations

import re
import zlib


def printed(pdf: bytes) -> list[int]:
    """Runs of text on each page, in order."""
    objects = {
        int(found[1]): found[2] for found in re.finditer(rb"(?s)\n(\d+) 0 obj\s(.*?)\nendobj", b"\n" + pdf)
    }  # fmt: skip
    (tree,) = (body for body in objects.values() if b"/Type /Catalog" in body or b"/Type/Catalog" in body)
    root = int(re.search(rb"/Pages (\d+) 0 R", tree)[1])  # type: ignore[index]
    return [_runs(objects, page) for page in _pages(objects, root)]


def _pages(objects: dict[int, bytes], node: int) -> list[int]:
    kids = re.search(rb"(?s)/Kids\s*\[(.*?)\]", objects[node])
    if kids is None:
        return [node]
    return [page for kid in re.findall(rb"(\d+) 0 R", kids[1]) for page in _pages(objects, int(kid))]


def _runs(objects: dict[int, bytes], page: int) -> int:
    contents = re.search(rb"(?s)/Contents\s*(\[.*?\]|\d+ 0 R)", objects[page])
    if contents is None:
        return 0
    streams = (objects[int(number)] for number in re.findall(rb"(\d+) 0 R", contents[1]))
    texts = (zlib.decompressobj().decompress(body.split(b"stream", 1)[1].lstrip(b"\r\n")) for body in streams)
    return sum(len(re.findall(rb"T[jJ]\b", text)) for text in texts)
