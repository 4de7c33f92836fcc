"""`python -m scanproc` is the command `scanproc`."""

from scanproc.cli import main

main()
