"""Whether somebody is still writing to a file: one that is being written is left for the next run.

    its times are older than `still_s`                      it stands still
    it is as it was when it was listed, `still_s` ago       it stands still, whatever its times say
    otherwise                                               somebody writes to it

Waited for is at most `still_s` in a whole run, and nothing where all files are old. A share may
tell of a file what it was some seconds ago; to open it, as `digest` does, makes it look again.
"""

from __future__ import annotations

import time

from scanproc.batch import folder
from scanproc.batch.folder import Scan, Stamp
from scanproc.errors import Refused

NS = 1_000_000_000


class Stillness:
    """Made when the input has been listed. still_s: seconds for which a file must not change."""

    def __init__(self, still_s: float):
        self._still_s = still_s
        self._listed = time.monotonic()

    def digest(self, scan: Scan, max_file_mb: float) -> tuple[Scan, str] | None:
        """As `folder.digest`, of a file that stands still; waits if that cannot be told yet.

        Raises Refused: `changed` where somebody writes to the file, and what `folder.digest` does.
        """
        if touched(scan.stamp, self._still_s):
            time.sleep(max(0.0, self._listed + self._still_s - time.monotonic()))
        found = folder.digest(scan, max_file_mb)
        if found and found[0].stamp != scan.stamp and touched(found[0].stamp, self._still_s):
            raise Refused("changed", folder.WRITTEN_TO)
        return found


def touched(stamp: Stamp, still_s: float) -> bool:
    """Whether a file was written to in the last `still_s` seconds, or its times lie ahead."""
    newest = max(stamp.mtime_ns, stamp.ctime_ns)
    return still_s > 0 and newest > time.time_ns() - still_s * NS
