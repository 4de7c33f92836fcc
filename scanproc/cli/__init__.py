"""The commands: parse, call, exit code; nothing else."""

from scanproc.cli.folders import doctor, export, run, status
from scanproc.cli.forgetting import forget
from scanproc.cli.group import main
from scanproc.cli.networks import evaluate, export_model, train
from scanproc.cli.nightly import watch

__all__ = ["doctor", "evaluate", "export", "export_model", "forget", "main", "run", "status",
           "train", "watch"]
