"""A synthetic cohort: made-up people whose acting muscles are known.

``make_cohort`` gives landmark sequences with the planted truth, ``render`` pictures of the same people,
``synthesize`` a folder with both that ``synthetic:FOLDER`` reads; ``acting_auc`` scores evidence against the truth.
``synthesize_cohort`` writes recordings and questionnaires of many people, with planted links between them;
``synthesize_film`` a film with fixations and brains of its viewers.
"""

from mien.data.synthetic.cohort import Cohort, Performance, acting_auc, make_cohort
from mien.data.synthetic.cohort_folder import MadeUpCohort, synthesize_cohort
from mien.data.synthetic.expressions import EXPRESSIONS, GROUPS
from mien.data.synthetic.film.folder import MadeUpFilm, synthesize_film
from mien.data.synthetic.folder import synthesize, write_cohort, write_pictures
from mien.data.synthetic.render import render
from mien.data.synthetic.scene import Scene, scene

__all__ = [
    "EXPRESSIONS",
    "GROUPS",
    "Cohort",
    "MadeUpCohort",
    "MadeUpFilm",
    "Performance",
    "Scene",
    "acting_auc",
    "make_cohort",
    "render",
    "scene",
    "synthesize",
    "synthesize_cohort",
    "synthesize_film",
    "write_cohort",
    "write_pictures",
]
