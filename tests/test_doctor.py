"""What the doctor looks at."""

import ast
from pathlib import Path

from scanproc import doctor

SETUP = Path(__file__).parent.parent / "setup.py"


def test_every_package_that_is_always_installed_is_told():
    (needed,) = (ast.literal_eval(word.value)
                 for word in ast.walk(ast.parse(SETUP.read_text(encoding="utf-8")))
                 if isinstance(word, ast.keyword) and word.arg == "install_requires")
    assert {name.partition(">")[0] for name in needed} == set(doctor.BASE)
