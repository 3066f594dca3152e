"""A synthetic cohort: made-up people whose acting muscles are known.

``make_cohort`` gives landmark sequences with the planted truth, ``render`` pictures of the same people,
``synthesize`` a folder with both that ``synthetic:FOLDER`` reads; ``acting_auc`` scores evidence against the truth.
"""

from mien.data.synthetic.cohort import Cohort, Performance, acting_auc, make_cohort
from mien.data.synthetic.expressions import EXPRESSIONS, GROUPS
from mien.data.synthetic.folder import synthesize, write_cohort, write_pictures
from mien.data.synthetic.render import render
from mien.data.synthetic.scene import Scene, scene

__all__ = [
    "EXPRESSIONS",
    "GROUPS",
    "Cohort",
    "Performance",
    "Scene",
    "acting_auc",
    "make_cohort",
    "render",
    "scene",
    "synthesize",
    "write_cohort",
    "write_pictures",
]
