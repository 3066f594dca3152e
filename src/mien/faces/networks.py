"""The landmarker's networks, run by LiteRT from verified weights."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mien.data.weights import member_bytes


class FaceNetwork:
    """One TFLite network with one input.

    Parameters
    ----------
    card : str
        Name of the weights, as in ``mien models list``.
    threads : int
        Threads of the runtime.
    scale, offset : float
        The network sees input * scale + offset.
    """

    def __init__(self, card: str, threads: int, scale: float = 1.0, offset: float = 0.0) -> None:
        self._scale, self._offset = np.float32(scale), np.float32(offset)
        content = member_bytes(card)
        with _quiet():
            from ai_edge_litert.interpreter import Interpreter

            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
        entry = self._interpreter.get_input_details()[0]
        self._input = entry["index"]
        self.input_shape: tuple[int, ...] = tuple(int(n) for n in entry["shape"])
        self._outputs = [output["index"] for output in self._interpreter.get_output_details()]

    def __call__(self, batch: np.ndarray) -> list[np.ndarray]:
        """Run every row of ``batch``.

        Parameters
        ----------
        batch : ndarray, shape (rows, *input_shape[1:])

        Returns
        -------
        list of ndarray, each of shape (rows, ...)
        """
        rows = []
        for row in batch:
            self._fill(row)
            self._interpreter.invoke()
            rows.append([self._row(index) for index in self._outputs])
        return [np.concatenate(parts) for parts in zip(*rows, strict=True)]

    def _fill(self, row: np.ndarray) -> None:
        """Write one row into the runtime's own memory; no view of it may be alive when the network runs."""
        memory = self._interpreter.tensor(self._input)()
        np.multiply(row, self._scale, out=memory[0])
        if self._offset:
            memory += self._offset

    def _row(self, index: int) -> np.ndarray:
        """A copy of one output with a leading axis of length 1, which the blendshape network leaves out."""
        output = self._interpreter.get_tensor(index)
        return output if output.ndim > 1 and output.shape[0] == 1 else output[None]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the runtime's start-up lines, which it writes straight to file descriptor 2, off the user's screen."""
    try:
        sys.stderr.flush()
        saved = os.dup(2)
    except (OSError, ValueError, AttributeError):
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), 2)
            yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
