import subprocess
import sys

import pytest

from scanproc.errors import HeldError
from scanproc.lock import held

HOLDS = """
import sys
from pathlib import Path
from scanproc.lock import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_until_the_first_has_died(tmp_path):
    out = tmp_path / "models"
    with subprocess.Popen([sys.executable, "-c", HOLDS, out], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as first:
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(HeldError, match="models; wait until"), held(out):
            pass
        first.kill()
    with held(out), pytest.raises(HeldError), held(out):
        pass
    assert [file.name for file in out.iterdir()] == ["scanproc.db.lock"]
