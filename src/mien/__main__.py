"""``mien`` and ``python -m mien``."""

import os

from mien.cli.interrupts import run_to_the_end


def run() -> None:
    """Entry point; it can be interrupted while the command line is loaded, too."""

    # Seeds want maps drawn by one thread; the others that numba would start take the processor's time while they wait.
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")

    def load():  # type: ignore[no-untyped-def]
        from mien.core.loading import loading

        with loading():
            from mien.cli.main import program

        return program

    run_to_the_end(load)


if __name__ == "__main__":
    run()
