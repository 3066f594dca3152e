"""Errors that users see: each message says what was expected, what came and what to do next."""


class MienError(Exception):
    """Anything mien refuses, told in a sentence for people."""


class InputError(MienError, ValueError):
    """A file, table, array or setting is not what it has to be."""


class WeightsError(MienError):
    """Weights are missing, damaged or could not be had."""


class MissingExtra(MienError, ImportError):
    """An optional part of mien is not installed."""
