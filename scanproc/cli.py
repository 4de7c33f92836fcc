"""The commands: parse, call, exit code; nothing else."""

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
FORMATS = ("csv", "xlsx", "parquet", "json")
PATH = click.Path(path_type=Path, readable=False)  # what cannot be read is for us to explain


class Terminated(KeyboardInterrupt):
    """SIGTERM, raised as an exception so that a run stops as cleanly as on Ctrl-C."""


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
            ended = isinstance(stop, Terminated) or isinstance(stop.__cause__, Terminated)
            _fail("stopped; what was read is kept, the next run goes on from here "
                  "('scanproc export DIR' writes the CSV of it)",
                  143 if ended else 130)


def _fail(message: str, exit_code: int) -> None:
    with suppress(OSError):  # a log on a full disk does not change the exit code
        click.echo(f"scanproc: {message}", err=True)
    sys.exit(exit_code)


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


def _settings(out: Path | None, file: Path | None, flags: dict[str, Any]
              ) -> tuple[settings.Settings, dict[str, str]]:
    beside = out / SETTINGS_FILE if out else None
    file = file or (beside if beside and os.path.lexists(beside) else None)
    return settings.load(file, os.environ, flags)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="scanproc")
def main() -> None:
    """Read the handwritten numbers on scanned pages into CSV."""


@main.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=PATH)
@click.option("--out", metavar="DIR", required=True, type=PATH,
              help="folder for the CSV files and the ledger")
@click.option("--verify", is_flag=True, help="look into every file again for changes, not at its "
              "size and times alone")
@click.option("--reread", is_flag=True, help="read every page again")
@knobs("reading", "limit", "deciding", "running")
def run(inputs: tuple[Path, ...], out: Path, verify: bool, reread: bool,
        settings_file: Path | None, **flags: Any) -> int:
    """Read every page of files and folders into DIR.

    A second run reads only what is new or changed.

    \b
    Example:
      scanproc run scans --out results
    """
    chosen, _ = _settings(out, settings_file, flags)
    from scanproc.batch.progress import for_terminal
    from scanproc.batch.run import run as run_folder

    summary = run_folder(inputs, out, chosen, passwords=settings.passwords(chosen), verify=verify,
                         reread=reread, progress=for_terminal())
    with suppress(OSError):  # nor does it here
        click.echo(summary.line(), err=True)
    return summary.exit_code


@main.command()
@click.argument("out", metavar="DIR", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="for scripts")
@knobs()
def status(out: Path, as_json: bool, settings_file: Path | None) -> None:
    """Say what was read, what was refused and what waits for review.

    \b
    Example:
      scanproc status results
    """
    from scanproc.batch import status as look

    chosen, _ = _settings(out, settings_file, {})
    facts = look.status(out, chosen)
    _print(_json(facts) if as_json else look.text(facts))


@main.command()
@click.argument("out", metavar="DIR", type=PATH)
@click.option("--what", type=click.Choice(["digits", "numbers", "pages"]),
              help="which table  [default: numbers]")
@click.option("--format", "form", type=click.Choice(FORMATS),
              help="which kind of file  [default: as FILE is called, else csv]")
@click.option("--run", "of_run", metavar="last|N", help="only pages read in that run")
@click.option("--since", metavar="DATE", help="only pages read since, as 2026-11-20")
@click.option("-o", "--output", type=click.Path(path_type=Path, allow_dash=True),
              help="file to write; - is stdout")
@knobs("deciding")
def export(out: Path, what: str | None, form: str | None, of_run: str | None, since: str | None,
           output: Path | None, settings_file: Path | None, **flags: Any) -> None:
    """Write the CSV files of DIR again, or a selection or another format to a file.

    \b
    Examples:
      scanproc export results
      scanproc export results --what numbers --format xlsx -o numbers.xlsx
      scanproc export results --run last --what numbers -o -
    """
    chosen, _ = _settings(out, settings_file, flags)
    if what is form is of_run is since is output is None:
        from scanproc.batch.run import rewrite

        rewrite(out, chosen)
        click.echo(f"wrote the CSV files in {out}", err=True)
        return
    if output is None:
        raise UsageError("a selection or another format goes to a file of its own: name it with "
                         "-o FILE, or -o - for standard output")
    from scanproc.batch.selection import export as export_selection

    target = None if str(output) == "-" else output
    form = form or (output.suffix[1:] if output.suffix[1:] in FORMATS else "csv")
    export_selection(out, chosen, what or "numbers", form, target, of_run, since)
    if target:
        click.echo(f"wrote {target}", err=True)


@main.command()
@click.option("--pages", metavar="DIR", required=True, type=PATH, help="folder of labelled pages")
@click.option("--truth", metavar="FILE", type=PATH,
              help="what stands on them (file,page,text)  [default: DIR/truth.csv]")
@click.option("--json", "as_json", is_flag=True, help="for scripts")
@knobs("reading", "limit", "deciding", "running")
def evaluate(pages: Path, truth: Path | None, as_json: bool, settings_file: Path | None,
             **flags: Any) -> None:
    """Measure the readings of pages whose numbers are known.

    \b
    Example:
      scanproc evaluate --pages samples
    """
    chosen, _ = _settings(None, settings_file, flags)
    from scanproc.evaluate import report
    from scanproc.evaluate.pages import evaluate_pages

    found = evaluate_pages(pages, truth or pages / "truth.csv", chosen)
    _print(_json(report.as_json(found)) if as_json else report.text(found))


@main.command()
@click.option("--data", metavar="DIR", type=PATH,
              help="folder with the IDX files of MNIST; without it they are downloaded")
@click.option("--out", metavar="DIR", type=PATH, default=Path("models"), show_default=True,
              help="folder for the network and its card")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True,
              help="the same seed gives the same network on the same machine")
@click.option("--epochs", type=click.IntRange(1), default=200, show_default=True,
              help="how often every digit is shown")
def train(data: Path | None, out: Path, seed: int, epochs: int) -> None:
    """Train the network on MNIST (needs TensorFlow, see the README).

    \b
    Example:
      scanproc train --data mnist --out models
    """
    from scanproc.network.train import train as train_network

    card = train_network(data, out, seed=seed, epochs=epochs)
    _print(_json(card["figures"]))


@main.command()
@click.argument("out", metavar="[DIR]", required=False,
                type=click.Path(path_type=Path, exists=True, file_okay=False, readable=False))
@click.option("--json", "as_json", is_flag=True, help="for scripts")
@knobs()
def doctor(out: Path | None, as_json: bool, settings_file: Path | None) -> None:
    """Show versions, limits, and the settings in force and where each came from.

    \b
    Example:
      scanproc doctor results
    """
    from scanproc import doctor as examiner

    facts = examiner.examine(*_settings(out, settings_file, {}))
    _print(_json(facts) if as_json else examiner.text(facts))


def _print(text: str) -> None:
    from scanproc.batch.files import printing

    with printing():
        click.echo(text)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
