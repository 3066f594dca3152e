"""The README's picture, from a demo's study folder: ``python docs/picture.py DEMO OUT.html``.

Four rendered people with the points that were found, and the evidence for two apparent expressions. Screenshot the page
at 1000 x 580 pixels in any browser.
"""

import base64
import sys
from pathlib import Path

import cv2

from mien.atlas.summary import summarise
from mien.data.media.pictures import read_picture
from mien.data.shards import read_faces
from mien.explain.store import load_evidence
from mien.faces.draw import draw_faces
from mien.report.draw.face import face_plot

SHOWN = ("s003-smile-1", "s002-surprise-1", "s005-anger-1", "s008-sadness-1")
EXPLAINED = ("smile", "surprise")

STYLE = """body{margin:0;overflow:hidden;background:#fff;font:14px sans-serif;color:#333}
.row{display:flex;gap:8px;padding:8px}.row img{width:240px;height:240px;object-fit:cover}
.maps{justify-content:space-around}.maps div{width:300px;text-align:center}.maps svg{height:260px;width:auto}"""


def main(demo: Path, out: Path) -> None:
    faces = read_faces(demo)
    pictures = []
    for clip in SHOWN:
        rows = [i for i, source in enumerate(faces.source) if source.endswith(f"{clip}.png")]
        drawn = draw_faces(read_picture(demo / "synthetic-pictures" / "pictures" / f"{clip}.png"), faces[rows])
        png = cv2.imencode(".png", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))[1]
        pictures.append(f'<img src="data:image/png;base64,{base64.b64encode(png.tobytes()).decode()}">')
    maps = []
    for label in EXPLAINED:
        folder = demo / "evidence" / "synthetic-sequences" / "integrated-gradients" / label
        summary = summarise(load_evidence(folder))
        svg = face_plot(
            summary.point_signed, summary.topology, title=label, absolute=summary.point_absolute, unit="logit per point"
        )
        maps.append(f"<div>evidence for an apparent {label}<br>{svg}</div>")
    body = f'<div class="row">{"".join(pictures)}</div><div class="row maps">{"".join(maps)}</div>'
    page = f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>{body}'
    out.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
