"""The real command with a saboteur in its workers: `command.py run SCANS --out DIR`.

The variable FAULT says which, BOOK is a file that it keeps of what the workers begin and end.
"""

import functools

if __name__ == "__main__":
    from faults import pages
    from scanproc import cli
    from scanproc.batch import workers

    workers.Pool = functools.partial(workers.Pool, load=pages.load)
    cli.main()
