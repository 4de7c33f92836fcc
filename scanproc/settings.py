"""Every knob, in one frozen object.

    defaults  <  DIR/scanproc.toml or --settings FILE  <  SCANPROC_*  <  flags

Each knob has a kind, which says what a change of it costs:

    reading    pages read under another value are stale and are read again
    limit      pages not read under another value are tried again
    deciding   applied when the CSV is derived; nothing is read again
    running    how pages are read; changes no result
    handling   which files wait, where they go, and who is told; changes no result
"""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from scanproc.errors import ModelError, UsageError


def _knob(kind: str, default: Any, text: str, low: float | None = None, high: float | None = None,
          choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={
        "kind": kind, "help": text, "low": low, "high": high, "choices": choices})


@dataclass(frozen=True)
class Settings:
    """The knobs with their defaults; the help texts below are what users are shown."""

    pdf_dpi: int = _knob("reading", 300, "resolution at which PDF pages are rendered", 50, 1200)
    model: str = _knob("reading", "", "network to read with (.npz); empty is the one shipped")
    duplicates: str = _knob("limit", "skip", "files with the bytes of another one",
                            choices=("skip", "read"))
    max_megapixels: float = _knob("limit", 200.0, "larger pages are refused", 0.01, 2000)
    max_file_mb: float = _knob("limit", 1000.0, "larger files are refused", 0.001, 100_000)
    max_pages: int = _knob("limit", 5000, "files with more pages are refused", 1, 1_000_000)
    pdf_passwords: str = _knob("limit", "", "file with passwords to try on PDFs, one per line")
    review_below: float = _knob("deciding", 0.95,
                                "digits and numbers less sure than this go to review", 0, 1)
    max_error: float = _knob("deciding", 0.0, "share of wrong digits to accept without review, "
                             "like 0.001; sets the review threshold in place of review_below",
                             0, 0.5)
    audit: float = _knob("deciding", 0.0, "share of the numbers given without review to look at "
                         "all the same, like 0.01; says how many of the others are wrong", 0, 1)
    jobs: int = _knob("running", 0, "pages read at the same time; 0 is what the machine allows",
                      0, 1024)
    page_timeout_s: float = _knob("running", 60.0, "seconds after which a page is given up", 1,
                                  86_400)
    page_memory_mb: int = _knob("limit", 2000, "memory one page may take", 300, 1_000_000)
    move_done: str = _knob("handling", "", "folder that files go to when they are read")
    move_refused: str = _knob("handling", "", "folder that files go to when they cannot be read, "
                              "with the reason beside them")
    still_s: float = _knob("handling", 5.0, "seconds a file must have stood still to be read", 0,
                           3600)
    max_failures: int = _knob("handling", -1,
                              "exit 7 when more pages than this cannot be read; -1 is no limit", -1)
    max_review: float = _knob("handling", -1.0, "exit 7 when a larger share of the numbers than "
                              "this goes to review, like 0.4; -1 is no limit", -1, 1)
    report: str = _knob("handling", "", "file for the numbers of this run alone, like "
                        "reports/{date}.csv; empty is none")
    on_finish: str = _knob("handling", "", "command that is started when a run has ended; it gets "
                           "the summary as JSON")
    log: str = _knob("handling", "", "file to which every event is added as a line of JSON")

    def __post_init__(self) -> None:
        for knob in fields(self):
            _check(knob.name, getattr(self, knob.name), knob.metadata)


FILES = ("model", "pdf_passwords")  # knobs that name a file ...
MOST_BYTES = 64 * 2**20  # ... which is not larger: it may be a disk or a device by mistake
# Knobs that say where something lies.
PLACES = (*FILES, "move_done", "move_refused", "report", "log")
WORDS = {int: "a whole number", float: "a number, like 0.9", str: "text in quotes"}
KNOBS = {knob.name: knob for knob in fields(Settings)}


def of_kind(settings: Settings, kind: str) -> dict[str, Any]:
    """The knobs of one kind with their values."""
    return {name: getattr(settings, name) for name, knob in KNOBS.items()
            if knob.metadata["kind"] == kind}


