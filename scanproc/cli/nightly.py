"""The commands for the hours when nobody is there."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from scanproc.cli.folders import run
from scanproc.cli.group import chosen_settings, main, say
from scanproc.settings import KNOBS

EVERY = click.Option(["--every", "every_s"], metavar="SECONDS", default=10.0, show_default=True,
                     type=click.FloatRange(0.1, 86_400),
                     help="seconds between two looks at the folders")


@main.command(params=[*run.params, EVERY])
def watch(every_s: float, **options: Any) -> None:
    """Read what comes into folders, as 'scanproc run' does, until it is stopped.

    A file is read when it stands still: when two looks in a row show it with the same size and
    times. Nothing is written where nothing is new.

    \b
    Example:
      scanproc watch scans --out results
    """
    from scanproc import threshold
    from scanproc.batch import tell
    from scanproc.batch.folder import printable
    from scanproc.batch.watch import Watch

    inputs, out = options["inputs"], options["out"]
    teller = tell.Teller(say, watching=True)
    chosen = _settings(options)
    tell.check(inputs, out, chosen)

    def begin(still: Any) -> None:
        run.callback(**options, watched=partial(teller.run, still=still))
        options["reread"] = False  # it has been done

    say(threshold.words(chosen))
    say(f"watching every {every_s:g} s")
    Watch(inputs, out, lambda: _settings(options), begin,
          lambda problem: say(f"scanproc: {printable(problem)}"),
          at_once=options["reread"] or options["verify"]).forever(every_s)


def _settings(options: dict[str, Any]) -> Any:
    flags = {name: value for name, value in options.items() if name in KNOBS}
    return chosen_settings(options["out"], options["settings_file"], flags)[0]
