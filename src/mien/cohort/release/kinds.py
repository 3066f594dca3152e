"""What of a study is passed on: by folder and by kind of file; whatever is not named here stays."""

from __future__ import annotations

from pathlib import PurePosixPath

# Folders and files that are left out whatever stands in them, and why.
_LEFT_OUT = {
    "faces": "points of faces, and names of files",
    "overlays": "pictures of people",
    "evidence": "evidence about pixels and points of faces",
    "maps": "maps with people as points, and their pictures",
    "activations": "what networks answer to pictures of people",
    "stimuli": "pictures",
    "figures": "drawings; make them anew from the copy",
    "sources": "where files lie, and checksums of them",
    "report.html": "a page with drawings; make it anew: mien report COPY",
    "maps.html": "a page with pictures",
    "study.toml": "names of files on this machine",
    "truth.json": "what is true of made-up people, by name",
}
_FILES_LEFT_OUT = {
    "model.json": "it names every person that the model has learnt from",
    "problems.csv": "sentences on rows of single people",
    "shown.safetensors": "pictures",
}
_KINDS = {
    ".safetensors": "weights and other arrays",
    ".npy": "arrays", ".npz": "arrays",
    ".toml": "settings with names of files", ".txt": "free text", ".md": "free text",
    ".html": "a page", ".svg": "a drawing", ".pdf": "a drawing",
}  # fmt: skip
KEPT = (".json", ".parquet", ".csv")


def why_left_out(file: PurePosixPath) -> str:
    """Why a file of a study is left out of the copy; ``''`` where its content decides."""
    if any(part.startswith(".") for part in file.parts):
        return "halves of files that were never finished"
    for name in (file.parts[0], file.name):
        if name in _LEFT_OUT:
            return _LEFT_OUT[name]
    if file.name in _FILES_LEFT_OUT:
        return _FILES_LEFT_OUT[file.name]
    ending = file.suffix.lower()
    return "" if ending in KEPT else _KINDS.get(ending, "media, or a kind of file that mien does not know")
