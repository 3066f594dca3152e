"""Damage to files, as disks, networks, other programs and people do it; everything from one seed."""

from collections.abc import Callable

import numpy as np

Mutation = Callable[[np.random.Generator, bytes], bytes]


def _cut(rng: np.random.Generator, data: bytes) -> bytes:
    return data[: int(rng.integers(1, max(2, len(data))))]


def _flipped(rng: np.random.Generator, data: bytes) -> bytes:
    damaged = bytearray(data)
    for place in rng.integers(0, len(damaged), int(rng.integers(1, 20))):
        damaged[place] ^= 1 << int(rng.integers(8))
    return bytes(damaged)


def _zeroed(rng: np.random.Generator, data: bytes) -> bytes:
    start = int(rng.integers(0, len(data)))
    length = int(rng.integers(1, max(2, len(data) // 4)))
    return data[:start] + bytes(min(length, len(data) - start)) + data[start + length :]


def _without_a_part(rng: np.random.Generator, data: bytes) -> bytes:
    start = int(rng.integers(0, len(data)))
    return data[:start] + data[start + int(rng.integers(1, max(2, len(data) // 4))) :]


def _parts_swapped(rng: np.random.Generator, data: bytes) -> bytes:
    a, b, c = np.sort(rng.integers(0, len(data) + 1, 3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def _more_behind(rng: np.random.Generator, data: bytes) -> bytes:
    return data + rng.bytes(int(rng.integers(1, 5000)))


def _head_of_noise(rng: np.random.Generator, data: bytes) -> bytes:
    length = int(rng.integers(1, min(64, len(data)) + 1))
    return rng.bytes(length) + data[length:]


def _huge_number(rng: np.random.Generator, data: bytes) -> bytes:
    start = int(rng.integers(0, max(1, min(400, len(data) - 4))))
    return data[:start] + b"\xff\xff\xff\x7f" + data[start + 4 :]


def _empty(rng: np.random.Generator, data: bytes) -> bytes:
    return b""


def _all_noise(rng: np.random.Generator, data: bytes) -> bytes:
    return rng.bytes(len(data))


BYTES: dict[str, Mutation] = {
    "cut off": _cut, "bits flipped": _flipped, "zeroes": _zeroed, "a part is missing": _without_a_part,
    "parts swapped": _parts_swapped, "more behind the end": _more_behind, "head of noise": _head_of_noise,
    "a huge number": _huge_number, "empty": _empty, "noise": _all_noise,
}  # fmt: skip


def _line(rng: np.random.Generator, data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    lines = data.split(b"\n")
    place = int(rng.integers(0, len(lines)))
    lines[place] = change(lines[place])
    return b"\n".join(lines)


def _separator(data: bytes) -> bytes:
    head = data.split(b"\n", 1)[0]
    return max((b",", b"\t", b";"), key=head.count)


def _cell(value: bytes) -> Mutation:
    def mutation(rng: np.random.Generator, data: bytes) -> bytes:
        between = _separator(data)

        def change(line: bytes) -> bytes:
            cells = line.split(between)
            cells[int(rng.integers(0, len(cells)))] = value
            return between.join(cells)

        return _line(rng, data, change)

    return mutation


def _missing_separator(rng: np.random.Generator, data: bytes) -> bytes:
    return _line(rng, data, lambda line: line.replace(_separator(data), b" ", 1))


def _more_separators(rng: np.random.Generator, data: bytes) -> bytes:
    return _line(rng, data, lambda line: line + 2 * _separator(data))


# What hits one line only: all others have to be read as before.
CELLS: dict[str, Mutation] = {
    "a stray quotation mark": _cell(b'"stray'),
    "another encoding": _cell("M\u00fcller".encode("latin-1")),
    "a number too large": _cell(b"1e999"),
    "text among numbers": _cell(b"n/a?"),
    "an empty cell": _cell(b""),
    "a control character": _cell(b"a\x00\x1bb"),
    "a missing separator": _missing_separator,
    "one more separator": _more_separators,
    "a line twice": lambda rng, data: _line(rng, data, lambda line: line + b"\n" + line),
}
TEXT: dict[str, Mutation] = {
    **CELLS,
    "other line ends": lambda rng, data: data.replace(b"\n", b"\r"),
    "UTF-16": lambda rng, data: data.decode("utf-8", "replace").encode("utf-16"),
}


def mutated(rng: np.random.Generator, data: bytes, text: bool = False) -> tuple[str, bytes]:
    """What was done to a file, and its bytes after that.

    Parameters
    ----------
    rng : Generator
    data : bytes
        At least one.
    text : bool
        A table or settings: half of the damage is what people and programs do to lines and cells.
    """
    kinds = TEXT if text and rng.random() < 0.5 else BYTES
    name = str(rng.choice(list(kinds)))
    return name, kinds[name](rng, data)
