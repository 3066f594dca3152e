"""MediaPipe's side of the comparison; runs in its own environment, where mien is not installed.

``python peer.py video CLIP TASK FACES`` prints seconds per frame of one pass (decode, landmarks, blendshapes, pose).
``python peer.py pictures OUT.npz TASK PICTURE...`` stores landmarks (px) and blendshapes of single pictures.
``python peer.py frames OUT.npz TASK CLIP EVERY`` stores the same for every so many frames of a clip, each alone.
"""

import json
import sys
import time

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.tasks import python as tasks
from mediapipe.tasks.python import vision


def landmarker(task: str, mode: str, faces: int) -> vision.FaceLandmarker:
    return vision.FaceLandmarker.create_from_options(
        vision.FaceLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_path=task),
            running_mode=vision.RunningMode[mode],
            num_faces=faces,
            output_face_blendshapes=True,
            output_facial_transformation_matrixes=True,
        )
    )


def frames(clip: str):
    capture = cv2.VideoCapture(clip)
    while True:
        good, picture = capture.read()
        if not good:
            return
        yield cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def video(clip: str, task: str, faces: int) -> None:
    with landmarker(task, "VIDEO", faces) as network:
        rows, found = [], 0
        start = time.perf_counter()
        for number, picture in enumerate(frames(clip)):
            result = network.detect_for_video(mp.Image(mp.ImageFormat.SRGB, picture), number * 40)
            for face, strengths in zip(result.face_landmarks, result.face_blendshapes, strict=True):
                rows.append((np.array([(p.x, p.y, p.z) for p in face]), np.array([s.score for s in strengths])))
                found += 1
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds_per_frame": seconds / (number + 1), "faces": found}))


def _store(out: str, task: str, pictures) -> None:
    stored = {}
    with landmarker(task, "IMAGE", 1) as network:
        for name, picture in pictures:
            result = network.detect(mp.Image(mp.ImageFormat.SRGB, np.ascontiguousarray(picture)))
            if not result.face_landmarks:
                continue
            height, width = picture.shape[:2]
            points = np.array([(p.x * width, p.y * height, p.z * width) for p in result.face_landmarks[0]])
            stored[f"{name}|points"] = points
            stored[f"{name}|blendshapes"] = np.array([s.score for s in result.face_blendshapes[0]])
    np.savez(out, **stored)


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "video":
        video(rest[0], rest[1], int(rest[2]))
    elif what == "pictures":
        read = ((path, cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)) for path in rest[2:])
        _store(rest[0], rest[1], read)
    else:
        every = int(rest[3])
        _store(rest[0], rest[1], ((str(n), p) for n, p in enumerate(frames(rest[2])) if n % every == 0))
