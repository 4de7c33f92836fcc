"""What all commands share: errors become exit codes, settings become options, values text."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import click

from scanproc import __version__, settings
from scanproc.errors import ScanprocError, UsageError

SETTINGS_FILE = "scanproc.toml"
PATH = click.Path(path_type=Path, readable=False)  # what cannot be read is for us to explain


class Terminated(KeyboardInterrupt):
    """SIGTERM, raised as an exception so that a run stops as cleanly as on Ctrl-C."""

    exit_code = 143


class Commands(click.Group):
    """Turns every error into a line on stderr and the exit code of its kind."""

    def main(self, *args: Any, **kwargs: Any) -> None:
        """Run a command and end the program with its exit code."""
        signal.signal(signal.SIGTERM, _terminate)
        try:
            sys.exit(super().main(*args, standalone_mode=False, **kwargs) or 0)
        except ScanprocError as error:
            _fail(str(error), error.exit_code)
        except click.ClickException as error:
            error.show()
            sys.exit(UsageError.exit_code)
        except (click.Abort, KeyboardInterrupt) as stop:
            cause = stop.__cause__ or stop  # a command says in a note what is kept
            _fail("; ".join(["stopped", *getattr(cause, "__notes__", [])]),
                  getattr(cause, "exit_code", 130))


def _fail(message: str, exit_code: int) -> None:
    from scanproc.batch.folder import printable

    say(f"scanproc: {printable(message)}")
    sys.exit(exit_code)


def say(text: str) -> None:
    """On standard error, unless there is nothing to say."""
    if text:
        with suppress(OSError):  # a log on a full disk does not change the exit code
            click.echo(text, err=True)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated


def knobs(*kinds: str) -> Callable[[Callable], Callable]:
    """Options for the settings of these kinds, named and explained as in `settings.py`."""
    def decorate(command: Callable) -> Callable:
        for name, knob in reversed(settings.KNOBS.items()):
            rule = knob.metadata
            if rule["kind"] in kinds:
                shown = f"{rule['help']}  [default: {knob.default}]" if knob.default != "" \
                    else rule["help"]
                kind = click.Choice(rule["choices"]) if rule["choices"] else type(knob.default)
                command = click.option(f"--{name.replace('_', '-')}", name, type=kind,
                                       help=shown)(command)
        return click.option("--settings", "settings_file", type=PATH,
                            help="settings file to use in place of DIR/scanproc.toml")(command)
    return decorate


def chosen_settings(out: Path | None, file: Path | None, flags: dict[str, Any]
              ) -> tuple[settings.Settings, dict[str, str]]:
    """The settings in force, those beside DIR among them, and where each came from."""
    beside = out / SETTINGS_FILE if out else None
    file = file or (beside if beside and os.path.lexists(beside) else None)
    return settings.load(file, os.environ, flags)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="scanproc")
def main() -> None:
    """Read the handwritten numbers on scanned pages into CSV."""


def show(text: str) -> None:
    """On standard output; OutputError where that takes no more."""
    from scanproc.batch.files import printing

    with printing():
        click.echo(text)


def as_text(value: Any) -> str:
    """As JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False)
