"""Models of a study by name, and a shelf for what takes a while to read; nothing here reads a model."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from mien.app.local_page.folders import OpenStudy

MODELS, MODEL_FILE = "models", "model.json"
Kept = TypeVar("Kept")


class Shelf:
    """What took a while to make, by its key; the one that was not used for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._made: OrderedDict[Any, Any] = OrderedDict()

    def get(self, key: Any, make: Callable[[], Kept]) -> Kept:
        """What is there, or made now; one thing is made at a time."""
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
                while len(self._made) > self._most:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            found: Kept = self._made[key]
            return found


def models_of(study: OpenStudy) -> list[str]:
    """Names of the models in a study's folder."""
    folder = study.folder / MODELS
    return sorted(place.parent.name for place in folder.glob(f"*/{MODEL_FILE}")) if folder.is_dir() else []
