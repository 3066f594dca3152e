"""mien explains what models see in faces.

The names below load on first use, so ``import mien`` costs almost nothing and never loads torch.
"""

__version__ = "0.3.0.dev0"

# What the bare install has, and what needs the extra [learn]; ``__init__.pyi`` has the same names with their types.
_BARE = {
    "Faces": "mien.core.faces",
    "Samples": "mien.core.samples",
    "Features": "mien.core.features",
    "Target": "mien.core.target",
    "Evidence": "mien.core.evidence",
    "MienError": "mien.core.errors",
    "read_faces": "mien.data.shards",
    "read_samples": "mien.data.samples",
    "read_stimuli": "mien.data.stimuli",
    "read_fixations": "mien.data.fixations",
    "fixations": "mien.data.eyes.detect",
    "load_eye_recordings": "mien.data.eyes.result",
    "read_brain": "mien.data.streams.brain",
    "streams": "mien.features.streams",
    "datasets": "mien.data.sets.listing",
    "synthesize": "mien.data.synthetic",
    "synthesize_cohort": "mien.data.synthetic",
    "synthesize_film": "mien.data.synthetic",
    "stimuli": "mien.stimuli.make",
    "load_stimuli": "mien.stimuli.result",
    "pareidolia": "mien.stimuli.pareidolia.make",
    "load_pareidolia": "mien.stimuli.pareidolia.result",
    "low_level": "mien.stimuli.low_level",
    "extract": "mien.faces.extract",
    "functionals": "mien.features.over_time.functionals",
    "questionnaire": "mien.data.questionnaires.questionnaire",
    "load_questionnaire": "mien.data.questionnaires.questionnaire",
    "actions": "mien.features.action_units",
    "load_actions": "mien.features.action_result",
    "import_": "mien.data.importers.folder",
    "release": "mien.cohort.release.release",
    "cohort": "mien.cohort.query",
    "query": "mien.cohort.query",
    "participants": "mien.cohort.participants",
    "load_participants": "mien.cohort.participants",
    "doctor": "mien.data.doctor",
    "methods": "mien.explain.listing",
    "models": "mien.models",
}
_LEARN = {
    "train": "mien.learn.train",
    "train_all": "mien.learn.train_all",
    "train_part": "mien.learn.train_part",
    "evaluate": "mien.learn.evaluate",
    "adapt": "mien.learn.adapt",
    "compare": "mien.compare.groups",
    "channels": "mien.cohort.channels",
    "load_channels": "mien.cohort.channels_result",
    "effects": "mien.cohort.effects",
    "load_effects": "mien.cohort.effects_result",
    "compare_models": "mien.compare.models",
    "learning_curve": "mien.cohort.learning_curve",
    "fairness": "mien.compare.fairness",
    "discrepancy": "mien.cohort.discrepancy",
    "profiles": "mien.cohort.profiles",
    "load_model": "mien.models.store",
    "activations": "mien.responses.compute",
    "probe_evidence": "mien.responses.evidence.evidence",
    "load_probe_evidence": "mien.responses.evidence.result",
    "brain_evidence": "mien.decoding.evidence.brain_evidence",
    "load_brain_evidence": "mien.decoding.evidence.result",
    "load_activations": "mien.responses.store",
    "rsa": "mien.compare.rsa",
    "load_rsa": "mien.compare.rsa_result",
    "gaze": "mien.compare.gaze.gaze",
    "load_gaze": "mien.compare.gaze.result",
    "link": "mien.compare.timelines.link",
    "load_link": "mien.compare.timelines.result",
    "explain": "mien.explain.explain",
    "explain_all": "mien.explain.explain",
    "load_evidence": "mien.explain.store",
    "draw_evidence": "mien.report.draw.explained",
    "embed": "mien.manifold.embed",
    "draw_brain": "mien.report.draw.brain",
    "draw_channels": "mien.report.draw.channels",
    "draw_maps": "mien.report.maps",
    "draw_layers": "mien.report.layer_maps",
    "evaluate_evidence": "mien.faithfulness.faithfulness",
    "reduce": "mien.reduce.reduce",
    "probe": "mien.responses.probes.probe",
    "load_probe": "mien.responses.probes.result",
    "units": "mien.responses.units.units",
    "load_units": "mien.responses.units.result",
    "study": "mien.studies",
    "decode": "mien.decoding.decode",
    "report": "mien.report.report",
    "figure": "mien.report.figure",
    "methods_text": "mien.report.paper.methods_text",
    "tables": "mien.report.tables.study_tables",
    "demo": "mien.studies.demo",
    "app": "mien.app.local_page.app",
    "watch": "mien.app.watch",
    "serve": "mien.app.serve",
}
# Verbs with verbs of their own, as mien.study.run; and what was published under a name that it no longer has.
_MODULES = ("models", "streams", "study")
_FORMER = {"faithfulness": "mien.faithfulness"}

__all__ = ["__version__", *_BARE, *_LEARN]


def __getattr__(name: str) -> object:
    # Nothing is imported above: the command answers Ctrl-C from its first moment.
    from importlib import import_module
    from inspect import isfunction

    if name in _FORMER:
        return import_module(_FORMER[name])
    home = _BARE.get(name) or _LEARN.get(name)
    if home is None:
        raise AttributeError(f"module 'mien' has no attribute '{name}'")
    if name in _LEARN:
        from mien.core.extras import need

        need("learn", f"mien.{name}")
    module = import_module(home)
    value = module if name in _MODULES else getattr(module, name)
    if isfunction(value):
        value = import_module("mien.data.places.arguments").at_places(value, "mien", name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
