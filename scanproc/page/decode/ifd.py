"""The chain of directories in a TIFF: which pages there are, and which of them are whole.

Decoders end quietly where the chain of a cut file breaks; here it is walked, and what each page
says of its data is held against the size of the file. TIFF 6.0 and BigTIFF, both byte orders.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scanproc.errors import Refused

SUBFILE, WIDTH, LENGTH, COMPRESSION, ORIENTATION = 254, 256, 257, 259, 274
_DATA = ((273, 279), (324, 325), (513, 514))  # offsets, sizes: strips, tiles, JPEG of TIFF 6.0
_WANTED = (SUBFILE, WIDTH, LENGTH, COMPRESSION, ORIENTATION,
           *(tag for pair in _DATA for tag in pair))
_INTEGERS = {1: "u1", 3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}  # type -> dtype
_REDUCED_OR_MASK = 0b101  # bits of NewSubfileType: a thumbnail or a mask is no page


@dataclass(frozen=True)
class Field:
    """Numbers in the file: where the first stands, as which dtype, and how many there are."""

    at: int
    dtype: np.dtype
    count: int = 1


@dataclass(frozen=True)
class Directory:
    """One page of a TIFF: where its directory begins, and the numbers that it gives, by tag."""

    offset: int
    fields: dict[int, Field]


class Tiff:
    """The bytes of a TIFF, read as its header says. `link` leads to the first directory."""

    def __init__(self, data: bytes):
        self._data = data
        self._order = "<" if data[:2] == b"II" else ">"
        self._is_big = 43 in data[2:4]
        self.link = Field(8, self._dtype("u8")) if self._is_big else Field(4, self._dtype("u4"))

    @property
    def first(self) -> int:
        """The offset of the first directory; -1 where the file ends before it is told."""
        return self._first(self.link, -1)

    def pages(self, most: int) -> tuple[list[Directory], Refused | None]:
        """The pages up to the last that can be reached, and why the rest cannot be.

        Stops when it has met more than `most`. A page that is not whole though a later one is
        stays in the list. Raises Refused where no page can be reached.
        """
        chain, end = self._chain(most)
        chain = [one for one in chain
                 if not self.number(one, SUBFILE, 0) & _REDUCED_OR_MASK] or chain
        reached = max((n for n, one in enumerate(chain, 1) if self.is_whole(one)), default=0)
        if reached < len(chain) or not chain:
            end = end or _cut()
        if end and not reached:
            raise end
        return chain[:reached], end

    def is_whole(self, directory: Directory) -> bool:
        """Does all the data of this page lie inside the file?"""
        starts, lengths = self._parts(directory)
        size = np.uint64(len(self._data))
        return (0 < starts.size == lengths.size and bool(np.all(starts < size))
                and bool(np.all(lengths <= size - starts)))

    def parts(self, directory: Directory) -> Iterator[bytes]:
        """The strips or tiles of a whole page, as they are stored."""
        for start, length in zip(*(part.tolist() for part in self._parts(directory)), strict=True):
            yield self._data[start:start + length]

    def _parts(self, directory: Directory) -> tuple[np.ndarray, np.ndarray]:
        """Where the page's data begins and how long it is, (N,) uint64 each."""
        for offsets, sizes in _DATA:
            if offsets in directory.fields:
                starts = self._values(directory.fields[offsets]).astype(np.uint64)
                if sizes not in directory.fields:  # as old programs write it
                    return starts, np.ones_like(starts)
                return starts, self._values(directory.fields[sizes]).astype(np.uint64)
        return np.empty(0, np.uint64), np.empty(0, np.uint64)

    def number(self, directory: Directory, tag: int, default: int) -> int:
        """The first number that a page gives under `tag`."""
        field = directory.fields.get(tag)
        return default if field is None else self._first(field, default)

    def _chain(self, most: int) -> tuple[list[Directory], Refused | None]:
        """All directories, thumbnails too, and why the chain broke where it did not end."""
        chain: list[Directory] = []
        seen: set[int] = set()
        link = self.link
        while (offset := self._first(link, -1)) and len(chain) <= most:
            if offset in seen:
                return chain, Refused("damaged", "its pages are chained in a circle; "
                                      "scan the sheets again")
            seen.add(offset)
            directory, link = self._directory(offset)
            if directory.fields.keys().isdisjoint((WIDTH, LENGTH)):
                return chain, _cut()
            chain.append(directory)
        return chain, None

    def _directory(self, offset: int) -> tuple[Directory, Field]:
        """The directory at `offset`, and the link after it."""
        counter = Field(offset, self._dtype("u8" if self._is_big else "u2"))
        entry = np.dtype([("tag", self._dtype("u2")), ("type", self._dtype("u2")),
                          ("count", self.link.dtype), ("value", self.link.dtype)])
        start = offset + counter.dtype.itemsize
        entries = self._values(Field(start, entry, self._first(counter, 0)))
        fields: dict[int, Field] = {}
        for n in np.flatnonzero(np.isin(entries["tag"], _WANTED)).tolist():
            tag, code, count, value = entries[n].tolist()
            if code not in _INTEGERS:
                continue
            dtype = self._dtype(_INTEGERS[code])
            inline = start + n * entry.itemsize + entry.fields["value"][1]
            fits = count * dtype.itemsize <= self.link.dtype.itemsize
            fields.setdefault(tag, Field(inline if fits else value, dtype, count))
        return Directory(offset, fields), Field(start + entries.nbytes, self.link.dtype)

    def _first(self, field: Field, default: int) -> int:
        return next(iter(self._values(field).tolist()), default)

    def _values(self, field: Field) -> np.ndarray:
        """(count,) of the field's dtype; none where they do not all lie inside the file."""
        end = field.at + field.count * field.dtype.itemsize
        if field.at < 0 or end > len(self._data):
            return np.empty(0, field.dtype)
        return np.frombuffer(self._data, field.dtype, field.count, field.at)

    def _dtype(self, code: str) -> np.dtype:
        return np.dtype(self._order + code)


def _cut() -> Refused:
    return Refused("cut", "the file ends before its last page does; "
                   "copy it again, or scan the sheets again")
