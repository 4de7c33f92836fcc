"""All promises, with their figures in a table at the end: `sh tests/run.sh tests/test_promises.py`.

With `--large` the large figures, once per release; they are quoted in CHANGELOG.md.
"""

from promises.audit import *
from promises.bad_files import *
from promises.bombs import *
from promises.clocks import *
from promises.corpus import *
from promises.cron import *
from promises.disk import *
from promises.drift import *
from promises.forgotten import *
from promises.formulas import *
from promises.killed import *
from promises.locks import *
from promises.memory import *
from promises.model import *
from promises.moved import *
from promises.names import *
from promises.network import *
from promises.old_ledgers import *
from promises.outside import *
from promises.reported import *
from promises.signals import *
from promises.unfinished import *
from promises.watched import *
from promises.workers import *
