"""``python -m mien``: the same as ``mien``."""

from mien.cli.main import run

if __name__ == "__main__":
    run()
