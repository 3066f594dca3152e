"""Frames per second of ``mien watch``: expression alone, and with evidence drawn, written and streamed.

``python -m benchmarks.watch [--model FOLDER] [--rounds 3]`` needs ``pexels/`` and ``london/`` of the shared data and
the weights of EfficientNet-Lite0. Without a folder the attention network ``efdnn-lite`` is trained on London's smiling
and neutral faces first, at its usual size. The machine may be shared: beside frames per second stand the processor's
time per frame of all threads, which other work hardly changes, and the load.
"""

import argparse
import math
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mien
from benchmarks.common import arguments, data_root, is_quick, write

CLIP = "pexels/WolfgangLanger_Pexels.mp4"
# Frames of warming up: the networks' first passes are not those of a long run.
WARM_S = 1.0
SMALL = {"epochs": 1, "steps": 2}


def trained(folder: Path) -> Path:
    """The attention network on London's faces, without held-out people: only its speed matters here."""
    london = data_root() / "london"
    mien.extract(london, folder / "study")
    mien.train("london:", target="expression", faces=folder / "study", model="efdnn-lite", evaluate=False,
               output=folder / "model", settings=SMALL if is_quick() else None)  # fmt: skip
    return folder / "model"


def timed(run: Callable[[], Any]) -> dict[str, Any]:
    """One run: frames per second, processor's time per frame, load before and after."""
    before, wall, processor = os.getloadavg()[0], time.perf_counter(), time.process_time()
    watched = run()
    return {
        "frames": watched.frames,
        "dropped": watched.dropped,
        "frames_per_s": round(watched.frames_per_s, 2),
        "processor_ms_per_frame": round((time.process_time() - processor) / watched.frames * 1e3, 2),
        "wall_s": round(time.perf_counter() - wall, 2),
        "points_ms": round(watched.landmarks_ms, 2),
        "expression_ms": round(watched.expression_ms, 2),
        "overlay_ms": None if math.isnan(watched.overlay_ms) else round(watched.overlay_ms, 2),
        "load": [round(before, 1), round(os.getloadavg()[0], 1)],
    }


def viewed(clip: Path, **settings: Any) -> Any:
    """A live view with one viewer who reads everything: the clip is played in its own time, frames may be dropped."""

    def read(sentence: str) -> None:
        port = int(sentence.split("127.0.0.1:")[1].split("/")[0])

        def drain() -> None:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
                while connection.recv(1 << 20):
                    pass

        threading.Thread(target=drain, daemon=True).start()

    return mien.watch(clip, page=True, port=0, say=read, **settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = arguments(parser, data=("london", "pexels"), rounds=1)
    clip = data_root() / CLIP
    with tempfile.TemporaryDirectory() as place:
        model = options.model or trained(Path(place))
        film = Path(place) / "film.mp4"
        ways: dict[str, Callable[[], Any]] = {
            "attention network, expression alone": lambda: mien.watch(clip, model=model, method="none", page=False),
            "attention network, its attention drawn": lambda: mien.watch(clip, model=model, output=film),
            "attention network, Grad-CAM drawn": lambda: mien.watch(clip, model=model, method="grad-cam", output=film),
            "attention network, its attention, live page": lambda: viewed(clip, model=model),
            "rules, expression alone": lambda: mien.watch(clip, method="none", page=False),
            "rules, reasons drawn": lambda: mien.watch(clip, output=film),
        }
        mien.watch(clip, model=model, output=film, stop_s=WARM_S)
        rows = []
        for number in range(options.rounds):
            for what, run in ways.items():
                rows.append({"what": what, "round": number, **timed(run)})
                print(rows[-1], flush=True)
    write("watch", {"rows": rows})


if __name__ == "__main__":
    main()
