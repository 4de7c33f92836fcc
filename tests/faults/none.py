"""No fault at all."""


def deed():
    pass
