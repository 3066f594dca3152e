"""The public names with their types, for editors and type checkers; they load on first use."""

import mien.features.streams as _streams
from mien import models as models
from mien import studies as _studies
from mien.app.local_page.app import app as app
from mien.app.serve import serve as serve
from mien.app.watch import watch as watch
from mien.cohort.channels import channels as channels
from mien.cohort.channels_result import load_channels as load_channels
from mien.cohort.discrepancy import discrepancy as discrepancy
from mien.cohort.effects import effects as effects
from mien.cohort.effects_result import load_effects as load_effects
from mien.cohort.learning_curve import learning_curve as learning_curve
from mien.cohort.participants import load_participants as load_participants
from mien.cohort.participants import participants as participants
from mien.cohort.profiles import profiles as profiles
from mien.cohort.query import cohort as cohort
from mien.cohort.query import query as query
from mien.cohort.release.release import release as release
from mien.compare.fairness import fairness as fairness
from mien.compare.gaze.gaze import gaze as gaze
from mien.compare.gaze.result import load_gaze as load_gaze
from mien.compare.groups import compare as compare
from mien.compare.models import compare_models as compare_models
from mien.compare.rsa import rsa as rsa
from mien.compare.rsa_result import load_rsa as load_rsa
from mien.compare.timelines.link import link as link
from mien.compare.timelines.result import load_link as load_link
from mien.core.errors import MienError as MienError
from mien.core.evidence import Evidence as Evidence
from mien.core.faces import Faces as Faces
from mien.core.features import Features as Features
from mien.core.samples import Samples as Samples
from mien.core.target import Target as Target
from mien.data.doctor import doctor as doctor
from mien.data.eyes.detect import fixations as fixations
from mien.data.eyes.result import load_eye_recordings as load_eye_recordings
from mien.data.fixations import read_fixations as read_fixations
from mien.data.importers.folder import import_ as import_
from mien.data.questionnaires.questionnaire import load_questionnaire as load_questionnaire
from mien.data.questionnaires.questionnaire import questionnaire as questionnaire
from mien.data.samples import read_samples as read_samples
from mien.data.sets.listing import datasets as datasets
from mien.data.shards import read_faces as read_faces
from mien.data.stimuli import read_stimuli as read_stimuli
from mien.data.streams.brain import read_brain as read_brain
from mien.data.synthetic import synthesize as synthesize
from mien.data.synthetic import synthesize_cohort as synthesize_cohort
from mien.data.synthetic import synthesize_film as synthesize_film
from mien.decoding.decode import decode as decode
from mien.decoding.evidence.brain_evidence import brain_evidence as brain_evidence
from mien.decoding.evidence.result import load_brain_evidence as load_brain_evidence
from mien.explain.explain import explain as explain
from mien.explain.explain import explain_all as explain_all
from mien.explain.listing import methods as methods
from mien.explain.store import load_evidence as load_evidence
from mien.faces.extract import extract as extract
from mien.faithfulness.faithfulness import evaluate_evidence as evaluate_evidence
from mien.features.action_result import load_actions as load_actions
from mien.features.action_units import actions as actions
from mien.features.over_time.functionals import functionals as functionals
from mien.learn.adapt import adapt as adapt
from mien.learn.evaluate import evaluate as evaluate
from mien.learn.train import train as train
from mien.learn.train_all import train_all as train_all
from mien.manifold.embed import embed as embed
from mien.models.store import load_model as load_model
from mien.reduce.reduce import reduce as reduce
from mien.report.draw.brain import draw_brain as draw_brain
from mien.report.draw.channels import draw_channels as draw_channels
from mien.report.draw.explained import draw_evidence as draw_evidence
from mien.report.figure import figure as figure
from mien.report.layer_maps import draw_layers as draw_layers
from mien.report.maps import draw_maps as draw_maps
from mien.report.paper.methods_text import methods_text as methods_text
from mien.report.report import report as report
from mien.report.tables.study_tables import tables as tables
from mien.responses.compute import activations as activations
from mien.responses.evidence.evidence import probe_evidence as probe_evidence
from mien.responses.evidence.result import load_probe_evidence as load_probe_evidence
from mien.responses.probes.probe import probe as probe
from mien.responses.probes.result import load_probe as load_probe
from mien.responses.store import load_activations as load_activations
from mien.responses.units.result import load_units as load_units
from mien.responses.units.units import units as units
from mien.stimuli.low_level import low_level as low_level
from mien.stimuli.make import stimuli as stimuli
from mien.stimuli.pareidolia.make import pareidolia as pareidolia
from mien.stimuli.pareidolia.result import load_pareidolia as load_pareidolia
from mien.stimuli.result import load_stimuli as load_stimuli
from mien.studies.demo import demo as demo

streams = _streams
study = _studies

__version__: str
__all__: list[str]
