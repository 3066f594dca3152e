"""
Faces in a picture
==================

A photo goes in; points, blendshapes, head pose and gaze come out.
"""

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt
import skimage
from PIL import Image

import mien

here = Path(mkdtemp())
Image.fromarray(skimage.data.astronaut()).save(here / "astronaut.png")
extracted = mien.extract(here / "astronaut.png", here / "study")
print(extracted)
