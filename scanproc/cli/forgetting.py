"""The command that forgets old scans: it asks before it removes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from scanproc.cli.group import PATH, chosen_settings, knobs, main, say
from scanproc.errors import UsageError


@main.command()
@click.argument("out", metavar="DIR", type=PATH)
@click.option("--before", metavar="DATE", required=True, help="remove what was last read before "
              "it, as 2026-11-20")
@click.option("--yes", is_flag=True, help="do not ask")
@knobs("deciding")
def forget(out: Path, before: str, yes: bool, settings_file: Path | None, **flags: Any) -> None:
    """Remove what was read of old scans from DIR, for good.

    Its pages, numbers and digits, their file names too, are taken out of the ledger and the CSV
    files. The scans stay where they are and are not read again; so do pictures, reports and
    exports that were written elsewhere.

    \b
    Example:
      scanproc forget results --before 2026-01-01
    """
    chosen, _ = chosen_settings(out, settings_file, flags)
    from scanproc.batch import forget as forgetting

    if not yes:
        found = forgetting.look(out, before)
        much = f"{forgetting.words(found)}, last read before {before}"
        if not (sys.stdin and sys.stdin.isatty()):
            raise UsageError(f"nothing was removed from {out}; add --yes to remove {much}, without "
                             "being asked")
        if found.files and not click.confirm(f"{much}: remove them from {out} for good?", err=True):
            say("nothing was removed")
            return
    gone = forgetting.forget(out, before, chosen)
    say(f"removed from {out}: {forgetting.words(gone)}, last read before {before}")
