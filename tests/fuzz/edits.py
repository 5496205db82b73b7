"""Edits of files, as pure functions of the file and two numbers: of bytes, and of what the bytes mean.

Hypothesis draws which edits are made and with which numbers; nothing here is random. An edit that does not fit the file
(a zip's on a file that is no zip any more) changes a byte instead.
"""

from __future__ import annotations

import io
import json
import pickletools
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

Edit = Callable[[bytes, int, int, Sequence[bytes]], bytes]
"""(data, a, b, seeds) -> data: ``a`` says where, ``b`` what; both are any 32-bit numbers."""

LARGEST = 1 << 20
INTERESTING = (
    0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
    1 << 32, 1 << 40, (1 << 63) - 1, 1 << 63, (1 << 64) - 1,
)  # fmt: skip


def set_byte(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """One byte becomes another."""
    return data[: (at := a % max(1, len(data)))] + bytes([b % 256]) + data[at + 1 :]


def flip_bit(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """One bit turns over."""
    at = a % max(1, len(data))
    return data[:at] + bytes([data[at] ^ (1 << b % 8)]) + data[at + 1 :] if data else b"\x01"


def truncate(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """The end is missing."""
    return data[: a % (len(data) + 1)]


def remove(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """A few bytes are missing."""
    at = a % (len(data) + 1)
    return data[:at] + data[at + 1 + b % 64 :]


def repeat(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """A part comes twice."""
    at = a % (len(data) + 1)
    end = at + 1 + b % 256
    return data[:end] + data[at:]


def splice(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """The rest is another file's."""
    other = seeds[b % len(seeds)]
    return data[: a % (len(data) + 1)] + other[(b >> 8) % (len(other) + 1) :]


def set_length(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """A number of 2, 4 or 8 bytes, as lengths and offsets are, becomes one of those that break programs."""
    size, form = ((2, "H"), (4, "I"), (8, "Q"))[b % 3]
    order = "<>"[(b >> 2) % 2]
    at = a % max(1, len(data) - size + 1)
    value = INTERESTING[(b >> 3) % len(INTERESTING)] % (1 << 8 * size)
    return data[:at] + struct.pack(order + form, value) + data[at + size :]


BYTES: tuple[Edit, ...] = (set_byte, flip_bit, truncate, remove, repeat, splice, set_length)

_NUMBERS = (
    "0", "-1", "1e308", "-1e400", "nan", "inf", "1_0", "0x10", "9" * 400, "1e-320", "99999999999999999999", "0.0", "x",
    "true", "null", "٣",
)  # fmt: skip
_WORDS = (
    "", "''", '"', "\\", "[", "]", "{", "}", "(", ")", ",", ":", "=", "#", "\n", "\r", "\0", "\ufeff", "\u202e", "é",
    "$", "%", "../..", "/", "\t", "None", "...", "*", "**", "lambda: 0", "{" * 3, "[" * 200, "(" * 150, "-" * 300,
    "a" * 3000, "&a", "*a", "!!python/object:os.system", "|", "- ", "x:", "<script>", "1/0",
    "\\multicolumn{9999999}{c}{x}",
)  # fmt: skip


def change_token(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """A word, number or sign of a text becomes another, goes, comes twice, or changes places with its neighbour."""
    text = data.decode("utf-8", "surrogateescape")
    tokens = re.findall(r"\w+|\s+|.", text, re.DOTALL)
    if not tokens:
        return data
    at, how, which = a % len(tokens), b % 8, b >> 3
    if how < 3:
        pool = _NUMBERS if re.fullmatch(r"\d+", tokens[at]) and which % 4 else _WORDS
        tokens[at] = pool[(which >> 2) % len(pool)]
    elif how == 3:
        del tokens[at : at + 1 + which % 4]
    elif how == 4:
        tokens[at:at] = tokens[at : at + 1 + which % 12]
    elif how == 5:
        other = which % len(tokens)
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif how == 6:
        tokens.insert(at, _WORDS[which % len(_WORDS)])
    else:
        tokens[at] = tokens[which % len(tokens)]
    return "".join(tokens).encode("utf-8", "surrogateescape")


def change_line(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """A line goes, comes twice, or moves."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    line = lines.pop(a % len(lines))
    if b % 3:
        lines.insert((b >> 2) % (len(lines) + 1), line)
    if b % 3 == 2:
        lines.insert((b >> 4) % (len(lines) + 1), line)
    return b"".join(lines)


TEXT: tuple[Edit, ...] = (change_token, change_token, change_token, change_line, set_byte, truncate, splice)

_DEEP, _LONG = "@@deep@@", "@@long@@"
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 3, 2**31, 2**63, 2**64, 10**30, 10**400, -(10**400), _LONG, 0.5, -0.0, 1e308,
    -1e308, 1e-320, float("nan"), float("inf"), -float("inf"), "", " ", "x", "4", "1e5", "nan", "x" * 10_000,
    "\ud800", "a\x00b", "\u202e", "[red]", "=1+1", "../../x", "two\nlines", "٣", [], {}, [[]], [None], {"": None},
    [0, 0], [1, 2], [-1, -1], [10**9, 10**9], [1.5, 2.5], {"x": {"x": {}}}, _DEEP,
    "2026-99-99", "user:x", "cuda:0", "%s", "{0}",
)  # fmt: skip


def change_json(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """A value of a JSON file (or of one of its lines) becomes another, goes, comes twice, or changes its name."""
    lines = data.splitlines(keepends=True) if data[:1] == b"{" and data.count(b"\n{") else [data]
    at = (a >> 24) % len(lines)
    try:
        root = [json.loads(lines[at])]
    except (ValueError, RecursionError):
        return set_byte(data, a, b, seeds)
    places = list(_places(root))
    holder, key = places[a % len(places)]
    how, which = b % 8, b >> 3
    if how < 5:
        holder[key] = _VALUES[which % len(_VALUES)]
    elif how == 5 and holder is not root:
        del holder[key]
    elif how == 6:
        source, name = places[which % len(places)]
        holder[key] = source[name] if json.dumps(source[name]).count("[") < 100 else None
    elif isinstance(holder, dict):
        value = _VALUES[which % len(_VALUES)]
        holder[value if isinstance(value, str) else f"{key}x"] = holder.pop(key)
    elif holder is not root:
        holder.insert(key, holder[key])
    try:
        text = json.dumps(root[0], indent=None if len(lines) > 1 else 1)
    except (ValueError, RecursionError):  # it holds itself now
        return set_byte(data, a, b, seeds)
    text = text.replace(f'"{_DEEP}"', "[" * 5000 + "]" * 5000).replace(f'"{_LONG}"', "9" * 5000)
    end = b"\n" if lines[at].endswith(b"\n") else b""
    return b"".join((*lines[:at], text.encode(), end, *lines[at + 1 :]))


def _places(holder: Any) -> Any:
    keys = list(holder) if isinstance(holder, dict) else range(len(holder))
    for key in keys:
        yield holder, key
        if isinstance(holder[key], (dict, list)):
            yield from _places(holder[key])


JSON: tuple[Edit, ...] = (change_json, change_json, change_json, change_json, set_byte, truncate)


def change_pickle(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """An instruction of a pickle becomes another one, goes, comes twice, or gets other arguments."""
    places = []
    try:
        for _, _, position in pickletools.genops(data):
            places.append(position)
    except Exception:  # what can be read of it is enough
        places = places[:]
    if len(places) < 2:
        return set_byte(data, a, b, seeds)
    at = a % (len(places) - 1)
    begin, end = places[at], places[at + 1]
    how, which = b % 6, b >> 3
    if how < 2:
        code = pickletools.opcodes[which % len(pickletools.opcodes)].code.encode("latin-1")
        return data[:begin] + code + data[begin + 1 :]
    if how == 2:
        return data[:begin] + data[end:]
    if how == 3:
        return data[:end] + data[begin:]
    if how == 4:
        code = pickletools.opcodes[which % len(pickletools.opcodes)].code.encode("latin-1")
        return data[:begin] + code + data[begin:]
    inside = data[begin + 1 : end]
    return data[: begin + 1] + set_length(inside, a >> 8, which, seeds)[: len(inside) or None] + data[end:]


PICKLE: tuple[Edit, ...] = (change_pickle, change_pickle, change_pickle, set_byte, set_length, truncate, splice)


def in_zip(*edits: Edit) -> Edit:
    """An edit of one member of a zip, or of its entry; the zip itself stays whole, checksums included."""

    def edit(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = [(info.filename, archive.read(info)) for info in archive.infolist()]
        except Exception:  # damaged by an edit before this one
            return set_byte(data, a, b, seeds)
        if not members:
            return data
        at = a % len(members)
        name, content = members[at]
        how, which = b % 8, b >> 3
        if how < 5:
            members[at] = (name, edits[which % len(edits)](content, a >> 4, which >> 3, [c for _, c in members]))
        elif how == 5:
            del members[at]
        elif how == 6:
            names = (f"{name}x", f"../{name}", f"/{name}", name.upper(), f"{name}/", "x" * 400, members[0][0], "é")
            members[at] = (names[which % len(names)], content)
        else:
            members.append((name, content))
        return zip_of(members)

    return edit


def zip_of(members: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of names and contents, the same bytes at any time."""
    import warnings

    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w", method) as archive:
        warnings.simplefilter("ignore")  # a name twice is what an edit is for
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return stream.getvalue()


def change_chunk(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """A chunk of a PNG changes inside, goes, comes twice or moves; its length and checksum are right all the same."""
    chunks, position = [], 8
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        chunks.append((data[position + 4 : position + 8], data[position + 8 : position + 8 + length]))
        position += 12 + length
    if not chunks:
        return set_byte(data, a, b, seeds)
    at = a % len(chunks)
    kind, inside = chunks[at]
    how, which = b % 8, b >> 3
    if how < 4:
        chunks[at] = (kind, BYTES[which % len(BYTES)](inside, a >> 8, which >> 3, seeds))
    elif how == 4:
        del chunks[at]
    elif how == 5:
        chunks.insert(which % (len(chunks) + 1), chunks[at])
    elif how == 6:
        kinds = (b"PLTE", b"tRNS", b"iCCP", b"zTXt", b"acTL", b"fcTL", b"fdAT", b"eXIf", b"IDAT", b"IHDR", b"IEND",
                 b"gAMA", b"pHYs", b"iTXt")  # fmt: skip
        chunks[at] = (kinds[which % len(kinds)], inside)
    else:
        chunks.insert(0, chunks.pop(at))
    parts = [struct.pack(">I", len(c)) + k + c + struct.pack(">I", zlib.crc32(k + c)) for k, c in chunks]
    return data[:8] + b"".join(parts)


def change_tar(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """A field of a tar's header changes, and the checksum with it."""
    begin = (a % max(1, len(data) // 512)) * 512
    head = data[begin : begin + 512]
    if len(head) < 512:
        return set_byte(data, a, b, seeds)
    place, size = ((0, 100), (100, 8), (124, 12), (136, 12), (156, 1), (157, 100), (257, 8), (345, 155))[b % 8]
    fills = (
        b"",
        b"7" * size,
        b"-1",
        b"\x80" + b"\xff" * size,
        b"\xff" * size,
        b"0",
        b"L",
        b"S",
        b"x",
        b"g",
        b"../x",
        b"1",
        b"2",
        b"5",
        b"8" * size,
    )
    filled = fills[(b >> 3) % len(fills)][:size].ljust(size, b"\0")
    head = head[:place] + filled + head[place + size :]
    head = head[:148] + b" " * 8 + head[156:]
    total = sum(head)
    head = head[:148] + f"{total:06o}\0 ".encode() + head[156:]
    return data[:begin] + head + data[begin + 512 :]


def change_safetensors(data: bytes, a: int, b: int, seeds: Sequence[bytes]) -> bytes:
    """The header of a safetensors file changes as JSON, and its length with it."""
    if len(data) < 8:
        return set_byte(data, a, b, seeds)
    (length,) = struct.unpack("<Q", data[:8])
    header = change_json(data[8 : 8 + length], a, b, [])
    return struct.pack("<Q", len(header)) + header + data[8 + length :]


def mutated(seeds: Sequence[bytes], edits: Sequence[Edit]) -> st.SearchStrategy[bytes]:
    """Files that come from ``seeds`` by one to three edits."""

    def apply(drawn: tuple[int, list[bytes]]) -> bytes:
        which, steps = drawn
        data = seeds[which]
        for step in steps:
            edit = edits[step[0] % len(edits)]
            data = edit(data, int.from_bytes(step[1:5], "big"), int.from_bytes(step[5:], "big"), seeds)[:LARGEST]
        return data

    steps = st.lists(st.binary(min_size=9, max_size=9), min_size=1, max_size=3)
    return st.tuples(st.integers(0, len(seeds) - 1), steps).map(apply)
