"""What a run did: in figures, in one line, and as an exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from scanproc.errors import OutputError


@dataclass(frozen=True)
class Summary:
    """The outcome of one run.

    pages: pages tried in this run, by status. numbers: on them. review: of these, for review,
    `audit` of them for the audit alone; `review_below` is the threshold. confidence: how many are
    how sure, see `tally`. drift: what is unlike the runs before, see `drift`.
    failures: pages met or tried that could not be read, by reason.
    files: what happened to files: unchanged, new, renamed, replaced, duplicate, vanished, moved,
    forgotten.
    skipped: files that are no scans, by kind. emptied: input folders that held known files and
    hold none now. unlisted: folders that could not be listed. unmoved: files that could not be
    moved, and why. found: scans met. report: where the numbers of this run alone were written,
    empty where they were not.
    """

    inputs: tuple[str, ...]
    found: int
    pages: Mapping[str, int]
    numbers: int
    review: int
    failures: Mapping[str, int]
    files: Mapping[str, int]
    skipped: Mapping[str, int]
    seconds: float
    emptied: tuple[str, ...] = field(default=())
    unlisted: tuple[str, ...] = field(default=())
    unmoved: tuple[str, ...] = field(default=())
    audit: int = 0
    confidence: tuple[int, ...] = ()
    review_below: float = 0.0
    drift: tuple[str, ...] = ()
    report: str = ""

    @property
    def failed(self) -> int:
        """How many pages met or tried could not be read."""
        return sum(self.failures.values())

    @property
    def exit_code(self) -> int:
        """0 if everything met was read, 4 if a file could not be moved, else 1."""
        if self.unmoved:
            return OutputError.exit_code
        return int(bool(self.failed or self.emptied or self.unlisted))

    def line(self) -> str:
        """The run in one line, for a clerk."""
        return "; ".join(part for part in (
            self._pages(), self._failures(), self._drift(), self._files(),
            _listed("empty, but held files before", self.emptied),
            _listed("could not be listed", self.unlisted),
            _listed("could not be moved, see to that and run again", self.unmoved),
            self.report and f"report: {self.report}",
            f"{self.seconds:.1f} s") if part)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"failed": self.failed, "exit_code": self.exit_code}

    def reasons(self) -> str:
        """Why pages could not be read, the most frequent reason first: `12 damaged, 3 cut`."""
        most = sorted(self.failures.items(), key=lambda item: (-item[1], item[0]))
        return ", ".join(f"{count} {reason}" for reason, count in most)

    def _pages(self) -> str:
        if not self.found:
            return f"no scans found in {', '.join(self.inputs)}"
        blank = self.pages.get("blank", 0)
        text = _plural(self.pages.get("read", 0) + blank, "page") + " read"
        text += f" ({blank} blank)" if blank else ""
        text += f", {_plural(self.numbers, 'number')}, {self.review} for review"
        return text + (f" ({self.audit} of them for the audit)" if self.audit else "")

    def _failures(self) -> str:
        if not self.failed:
            return ""
        left = ", the changed ones are left for the next run" if "changed" in self.failures else ""
        return f"{_plural(self.failed, 'page')} could not be read ({self.reasons()}){left}"

    def _drift(self) -> str:
        return f"unlike the runs before: {', '.join(self.drift)}" if self.drift else ""

    def _files(self) -> str:
        words = {"unchanged": "known already", "duplicate": "with the bytes of another",
                 "renamed": "renamed", "replaced": "replaced", "vanished": "vanished",
                 "moved": "moved away",
                 "forgotten": "forgotten earlier and left alone"}
        parts = [f"{self.files[kind]} {text}" for kind, text in words.items()
                 if self.files.get(kind)]
        skipped = sum(self.skipped.values())
        parts += [f"{skipped} skipped (no scans)"] if skipped else []
        return "files: " + ", ".join(parts) if parts else ""


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _listed(text: str, names: tuple[str, ...]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{text}: {', '.join(names[:3])}{more}" if names else ""
