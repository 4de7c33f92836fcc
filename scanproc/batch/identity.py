"""What a scan is: new, unchanged, renamed, a duplicate, replaced, or vanished. No side effects.

A reading belongs to bytes, and is given at one place at a time:

    the bytes still lie at their place            the document stays what it is
    they lie at another place, theirs is free     the document moves there (a rename)
    they lie at another place as well             that one is a duplicate
    other bytes lie at the place                  the document is superseded
    nothing lies at the place                     the document is missing, and keeps its rows
    a missing or moved document's name is met     with other bytes: another document, NAME#2
    a moved document's own bytes lie there again  the document is back

Where several places could be the one, the first by name is it; known ones go before new ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from itertools import count

from scanproc.batch.document import CURRENT, MOVED, SUPERSEDED, Document, by_file, free_name
from scanproc.batch.folder import UNKNOWN, Scan, printable, shown
from scanproc.errors import UsageError


class Catalog:
    """The known documents, and what becomes of them as scans are met.

    documents: all that the ledger knows. skip_duplicates: False where they are to be read.
    on_disk: whether a plain file lies at a path.
    After `meet`, each scan that it returned is given to `settle` (or `unread`), in order; after
    any of these, `drain` says what is to be written down. `counts` says what happened to how
    many: unchanged, new, renamed, replaced, duplicate, vanished, moved.
    """

    def __init__(self, documents: Iterable[Document], skip_duplicates: bool,
                 on_disk: Callable[[bytes], bool]):
        self.counts: Counter[str] = Counter()
        self._skip_duplicates = skip_duplicates
        self._on_disk = on_disk
        self._documents: dict[int, Document] = {}
        self._names: dict[str, int] = {}
        self._places: dict[bytes, int] = {}
        self._alike: defaultdict[str, set[int]] = defaultdict(set)
        self._settled: set[int] = set()
        self._tried_again: Collection[int] = ()
        self._vanished: set[int] = set()
        self._changed: set[int] = set()
        for document in sorted(documents, key=lambda known: (not known.missing, known.key)):
            self._put(document)
        self._keys = count(max(self._documents, default=0) + 1)
        self._changed.clear()

    def at(self, path: bytes) -> Document | None:
        """The document that was last met at this place."""
        return self._documents.get(self._places.get(path, 0))

    def owner(self, document: Document) -> Document:
        """The document that has the reading: itself, or for a duplicate the first one."""
        return document if document.first is None else self._documents[document.first]

    def met(self) -> set[int]:
        """Keys of the documents whose bytes were met, at their own place or as a duplicate."""
        return {self.owner(self._documents[key]).key for key in self._settled
                if key in self._documents}

    def to_read(self, keys: Collection[int]) -> list[Document]:
        """Those of these documents whose bytes were met and have no other owner, by name."""
        met = (self._documents[key] for key in self.met() if key in keys)
        return sorted((document for document in met
                       if document.sha256 and document.key in self._settled), key=by_file)

    def here(self) -> list[Document]:
        """The documents that lie where they were met, duplicates too, by name."""
        met = (self._documents[key] for key in self._settled if key in self._documents)
        return sorted((known for known in met if known.state == CURRENT), key=by_file)

    def mark(self, documents: Iterable[Document], state: str) -> None:
        """Notes that documents are moved away, or current after all."""
        for known in documents:
            self.counts["moved"] += 1 if state == MOVED else -1
            self._put(replace(known, state=state))

    def holds(self, folder: bytes) -> bool:
        """Whether a document is known to lie in the folder, or to have lain there last.

        Of a folder that documents were moved out of: whether one lay there until this run.
        """
        inside = [known for known in self._documents.values()
                  if known.path.startswith(folder + b"/")]
        if any(known.state == MOVED for known in inside):
            return any(known.key in self._vanished for known in inside)
        return any(known.state == CURRENT for known in inside)

    def check(self, scans: Iterable[Scan]) -> None:
        """Raises UsageError where a name stands for files of two different input folders."""
        scans = list(scans)
        places = {scan.path for scan in scans}
        for scan in scans:
            known = self._documents.get(self._names.get(scan.file, 0))
            if known and known.root != scan.root and known.path not in places:
                raise UsageError(
                    f"'{printable(scan.file)}' is known from {shown(known.root)} and would now "
                    f"come from {shown(scan.root)}; give this folder its own --out")

    def meet(self, scans: Iterable[Scan], digests: Mapping[bytes, tuple[Scan, str]],
             folders: Collection[bytes], tried_again: Collection[int] = ()) -> list[Scan]:
        """Settles every scan at a place that is known; returns those to `settle`, by name.

        digests: of the paths whose bytes were hashed, because their stamp was another or they
        are to be verified: the scan as it was then, and its sha256. folders: the input's.
        tried_again: keys of documents that could not be read and would be tried again: they are
        back under whatever name their bytes come.
        """
        self._tried_again = tried_again
        staying, arrivals = [], []
        for scan in scans:
            known = self.at(scan.path)
            if known is None:
                arrivals.append(scan)
                continue
            # bytes that could not be looked at are taken for the same if they may be as many
            alike = scan.stamp == UNKNOWN or scan.stamp.size == known.stamp.size
            unseen = known.sha256 if alike else ""
            scan, sha256 = digests.get(scan.path, (replace(scan, stamp=known.stamp), unseen))
            if sha256 == known.sha256:
                staying.append((known.key, scan))
            else:
                self._displace(known)
                arrivals.append(scan)
        self._stay(staying)
        self._mark_missing(folders)
        self._settle_duplicates([key for key, _ in staying])
        return arrivals

    def settle(self, scan: Scan, sha256: str) -> Document:
        """The document that bytes at a new place (or new bytes at a known one) are from now on."""
        back = self._back(scan, sha256)
        if back:
            return back
        alike = [self._documents[key] for key in self._alike[sha256]
                 if self._documents[key].first is None]
        lost = [known for known in alike if self._lost(known)]
        held = [known for known in alike if known not in lost]
        if held and self._skip_duplicates:
            self.counts["duplicate"] += 1
            return self._new(scan, sha256, min(held, key=by_file).key)
        if lost:
            best = min(lost, key=lambda known: (known.file != scan.file,
                                                known.state == SUPERSEDED, known.file))
            self.counts["renamed"] += best.file != scan.file
            return self._settle_at(best, scan)
        self.counts["new"] += 1
        return self._new(scan, sha256)

    def unread(self, scan: Scan) -> Document:
        """The document for a file whose bytes cannot be read, known or new."""
        known = self.at(scan.path)
        if known:
            return self._settle_at(known, scan)
        return self._back(scan, "") or self._new(scan, "")

    def drain(self) -> tuple[list[Document], list[int]]:
        """What changed since the last call: documents as they are now, and keys that are gone."""
        changed, self._changed = sorted(self._changed), set()
        return ([self._documents[key] for key in changed if key in self._documents],
                [key for key in changed if key not in self._documents])

    def _stay(self, staying: list[tuple[int, Scan]]) -> None:
        """Documents whose bytes are where they were; only the names of the inputs may differ."""
        self.counts["unchanged"] += len(staying)
        for key, scan in staying:  # all go before any takes the name of another one
            if not self._documents[key].is_called(scan.file):
                self._release_name(self._documents[key])
        for key, scan in staying:
            self._settle_at(self._documents[key], scan)

    def _mark_missing(self, folders: Collection[bytes]) -> None:
        inside = tuple(folder + b"/" for folder in folders)
        for known in list(self._documents.values()):
            if (known.state == CURRENT and not known.missing and known.key not in self._settled
                    and known.path.startswith(inside) and not self._on_disk(known.path)):
                self.counts["vanished"] += 1
                self._vanished.add(known.key)
                self._put(replace(known, missing=True))

    def _settle_duplicates(self, keys: list[int]) -> None:
        """Each reading at one place: duplicates follow the setting, and the fate of the first."""
        for key in keys:
            known = self._documents[key]
            if known.first is None:
                if self._skip_duplicates and known.sha256:
                    self._join(known)
            elif not self._skip_duplicates:
                self._put(replace(known, first=None))
            elif self._lost(self._documents[known.first]):
                first = self._documents[known.first]
                self._drop(known)
                self._settle_at(first, Scan(known.file, known.root, known.raw, known.stamp))
                self.counts["renamed"] += 1

    def _join(self, known: Document) -> None:
        """A document that was read although it is a duplicate becomes one."""
        owners = [self._documents[key] for key in self._alike[known.sha256]
                  if self._documents[key].first is None]
        first = min((owner for owner in owners if not self._lost(owner)), key=by_file)
        if first.key != known.key:
            for key in self._alike[known.sha256]:
                if key == known.key or self._documents[key].first == known.key:
                    self._put(replace(self._documents[key], first=first.key))

    def _lost(self, known: Document) -> bool:
        """Whether its bytes are no longer at its place."""
        if known.state != CURRENT:
            return known.state == SUPERSEDED
        return known.key not in self._settled and (known.missing or not self._on_disk(known.path))

    def _back(self, scan: Scan, sha256: str) -> Document | None:
        """The moved document whose bytes lie at its old place again, or are to be tried again."""
        moved = [known for known in map(self._documents.get, self._alike[""] | self._alike[sha256])
                 if known.state == MOVED]
        for known in sorted(moved, key=lambda known: (known.path != scan.path, known.file)):
            there = known.path == scan.path
            if known.sha256 and (there or known.key in self._tried_again):
                self.counts["unchanged" if there else "renamed"] += 1
                return self._settle_at(known, scan)
            if not known.sha256 and there and known.stamp[:2] == scan.stamp[:2]:
                if not sha256:
                    return self._settle_at(known, scan)
                self._drop(known)  # its bytes can be looked at now
        return None

    def _displace(self, known: Document) -> None:
        """Other bytes lie at its place."""
        if not known.sha256:
            self._drop(known)
        elif known.missing:
            del self._places[known.path]
        else:
            self.counts["replaced"] += 1
            if known.first is None:
                self._release_name(known)
                self._put(replace(known, state=SUPERSEDED))
            else:
                self._drop(known)

    def _new(self, scan: Scan, sha256: str, first: int | None = None) -> Document:
        key = next(self._keys)
        return self._settle_at(Document(key, "", scan.root, scan.raw, scan.stamp, sha256,
                                        first=first), scan)

    def _settle_at(self, known: Document, scan: Scan) -> Document:
        """The document lies where the scan does."""
        if not (known.path == scan.path and known.is_called(scan.file)
                and self._names.get(known.file) == known.key):
            self._release_name(known)
            known = replace(known, file=free_name(scan.file, self._names))
        self._settled.add(known.key)
        if known.key in self._vanished:  # it had only moved
            self._vanished.remove(known.key)
            self.counts -= Counter(vanished=1)
        return self._put(replace(known, root=scan.root, raw=scan.raw, stamp=scan.stamp,
                                 state=CURRENT, missing=False))

    def _release_name(self, known: Document) -> None:
        if self._names.get(known.file) == known.key:
            del self._names[known.file]

    def _put(self, document: Document) -> Document:
        before = self._documents.get(document.key)
        if before == document:
            return document
        if before and self._places.get(before.path) == before.key:
            del self._places[before.path]
        self._documents[document.key] = document
        self._alike[document.sha256].add(document.key)
        if document.state != SUPERSEDED:
            self._names[document.file] = document.key
        if document.state == CURRENT:
            self._places[document.path] = document.key
        self._changed.add(document.key)
        return document

    def _drop(self, known: Document) -> None:
        self._release_name(known)
        if self._places.get(known.path) == known.key:
            del self._places[known.path]
        self._alike[known.sha256].discard(known.key)
        del self._documents[known.key]
        self._changed.add(known.key)
