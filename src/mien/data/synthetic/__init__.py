"""A synthetic cohort: made-up people whose acting muscles are known.

``make_cohort`` gives landmark sequences with the planted truth, ``render`` pictures of the same people,
``synthesize`` a folder with both that ``synthetic:FOLDER`` reads; ``acting_auc`` scores evidence against the truth.
``synthesize_cohort`` writes recordings and questionnaires of many people, with planted links between them.
"""

from mien.data.synthetic.cohort import Cohort, Performance, acting_auc, make_cohort
from mien.data.synthetic.cohort_folder import MadeUpCohort, synthesize_cohort
from mien.data.synthetic.expressions import EXPRESSIONS, GROUPS
from mien.data.synthetic.folder import synthesize, write_cohort, write_pictures
from mien.data.synthetic.render import render
from mien.data.synthetic.scene import Scene, scene

__all__ = [
    "EXPRESSIONS",
    "GROUPS",
    "Cohort",
    "MadeUpCohort",
    "Performance",
    "Scene",
    "acting_auc",
    "make_cohort",
    "render",
    "scene",
    "synthesize",
    "synthesize_cohort",
    "write_cohort",
    "write_pictures",
]