def fingerprint(settings: Settings, kind: str) -> str:
    """Hex digest of the knobs of one kind; equal digests mean that nothing became stale.

    A knob that names a file counts by what is in the file. Raises ModelError where that is the
    network and cannot be one, UsageError where it is another and cannot be read.
    """
    values = of_kind(settings, kind)
    for name in FILES:
        if values.get(name):
            values[name] = hashlib.sha256(_file_bytes(name, values[name])).hexdigest()
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def load(file: Path | None, environ: Mapping[str, str], flags: Mapping[str, Any]
         ) -> tuple[Settings, dict[str, str]]:
    """The settings in force, and for each knob the source that it came from.

    file: a TOML file, or None. environ: looked through for `SCANPROC_<KNOB>`.
    flags: values given on the command line; None means not given.
    Of `max_error` and `review_below` the one from the higher source holds, the other is as not
    given. Raises UsageError naming the knob and its source, or both where one source sets both.
    """
    values: dict[str, Any] = {}
    sources = dict.fromkeys(KNOBS, "default")
    layers = [(str(file), _from_file(file) if file else {}),
              ("environment", _from_environment(environ)),
              ("flag", {name: value for name, value in flags.items() if value is not None})]
    for source, layer in layers:
        for name, value in layer.items():
            values[name] = _typed(name, value, source)
            sources[name] = source
    chosen = Settings(**values)
    if chosen.max_error and sources["review_below"] != "default":
        lower = _lower(sources, [source for source, _ in layers])
        chosen = replace(chosen, **{lower: KNOBS[lower].default})
        sources[lower] = "default"
    return chosen, sources


def _lower(sources: dict[str, str], order: list[str]) -> str:
    """Of the two knobs that set the review threshold, the one from the lower source."""
    if sources["max_error"] == sources["review_below"]:
        raise UsageError(f"settings 'max_error' and 'review_below' ({sources['max_error']}) both "
                         "set the review threshold; leave out one of them")
    return min(("max_error", "review_below"), key=lambda name: order.index(sources[name]))


def _from_file(file: Path) -> dict[str, Any]:
    """What a settings file says. Paths in it are relative to its own: cron runs from `/`."""
    values = parsed(file)
    for name in PLACES:
        if isinstance(values.get(name), str) and values[name]:
            values[name] = str(file.parent / values[name])
    return values


def parsed(file: Path) -> dict[str, Any]:
    """What stands in a TOML file. Raises UsageError naming it where it cannot be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"settings file {file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:  # not TOML, not UTF-8, a number without end
        raise UsageError(f"settings file {file} is not valid TOML: {error}. Write "
                         "'name = value', numbers with a point (0.9), text in quotes") from error


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    prefix = "SCANPROC_"
    return {name[len(prefix):].lower(): value for name, value in environ.items()
            if name.startswith(prefix)}


def _typed(name: str, value: Any, source: str) -> Any:
    if name not in KNOBS:
        near = difflib.get_close_matches(name, KNOBS, n=1, cutoff=0.0)[0]
        raise UsageError(f"unknown setting '{name}' ({source}); did you mean '{near}'?")
    wanted = type(KNOBS[name].default)
    if isinstance(value, bool) or (isinstance(value, float) and wanted is int):
        raise _wrong_type(name, value, source)
    if wanted is str and not isinstance(value, str):
        raise _wrong_type(name, value, source)
    try:
        return wanted(value)
    except (TypeError, ValueError) as error:
        raise _wrong_type(name, value, source) from error


def _wrong_type(name: str, value: Any, source: str) -> UsageError:
    words = WORDS[type(KNOBS[name].default)]
    return UsageError(f"setting '{name}' ({source}) must be {words}, not {value!r}")


def _check(name: str, value: Any, rule: Mapping[str, Any]) -> None:
    if rule["choices"] and value not in rule["choices"]:
        raise UsageError(f"setting '{name}' must be one of {', '.join(rule['choices'])}, "
                         f"not '{value}'")
    low, high = rule["low"], rule["high"]
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        limits = f"at least {low:g}" if high is None else f"between {low:g} and {high:g}"
        raise UsageError(f"setting '{name}' must be {limits}, not {value:g}")


def _file_bytes(name: str, path: str) -> bytes:
    kind = ModelError if name == "model" else UsageError
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        cause = getattr(error, "strerror", None) or error
        raise kind(f"setting '{name}': {path!r} cannot be read: {cause}; name another file"
                   ) from error
    if len(content) > MOST_BYTES:
        raise kind(f"setting '{name}': {path!r} is larger than {MOST_BYTES // 2**20} MB; name "
                   "another file")
    return content


def passwords(settings: Settings) -> tuple[str, ...]:
    """The PDF passwords to try: the lines of the file that `pdf_passwords` names."""
    if not settings.pdf_passwords:
        return ()
    text = _file_bytes("pdf_passwords", settings.pdf_passwords).decode("utf-8", "replace")
    return tuple(line for line in text.splitlines() if line)
