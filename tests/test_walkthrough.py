"""The notebook: committed without what a run leaves in it, and what it tells holds."""

import json
import re

import nbformat
import pytest
from nbclient import NotebookClient

FIGURES = """
import json
print(json.dumps({"accuracy": figures["accuracy"], "ece": figures["ece"], **compared.mean(),
                  "own": same.mean()}))
"""


@pytest.fixture
def notebook(samples):
    return nbformat.read(samples / "walkthrough.ipynb", nbformat.NO_CONVERT)


def test_it_is_committed_without_outputs(notebook):
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    nbformat.validate(notebook)
    names = {cell.id for cell in notebook.cells}
    assert len(names) == len(notebook.cells)
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", name) for name in names), "ids of words stay"
    for cell in notebook.cells:
        assert cell.cell_type == "markdown" or not (cell.outputs or cell.execution_count), (
            "run: jupyter nbconvert --clear-output --inplace samples/walkthrough.ipynb")
        assert "attachments" not in cell


def test_it_runs_and_shows_what_it_tells(notebook, data, samples, tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DIR", str(data("mnist").resolve()))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))  # nobody's own settings
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook.cells.append(nbformat.v4.new_code_cell(FIGURES))
    NotebookClient(notebook, timeout=300, startup_timeout=300, kernel_name="python3",
                   resources={"metadata": {"path": str(samples)}}).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        shown = [output.data for output in cell.outputs if "data" in output]
        if re.search(r"^(plt\.)?show\(", cell.source, re.M) or "= draw(" in cell.source:
            assert any("image/png" in picture for picture in shown), cell.id
        assert "Warning" not in json.dumps(cell.outputs), cell.id
    found = json.loads(code[-1].outputs[0].text)
    assert found["accuracy"] > 0.94 and found["ece"] < 0.02
    assert found["first"] + 5 < found["second"] < found["scanproc"]
    assert found["own"] > 0.9
