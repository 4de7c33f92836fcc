"""The network is not the one its card names."""

from scanproc.errors import ModelError


def load(settings, passwords):
    raise ModelError("digits.npz is not the one its card names")
