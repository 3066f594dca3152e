"""``watch``: apparent expression and its evidence, frame by frame, of a video or a camera."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.app.frame_loop import FrameLoop
from mien.app.frame_pictures import check_frames, frame_pictures
from mien.app.frames import camera_number, check_video, every_frame, newest_frames, source_frames
from mien.app.live_page import LivePage
from mien.app.rates import EXPRESSION, LANDMARKS, OVERLAY
from mien.app.reading import LiveModel
from mien.core.ended import Ended
from mien.core.errors import InputError
from mien.core.files import atomic_path
from mien.core.numbers import checked_numbers
from mien.core.output import check_file, check_folder
from mien.data.media.film import Film, is_own_film
from mien.data.media.video import SUFFIXES, Sampling, video_facts
from mien.data.media.video_frame import VideoFrame
from mien.faces.reader import Looker, LookSettings
from mien.models.base import Model
from mien.nets.threads import one_thread

FILM = ".mp4"
Write = Callable[[np.ndarray, VideoFrame], None]


@dataclass(frozen=True)
class Watched:
    """What a run of ``watch`` did.

    Attributes
    ----------
    source : str
        Video or camera.
    output : Path or None
        Film or folder that was written.
    frames, with_faces, dropped : int
        Frames that were looked at, those of them with an answer about a face, and frames that came while others were
        being looked at.
    frames_per_s : float
        Frames per second from the first to the last, everything included; NaN below two frames.
    landmarks_ms, expression_ms, overlay_ms : float
        Median time of finding faces and points, of the model's answers, and of evidence with all drawing; NaN where
        that was not done.
    problem : str
        Why the source ended early, if it did.
    ended_by : int
        Signal that ended it, 2 for Ctrl-C; 0: none did.
    """

    source: str
    output: Path | None
    frames: int
    with_faces: int
    dropped: int
    frames_per_s: float
    landmarks_ms: float
    expression_ms: float
    overlay_ms: float
    problem: str = ""
    ended_by: int = 0


@checked_numbers
def watch(
    source: str | int | Path,
    *,
    model: Model | str | Path = "rules",
    method: str | None = None,
    target: str | None = None,
    output: str | Path | None = None,
    most_faces: int = 3,
    every: str | int = 1,
    start_s: float = 0.0,
    stop_s: float | None = None,
    smooth_s: float = 0.0,
    page: bool | None = None,
    port: int = 8765,
    threads: int | None = None,
    each: Callable[[dict[str, Any]], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> Watched:
    """Watch a video or a camera: apparent expression of each face with its evidence, on a local page or in a file.

    What is said is how a face looks to a model in one frame, and no statement about what somebody feels. Ctrl-C ends
    it; a file that is being written is finished.

    Parameters
    ----------
    source : str, int or Path
        A video, or the number of a camera (0 is the first).
    model : Model, str or Path
        That answers about single pictures: a folder that ``mien.train`` wrote, or ``'rules'``, which need no training.
    method : str, optional
        Of explanation, one that needs no baselines. None: the network's own attention, the rules' reasons, TreeSHAP or
        Grad-CAM, whichever fits first; ``'none'``: no evidence.
    target : str, optional
        What evidence is about, such as ``'smiling'``. None: each face's most probable class.
    output : path, optional
        ``NAME.mp4`` for a film, else a folder for numbered JPEG frames; both show faces. What an earlier run wrote
        there is replaced, and nothing else: films and frames of other origin are refused.
    most_faces : int
        Of more faces the largest are read.
    every : int or str
        Every so many frames (``5``), or one in so many seconds (``'0.5s'``).
    start_s, stop_s : float
        Part of the source, in seconds from its first frame.
    smooth_s : float
        Time constant of exponential smoothing of the answers of each face; 0: every frame by itself. The overlay says
        it.
    page : bool, optional
        Whether to show the frames on a page of this machine, as they are played: frames that come while another is
        being looked at are dropped, not queued. A video waits until the page is opened. None: where no output is
        written and ``each`` is not given. Without a page every frame of a video is looked at, as fast as possible; of
        cameras the newest.
    port : int
        Of the page, on 127.0.0.1; 0 for any that is free.
    threads : int, optional
        Of the landmarker; by default the machine's cores.
    each : callable, optional
        Called with what is said about each frame: ``title``, ``caution`` (why it must not be interpreted, where the
        model is not shown to predict it), ``frame``, ``time_s``, ``faces`` with ``face``, ``box_px``,
        ``status``, ``expression``, ``answers``, ``abstained`` (what cannot be measured), and rates.
    say : callable, optional
        Gets the sentence with the page's address, and that the model is not shown to predict.

    Returns
    -------
    Watched

    Raises
    ------
    InputError
        If there is no such source, the model needs more than one picture, the method does not fit it, the output cannot
        be written or the port is taken. A video that breaks off is no error; ``problem`` says so.
    WeightsError
        If the weights were not pulled.

    Examples
    --------
    >>> import mien
    >>> from PIL import Image
    >>> people = mien.synthesize("people", subjects=1, expressions=("smile",), frames=2, pictures=True)
    >>> Image.open("people/pictures/s001-smile-1.png").save("clip.gif")
    >>> watched = mien.watch("clip.gif", output="watched.mp4")
    >>> watched.frames, watched.with_faces, watched.output.name
    (1, 1, 'watched.mp4')
    """
    sampling = Sampling.parse(every, start_s, stop_s)
    target_path = None if output is None else Path(output)
    is_camera = camera_number(source) is not None
    if not is_camera:
        check_video(Path(str(source)))
    if target_path is not None:
        _check_output(target_path, None if is_camera else Path(str(source)))
    frames = source_frames(source, sampling)
    with_page = (output is None and each is None) if page is None else page
    look = Looker(LookSettings(sampling), threads or os.cpu_count() or 1).stream(str(source))
    live = LiveModel(model, method=method, target=target)
    loop = FrameLoop(live, look, most_faces, smooth_s, draws=with_page or target_path is not None)
    _warn(live, say)
    problem, finished, ended_by = "", 0, 0
    # One thread for the network: for one face at a time more of them only wait for each other.
    with one_thread(), ExitStack() as stack:
        write = None
        if target_path is not None:
            rate = 25.0 if is_camera else video_facts(Path(str(source)))["rate"] or 25.0
            write = stack.enter_context(
                _film(target_path, rate) if _is_film(target_path) else frame_pictures(target_path)
            )
        view = LivePage(port) if with_page else None
        try:
            if view is not None:
                stack.callback(view.close)
                if say is not None:
                    say(f"Open {view.url} in a browser on this machine. Ctrl-C ends it.")
                if not is_camera:
                    view.wait_for_a_viewer()
            live_now = view is not None or is_camera
            items = newest_frames(frames, paced=not is_camera) if live_now else every_frame(frames)
            stack.callback(items.close)
            for frame, dropped in items:
                picture, state = loop(frame, dropped)
                if write is not None and picture is not None:
                    write(picture, frame)
                if view is not None and picture is not None:
                    view.show(picture, state)
                finished += 1
                if each is not None:
                    each(state)
        except (KeyboardInterrupt, Ended) as ended:
            ended_by = ended.number if isinstance(ended, Ended) else signal.SIGINT.value
        except InputError as error:
            if not finished:
                raise
            problem = str(error)
    if not finished and not problem and not ended_by:
        raise InputError(f"{source} has no frame from start_s = {start_s:g} on; nothing was written.")
    return _summary(loop, str(source), target_path if finished else None, problem, ended_by)


def _warn(live: LiveModel, say: Callable[[str], None] | None) -> None:
    if say is not None and (caution := live.caution()):
        say(caution)


def _check_output(target: Path, source: Path | None) -> None:
    """Refuse what is no film that can be written, and the source itself under whatever name."""
    if target.suffix.lower() in SUFFIXES and not _is_film(target):
        raise InputError(
            f"Films are written as NAME{FILM}, but got '{target.name}'; a name without ending is a folder."
        )
    if source is not None and target.exists() and target.samefile(source):
        raise InputError(f"{target} is the video that is watched; give the output another name.")
    if not _is_film(target):
        check_folder(target)
        check_frames(target)
        return
    check_file(target)
    if target.exists() and not is_own_film(target):
        raise InputError(
            f"{target} is there and was not written by this version of 'mien watch'; remove it or give the output "
            "another name."
        )


def _is_film(path: Path) -> bool:
    return path.suffix.lower() == FILM


@contextmanager
def _film(path: Path, rate: float) -> Iterator[Write]:
    """Writes frames into a film, which is there once it is finished; none where there was no frame."""
    with ExitStack() as stack:
        film: Film | None = None

        def write(picture: np.ndarray, frame: VideoFrame) -> None:
            nonlocal film
            if film is None:
                film = stack.enter_context(Film(stack.enter_context(atomic_path(path)), rate))
            film.add(picture, frame.time_s)

        yield write


def _summary(loop: FrameLoop, source: str, output: Path | None, problem: str, ended_by: int) -> Watched:
    rates = loop.rates
    return Watched(
        source=source,
        output=output if loop.count else None,
        frames=loop.count,
        with_faces=loop.with_faces,
        dropped=loop.dropped,
        frames_per_s=rates.overall,
        landmarks_ms=rates.milliseconds(LANDMARKS),
        expression_ms=rates.milliseconds(EXPRESSION),
        overlay_ms=rates.milliseconds(OVERLAY),
        problem=problem,
        ended_by=ended_by,
    )
