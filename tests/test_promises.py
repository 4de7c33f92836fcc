"""All promises, with their figures in a table at the end: `sh tests/run.sh tests/test_promises.py`.

With `--large` the large figures, once per release; they are quoted in CHANGELOG.md.
"""

from promises.watched import *
