"""Imported by the fork server alone: what every worker is born with.

The road of a page is imported once, before the first fork, while the process has one thread and
no library has been used; so a worker starts (and starts again after a crash) in milliseconds.
Anything wrong with the installation still shows on stderr here; after that it is closed.
"""

import scanproc.page.read  # noqa: F401
from scanproc.batch import cage, workers  # noqa: F401

cage.hush()
