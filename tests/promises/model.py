"""The model is the one trusted: an altered one is refused before a page is read, and runs nothing.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
from faults.altered_models import RunsCode, packed

from scanproc.batch import ledger
from scanproc.errors import ModelError

TESTS = Path(__file__).parent.parent
PROJECT = TESTS.parent
SHIPPED = PROJECT / "models"
COUNT = 2000


def python(where: Path, *arguments: object, project: Path = PROJECT
           ) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *map(str, arguments)], cwd=where, text=True,
                          env={**os.environ, "PYTHONPATH": str(project)}, capture_output=True,
                          timeout=300)


def arrays_of(content: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(content)) as archive:
        return dict(archive)


def weakened(content: bytes) -> bytes:
    """A whole and sound file, of other weights."""
    return packed({name: array / array.dtype.type(2)
                   for name, array in arrays_of(content).items()})


def altered(content: bytes) -> dict[str, bytes]:
    """The file of a network, altered; the last two come with cards that name them."""
    arrays = arrays_of(content)
    middle = len(content) // 2
    nan = np.array(arrays["stage0_weight0"])
    nan[0, 0] = np.nan
    return {
        "a bit flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1:],
        "cut short": content[:-1000],
        "other weights": weakened(content),
        "no number": packed(arrays | {"stage0_weight0": nan}),
        "pickle": packed(arrays | {"sure": np.array(RunsCode(), object)}),
    }


def check_nothing_was_read(program: subprocess.CompletedProcess, out: Path) -> None:
    assert program.returncode == ModelError.exit_code, program.stderr
    assert len(program.stderr.splitlines()) == 1 and "model" in program.stderr
    assert not (out / "pages.csv").exists()
    with ledger.opened(out) as book:
        assert not list(book.results())
    assert not (out.parent / "code-was-run").exists()


def test_the_model_is_the_one_trusted(tmp_path, promise):
    models = tmp_path / "models"
    models.mkdir()
    program = python(tmp_path, TESTS / "faults" / "altered_models.py", COUNT, models)
    assert program.returncode == 0, program.stderr
    found = json.loads(program.stdout)
    refused = [outcome for outcome in found["outcomes"]
               if outcome.endswith(f": {ModelError.exit_code}")]
    assert len(refused) == len(found["outcomes"]) > 10
    assert sum(found["outcomes"].values()) == COUNT
    assert found["events"].keys() == {""}
    assert not (tmp_path / "code-was-run").exists()
    promise("the model is the one trusted", f"{COUNT:,} altered models in {len(refused)} ways, "
            f"{COUNT:,} times exit {ModelError.exit_code}, no code run")


def test_a_run_with_an_altered_model_ends_before_page_1(tmp_path, samples, promise):
    content = (SHIPPED / "digits.npz").read_bytes()
    card = json.loads((SHIPPED / "digits.json").read_text())
    made = altered(content)
    for name, data in made.items():
        named = data if name in ("no number", "pickle") else content
        (tmp_path / f"{name}.npz").write_bytes(data)
        (tmp_path / f"{name}.json").write_text(json.dumps(
            card | {"sha256": sha256(named).hexdigest()}))
        out = tmp_path / f"out {name}"
        check_nothing_was_read(python(
            tmp_path, "-m", "scanproc", "run", samples / "lines.png", samples / "fax.tif",
            "--out", out, "--model", tmp_path / f"{name}.npz"), out)
    promise("the model is the one trusted", f"{len(made)} altered models given to the command: "
            f"exit {ModelError.exit_code}, no page read")


def test_a_run_with_a_shipped_network_altered_ends_before_page_1(tmp_path, samples, promise):
    project = tmp_path / "project"
    shutil.copytree(PROJECT / "scanproc", project / "scanproc")
    networks = sorted(SHIPPED.glob("*.npz"))
    for network in networks:
        shutil.copytree(SHIPPED, project / "models", dirs_exist_ok=True)
        (project / "models" / network.name).write_bytes(weakened(network.read_bytes()))
        out = tmp_path / f"out {network.name}"
        check_nothing_was_read(python(
            tmp_path, "-m", "scanproc", "run", samples / "lines.png", "--out", out,
            project=project), out)
    promise("the model is the one trusted", f"{len(networks)} shipped networks replaced by others: "
            f"exit {ModelError.exit_code}, no page read")
