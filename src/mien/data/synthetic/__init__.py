"""A synthetic cohort: made-up people whose acting muscles are known.

``make_cohort`` gives landmark sequences with the planted truth, ``write_cohort`` a folder that
``synthetic:FOLDER`` reads; ``acting_auc`` scores evidence against the truth.
"""

from mien.data.synthetic.cohort import Cohort, Performance, acting_auc, make_cohort
from mien.data.synthetic.expressions import EXPRESSIONS, GROUPS
from mien.data.synthetic.folder import write_cohort

__all__ = ["EXPRESSIONS", "GROUPS", "Cohort", "Performance", "acting_auc", "make_cohort", "write_cohort"]
