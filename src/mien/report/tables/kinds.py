"""Which parts of a study have tables: one row each, with where they lie and what reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from mien.core.registry import Row


@dataclass(frozen=True)
class Kind(Row[Any]):
    """A part of a study.

    Attributes
    ----------
    file : str
        By which it is known.
    places : str
        Pattern of its folders, below the study.
    whole : bool
        Whether it is read from the folder; else from the file.
    also : tuple of str
        Properties of the result that are tables beside its fields.
    without : tuple of str
        Fields that are no table: other tables hold them, or they are of single people.
    """

    kind: ClassVar[str] = "part of a study"
    room: ClassVar[str] = "mien."

    file: str = ""
    places: str = ""
    whole: bool = True
    also: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def read(self, folder: Path) -> Any:
        """The result that lies in a folder."""
        code: Any = self.module
        for name in self.home.partition(":")[2].split("."):
            code = getattr(code, name)
        return code(folder if self.whole else folder / self.file)

    def lies_in(self, study: Path) -> list[Path]:
        """Its folders."""
        return sorted(path.parent for path in study.glob(f"{self.places}/{self.file}"))


# In the order of the report.
KINDS: tuple[Kind, ...] = (
    Kind("models", "learn.evaluation:Evaluation.read", "Scores of a model.", file="evaluation.json", places="models/*"),
    Kind("learning-curve", "cohort.learning_curve_result:LearningCurve.read", "Scores by number of people.",
         file="learning_curve.json", places="learning_curve/*"),
    Kind("comparison", "compare.comparison:Comparison.read", "Models on the same people.",
         file="comparison.json", places="comparison", whole=False),
    Kind("adaptation", "learn.adaptation:Adaptation.read", "What a few recordings of a person bring.",
         file="adaptation.json", places="adaptation/*"),
    Kind("groups", "compare.group_comparison:read_group_comparison", "Groups of people.",
         file="groups.json", places="groups/*", whole=False),
    Kind("fairness", "compare.fairness_result:Fairness.read", "Scores by groups of people.",
         file="fairness.json", places="fairness/*", whole=False),
    Kind("populations", "compare.population_result:PopulationScores.read", "Models of several populations.",
         file="scores.json", places="populations"),
    Kind("questionnaire", "data.questionnaires.result:Questionnaire.read", "Scores of a questionnaire.",
         file="questionnaire.json", places="questionnaires/*", without=("problems",)),
    Kind("profiles", "cohort.profiles_result:Profiles.read", "Profiles of people.",
         file="profiles.json", places="profiles/*"),
    Kind("discrepancy", "cohort.discrepancy_result:Discrepancy.read", "Heterogeneity behind one total.",
         file="discrepancy.json", places="discrepancy/*"),
    Kind("probes", "responses.probes.result:load_probe", "Faces told from everything else.",
         file="probe.json", places="probes/*"),
    Kind("parts", "responses.evidence.result:load_probe_evidence", "What a probe's answer rests on.",
         file="parts.json", places="evidence/*"),
    Kind("units", "responses.units.result:load_units", "Units that respond to faces.",
         file="units.json", places="units/*"),
    Kind("decoding", "decoding.result:Decoding.read", "What is decodable from streams.",
         file="decoding.json", places="decoding/*", without=("sources",)),
    Kind("brain-evidence", "decoding.evidence.result:load_brain_evidence", "What decoders of a brain rest on.",
         file="brain.json", places="brain/*", also=("table",), without=("maps", "space")),
    Kind("link", "compare.timelines.result:load_link", "What goes along over time.", file="link.json", places="link/*"),
    Kind("gaze", "compare.gaze.result:load_gaze", "Maps beside fixations of viewers.",
         file="gaze.json", places="gaze/*"),
    Kind("effects", "cohort.effects_result:load_effects", "Which behaviour goes with a score.",
         file="effects.json", places="effects/*", also=("table",), without=("codebook",)),
    Kind("channels", "cohort.channels_result:load_channels", "What a model of a score rests on.",
         file="channels.json", places="channels/*"),
    Kind("rsa", "compare.rsa_result:load_rsa", "Similarity structures.", file="rsa.json", places="rsa/*"),
    Kind("faithfulness", "faithfulness.result:Faithfulness.read", "Whether evidence deserves its name.",
         file="faithfulness.json", places="faithfulness/*", whole=False, also=("rows",)),
    Kind("reduction", "reduce.result:read_reduction", "Fewer landmarks.",
         file="reduction.json", places="reduction/*"),
)  # fmt: skip
