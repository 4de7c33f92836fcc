"""The commands for folders of scans and what was read of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanproc import settings
from scanproc.cli.group import PATH, as_text, chosen_settings, knobs, main, say, show
from scanproc.errors import UsageError

if TYPE_CHECKING:
    from scanproc.batch.summary import Summary

FORMATS = ("csv", "xlsx", "parquet", "json")


@main.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=PATH)
@click.option("--out", metavar="DIR", required=True, type=PATH,
              help="folder for the CSV files and the ledger")
@click.option("--verify", is_flag=True, help="look into every file again for changes, not at its "
              "size and times alone")
@click.option("--reread", is_flag=True, help="read every page again")
@click.option("--debug", metavar="DIR2", type=PATH, help="draw what is seen on every page that is "
              "read, a folder in DIR2 for each")
@knobs("reading", "limit", "deciding", "running", "handling")
def run(inputs: tuple[Path, ...], out: Path, verify: bool, reread: bool,
        debug: Path | None, settings_file: Path | None,
        watched: Callable[..., Summary] | None = None, **flags: Any) -> int:
    """Read every page of files and folders into DIR.

    A second run reads only what is new or changed.

    \b
    Example:
      scanproc run scans --out results
    """
    chosen, _ = chosen_settings(out, settings_file, flags)
    from scanproc import threshold
    from scanproc.batch.progress import for_terminal
    from scanproc.batch.tell import Teller

    if not watched:  # a watch has said it
        say(threshold.words(chosen))
    try:
        summary = (watched or Teller(say).run)(
            inputs, out, chosen, passwords=settings.passwords(chosen), verify=verify,
            reread=reread, progress=for_terminal(), debug=debug)
    except KeyboardInterrupt as stop:
        stop.add_note("what was read is kept, the next run goes on from here ('scanproc export "
                      "DIR' writes the CSV of it)")
        raise
    say(summary.line())
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

    chosen, _ = chosen_settings(out, settings_file, {})
    facts = look.status(out, chosen)
    show(as_text(facts) if as_json else look.text(facts))


@main.command()
@click.argument("out", metavar="DIR", type=PATH)
@click.option("--what", type=click.Choice(["digits", "numbers", "pages"]),
              help="which table  [default: numbers]")
@click.option("--format", "form", type=click.Choice(FORMATS),
              help="which kind of file  [default: as FILE is called, else csv]")
@click.option("--run", "of_run", metavar="last|N", help="only pages read in that run")
@click.option("--since", metavar="DATE", help="only pages read since, as 2026-11-20")
@click.option("--raw", is_flag=True, help="every text as it is in a CSV, also what a spreadsheet "
              "would run as a formula")
@click.option("-o", "--output", type=click.Path(path_type=Path, allow_dash=True),
              help="file to write; - is stdout")
@knobs("deciding")
def export(out: Path, what: str | None, form: str | None, of_run: str | None, since: str | None,
           raw: bool, output: Path | None, settings_file: Path | None, **flags: Any) -> None:
    """Write the CSV files of DIR again, or a selection or another format to a file.

    \b
    Examples:
      scanproc export results
      scanproc export results --what numbers --format xlsx -o numbers.xlsx
      scanproc export results --run last --what numbers -o -
    """
    chosen, _ = chosen_settings(out, settings_file, flags)
    if what is form is of_run is since is output is None and not raw:
        from scanproc.batch.run import rewrite

        rewrite(out, chosen)
        click.echo(f"wrote the CSV files in {out}", err=True)
        return
    if output is None:
        raise UsageError("a selection or another format goes to a file of its own: name it with "
                         "-o FILE, or -o - for standard output")
    from scanproc.batch.formats import by_name
    from scanproc.batch.selection import export as export_selection

    target = None if str(output) == "-" else output
    form = form or by_name(output)
    if raw and form == "csv":  # the other formats never change a text
        form = "raw csv"
    export_selection(out, chosen, what or "numbers", form, target, of_run, since)
    if target:
        click.echo(f"wrote {target}", err=True)


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

    facts = examiner.examine(*chosen_settings(out, settings_file, {}))
    show(as_text(facts) if as_json else examiner.text(facts))
