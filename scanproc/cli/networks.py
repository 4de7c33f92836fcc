"""The commands that measure readings and networks, and make networks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from scanproc.cli.group import PATH, as_text, chosen_settings, knobs, main, say, show
from scanproc.errors import UsageError


@main.command()
@click.option("--pages", metavar="DIR", type=PATH, help="folder of labelled pages")
@click.option("--truth", metavar="FILE", type=PATH,
              help="what stands on them (file,page,text)  [default: DIR/truth.csv]")
@click.option("--data", metavar="DIR", type=PATH, help="folder of labelled digits")
@click.option("--html", metavar="FILE", type=PATH, help="with --data: a page with plots, too")
@click.option("--json", "as_json", is_flag=True, help="for scripts")
@knobs("reading", "limit", "deciding", "running")
def evaluate(pages: Path | None, truth: Path | None, data: Path | None, html: Path | None,
             as_json: bool, settings_file: Path | None, **flags: Any) -> None:
    """Measure the readings of pages whose numbers are known, or of labelled digits.

    \b
    Examples:
      scanproc evaluate --pages samples
      scanproc evaluate --data digits --html digits.html
    """
    if bool(pages) == bool(data) or (truth and data) or (html and pages):
        raise UsageError("name --pages DIR, with --truth FILE, or --data DIR, with --html FILE")
    chosen, _ = chosen_settings(None, settings_file, flags)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy; more slow small batches down
    from scanproc import threshold
    from scanproc.evaluate import digits_report, report
    from scanproc.evaluate.digits import evaluate_digits
    from scanproc.evaluate.pages import evaluate_pages

    say(threshold.words(chosen))
    found = evaluate_digits(data, chosen, html) if data else evaluate_pages(
        pages, truth or pages / "truth.csv", chosen)
    way = digits_report if data else report
    show(as_text(way.as_json(found)) if as_json else way.text(found))


@main.command()
@click.option("--data", metavar="DIR", type=PATH,
              help="folder with the IDX files of MNIST; without it they are downloaded")
@click.option("--add", metavar="PATH", multiple=True, type=PATH,
              help="further labelled digits: an .npz, or a folder of images named by label; may be "
                   "given several times")
@click.option("--out", metavar="DIR", type=PATH, default=Path("models"), show_default=True,
              help="folder for the network and its card")
@click.option("--settings", "recipe_file", metavar="FILE", type=PATH,
              help="layers, epochs, augmentation and more (TOML), see the README")
@click.option("--seed", type=int, help="the same seed gives the same network on the same machine")
@click.option("--epochs", type=int, help="how long to train; few give a quick, poor network")
@click.option("--compare", metavar="CARD", multiple=True, type=PATH,
              help="print these cards side by side, and train nothing")
def train(data: Path | None, add: tuple[Path, ...], out: Path, recipe_file: Path | None,
          seed: int | None, epochs: int | None, compare: tuple[Path, ...]) -> None:
    """Train the network on MNIST (needs TensorFlow, see the README).

    A training that was stopped goes on where it was: give the same command again.

    \b
    Examples:
      scanproc train --data mnist --out models
      scanproc train --data mnist --add mydigits.npz --settings recipe.toml --out mine
      scanproc train --compare models/digits.json --compare mine/digits.json
    """
    if compare:
        from scanproc.network import card

        show(card.compare(compare))
        return
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from scanproc.network import recipe
    from scanproc.network.train import train as train_network

    chosen = recipe.load(recipe_file, {"seed": seed, "epochs": epochs})
    show(as_text(train_network(data, out, chosen, add)["figures"]))


@main.command("export-model")
@click.argument("file", metavar="FILE", type=PATH)
@click.option("--model", metavar="NAME.npz", help="network to export  [default: the one shipped]")
def export_model(file: Path, model: str | None) -> None:
    """Write the network to FILE, which ends in .onnx or .keras, for other programs.

    \b
    Example:
      scanproc export-model digits.onnx
    """
    chosen, _ = chosen_settings(None, None, {"model": model})
    from scanproc.network import convert
    from scanproc.page.classify import load

    convert.export(load(chosen.model), file)
    click.echo(f"wrote {file}", err=True)
