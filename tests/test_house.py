"""Who may import whom, how large a file may be: the rules of the house, held by walking it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import scanproc

ROOT = Path(scanproc.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
# a library that is dangerous or heavy -> the rooms that may import it
GATES = {
    "PIL": ("page/decode",), "pypdfium2": ("page/decode",), "sqlite3": ("batch/ledger",),
    "tensorflow": ("network",), "keras": ("network",), "onnx": ("network",),
    "filelock": ("lock.py",),
    "jinja2": ("evaluate/page.py",),
    "matplotlib": ("evaluate/plots.py", "network/negatives", "network/train.py"),
}
# rooms -> what they must not import
CLOSED = {
    "page": ("click", "sqlite3", "dask", "tensorflow", "keras", "time", "datetime", "os",
             "scanproc.batch", "scanproc.evaluate", "scanproc.network", "scanproc.review",
             "scanproc.cli", "scanproc.tables", "scanproc.decide", "scanproc.debug"),
    "labelled": ("click", "scanproc.batch", "scanproc.evaluate", "scanproc.network",
                 "scanproc.cli"),
    "debug": ("click", "sqlite3", "os", "pathlib", "scanproc.batch", "scanproc.evaluate",
              "scanproc.network", "scanproc.cli", "scanproc.page.read", "scanproc.page.classify"),
    "records.py": ("scanproc",), "errors.py": ("scanproc",), "reasons.py": ("scanproc",),
}
# exceptions, each with its reason
OPEN = {"page/decode/fax.py": {"os"}}  # pipes, to hear what libtiff complains of
PAGE_DOORS = {"scanproc.page.read", "scanproc.page.classify", "scanproc.page.seen"}


def imports(file):
    """Names of the modules that a file imports anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def within(name, package):
    return name == package or name.startswith(package + ".")


def place(file):
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", FILES, ids=place)
def test_each_file_imports_only_what_its_room_may(file):
    here, names = place(file), set(imports(file))
    for library, rooms in GATES.items():
        if any(within(name, library) for name in names):
            assert here.startswith(rooms), f"{here} imports {library}"
    for room, closed in CLOSED.items():
        if here.startswith(room + "/") or here == room:
            for name in names - OPEN.get(here, set()):
                assert not any(within(name, other) for other in closed), f"{here} imports {name}"
    if here != "__main__.py" and not here.startswith("cli/"):
        assert not any(within(name, "scanproc.cli") for name in names), f"{here} imports the cli"
    if here.startswith(("batch/", "evaluate/", "labelled/", "debug/")):
        doors = {name for name in names if within(name, "scanproc.page")}
        for name in doors - {"scanproc.page"}:
            assert any(within(name, door) for door in PAGE_DOORS), f"{here} imports {name}"


def functions(nodes):
    """The functions of a module and of its classes, not those inside functions."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node.body)


@pytest.mark.parametrize("file", FILES, ids=place)
def test_files_and_functions_stay_readable(file):
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    for function in functions(ast.parse(text).body):
        assert function.end_lineno - function.lineno < 45, function.name
        if not function.name.startswith("_"):
            assert ast.get_docstring(function), f"{function.name} has no docstring"


@pytest.mark.parametrize("heavy", ["tensorflow", "pandas", "skimage", "cv2", "numpy"])
def test_the_command_line_starts_light(heavy):
    code = f"import sys, scanproc.cli, scanproc.batch.run; sys.exit('{heavy}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
