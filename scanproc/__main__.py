"""The command `scanproc`, also as `python -m scanproc`."""

import sys

from scanproc import stop


def main() -> None:
    """Run a command and end the program with its exit code, whenever it is told to stop."""
    stop.heed()  # before the imports below, which take their time
    try:
        try:
            from scanproc.cli import main as command

            command()
        finally:
            stop.ignore()
    except stop.Stopped as stopped:
        sys.stderr.write("scanproc: stopped\n")
        sys.exit(stopped.exit_code)


if __name__ == "__main__":
    main()
