"""What was done, in paragraphs: people, faces, models, folds, statistics, evidence, software."""

from __future__ import annotations

from typing import Any

from mien.core.evidence import SHUFFLED, baselines_in_words, steps_in_words
from mien.core.outcome import NO_RATING, RATINGS
from mien.core.people.words import apart_words, who_words
from mien.core.words import begun, listed
from mien.explain.methods import METHODS
from mien.learn.evaluation import Evaluation
from mien.report.models_folder import HELD_OUT, ModelPart
from mien.report.paper.citations import Citations
from mien.report.paper.cohort_words import effects_methods, questionnaire_methods
from mien.report.paper.comparison_words import comparison_methods
from mien.report.paper.model_words import FEW, called, model_sentences
from mien.report.paper.score_words import Paragraph, ratings_methods
from mien.report.paper.software import used_packages
from mien.report.sample import sample_facts, sample_words
from mien.report.sections.models import protocol_folds
from mien.report.study_folder import StudyFolder
from mien.stats.chance import PERMUTATIONS
from mien.stats.scores import LEAST_P


def methods(
    study: StudyFolder, cite: Citations, licences: list[dict[str, str]], problems: list[str]
) -> list[Paragraph]:
    """Headings with their paragraphs; a part that the folder does not hold has none.

    Parameters
    ----------
    study : StudyFolder
    cite : Citations
        Takes up what is named.
    licences : list of dict
        ``name``, ``licence`` and ``credit`` of data and networks.
    problems : list of str
        Gets a sentence for what cannot be read.
    """
    scored = [part for part in study.models if part.evaluation is not None]
    found = [
        ("Participants", " ".join(sample_words(sample_facts(study, problems)))),
        ("Data", _data(study, scored, licences)),
        ("Face measurement", _faces(study, cite)),
        ("Questionnaires", " ".join(questionnaire_methods(study, problems))),
        ("Models", " ".join(model_sentences(study.models, study.path, cite))),
        ("Validation", _validation(scored, cite)),
        ("Measures and outcomes", " ".join(effects_methods(study, problems))),
        ("Comparison of models", comparison_methods(study, problems)),
        ("Explanation", _explanation(study, cite)),
        ("Software", _software(study, cite)),
    ]
    return [(heading, text) for heading, text in found if text]


def _data(study: StudyFolder, scored: list[ModelPart], licences: list[dict[str, str]]) -> str:
    sentences = []
    sets = {str(part.info["samples"]["name"]) for part in study.models if _named(part.info.get("samples"))}
    for row in licences:
        if row["name"] in sets:
            credit = f"; {row['credit'].rstrip('.')}" if row["credit"] else ""
            sentences.append(f"Samples were those of {row['name']} ({row['licence']}{credit}).")
    alike: dict[str, list[ModelPart]] = {}
    for part in scored:
        alike.setdefault(_people(part), []).append(part)
    sentences += [f"{begun(called(parts))} {'were' if len(parts) > 1 else 'was'} evaluated on {words}."
                  for words, parts in alike.items()]  # fmt: skip
    return " ".join([*sentences, *([rated] if (rated := ratings_methods(scored)) else [])])


def _named(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str)


def _people(part: ModelPart) -> str:
    evaluation = part.evaluation
    assert evaluation is not None
    left = [
        f"{count} without a value of what is predicted" if status == NO_RATING else f"{count} for '{status}'"
        for status, count in evaluation.left_out.items() if count
    ]  # fmt: skip
    out = f"; left out were {listed(left)}" if left else ""
    return f"{who_words(evaluation.protocol)}{out}"


def _faces(study: StudyFolder, cite: Citations) -> str:
    found = study.extraction
    if found is None:
        return ""
    counts = found.counts
    total = "the one picture or video" if len(found.sources) == 1 else f"{len(found.sources)} pictures or videos"
    words = {"no face": "without a face", "unreadable": "unreadable", "excluded": "excluded by review"}
    missed = [f"{counts[status]} {called}" for status, called in words.items() if counts.get(status)]
    extract = study.provenance.get("extract")
    ours = isinstance(extract, dict) and found.topology == "mediapipe-478"
    how = (
        "Faces were detected, described by 478 landmarks, 52 blendshapes and head pose, and followed over frames by "
        f"place, size and motion{cite('mediapipe-478', 'detector', 'mien')}. No identity was computed. "
        if ours
        else f"Faces are described by the points of {found.topology}. "
        if found.topology
        else ""
    )
    return f"{how}A face was found in {counts['ok']} of {total}{f' ({listed(missed)})' if missed else ''}."


def _validation(scored: list[ModelPart], cite: Citations) -> str:
    if not scored:
        return ""
    by_protocol: dict[str, list[ModelPart]] = {}
    for part in scored:
        assert part.evaluation is not None
        protocol = part.evaluation.protocol
        apart = apart_words(protocol)
        how = "on other people than those of the training" if protocol.get("scheme") == HELD_OUT else (
            f"by {protocol_folds(protocol)}"
        )  # fmt: skip
        words = f"{how}; {apart}"
        by_protocol.setdefault(words, []).append(part)
    first = " ".join(f"Scores of {called(parts)} were computed {words}." for words, parts in by_protocol.items())
    bounded = [part.evaluation for part in scored if part.evaluation and _has_interval(part.evaluation)]
    rated = {found.predicts == RATINGS for found in bounded}
    kinds = [f"of ratings by the jackknife{cite('intervals of scores')}"] if True in rated else []
    kinds += [f"of shares and classes by Gaffke's bound{cite('intervals of shares')}"] if False in rated else []
    intervals = (
        f"Intervals of scores are 95 % intervals over people, {' and '.join(kinds)}; they hold the predictions fixed."
        if kinds else "Intervals of scores are withheld: there are too few people for them."
    )  # fmt: skip
    scores = [score for part in scored if part.evaluation for score in part.evaluation.scores.values()]
    tested = any(score.p == score.p for score in scores)
    crossed = any(part.evaluation and part.evaluation.protocol.get("scheme") != HELD_OUT for part in scored)
    wider = (
        "what they score is spread the wider by the root of two, as people who are tested also trained the models of "
        f"others{cite('p of scores')}. " if crossed and tested else ""
    )  # fmt: skip
    p = (
        " p values (one-sided) say how often predictions that have nothing to do with the truth score so well, by "
        f"{PERMUTATIONS} permutations of people{'; ' if wider else '. '}{wider}Better than chance: p <= {LEAST_P:g}, "
        "which is what a 95 % interval asks for." if tested else ""
    )  # fmt: skip
    untested = list(dict.fromkeys(
        f"{begun(called([part]))}: {note}" if len(scored) <= FEW else note
        for part in scored if part.evaluation for note in part.evaluation.notes if "no test against chance" in note
    ))  # fmt: skip
    p += "".join(f" {note}" for note in untested)
    if any(part.evaluation and part.evaluation.sites for part in scored):
        p += (
            " Interval and test of that mean allow for training data in common: what two of them share by chance "
            "counts twice."
        )
    if any(part.evaluation and part.evaluation.beside for part in scored):
        p += (
            " Beside each model stand a logistic or ridge regression on covariates alone and one on covariates and the "
            "model's answer, on the same folds; whether the answer says anything beyond the covariates is tested by "
            "the generalised covariance measure, with Holm's correction over all models and outcomes."
        )
    if any(part.evaluation and part.evaluation.ceilings for part in scored):
        p += (
            " The ceiling of a correlation with mean ratings is the square root of their reliability, estimated from "
            "single ratings."
        )
    checked = any(part.evaluation and part.evaluation.noise_check for part in scored)
    noise = " The whole procedure was repeated with shuffled labels as a check for leaks." if checked else ""
    return (
        f"{first} Everything that is fitted (scaling, selection, early stopping) was fitted within the training folds. "
        f"{intervals}{p}{noise}"
    )


def _explanation(study: StudyFolder, cite: Citations) -> str:
    # What was asked in another way is another sentence.
    asked: dict[tuple[str, str, str], list[Any]] = {}
    for part in study.evidence:
        settings = part.evidence.settings
        base = f", baselines: {baselines_in_words(settings)}" if "baselines" in settings else ""
        asked.setdefault((part.evidence.method, steps_in_words(settings), base), []).append(part)
    sentences = []
    for (method, words, base), parts in asked.items():
        row = METHODS.get(method)
        meaning = f": {row.meaning}" if row else ""
        names = listed([f"'{name}'" for name in dict.fromkeys(part.model for part in parts)])
        targets = listed(list(dict.fromkeys(f"'{part.evidence.target}'" for part in parts)))
        steps = f", {words}" if words else ""
        sentences.append(
            f"Predictions of {names} ({targets}) were explained by {method}{cite(method)}{meaning}{steps}{base}."
        )
    if not sentences:
        return ""
    return (
        f"{' '.join(sentences)} Values were kept signed; shares are of absolute values, averaged within and then over "
        f"people, and compared with an even spread over the same places{_shuffled(study)}"
    )


def _shuffled(study: StudyFolder) -> str:
    """With what else shares were compared; that an even spread is no test by itself, where it was not."""
    counts = {int(told["n"]) for part in study.evidence if (told := part.evidence.settings.get(SHUFFLED))}
    if not counts:
        return (
            ". That says where the models' evidence lies, and not that it has to do with what was predicted: models of "
            "shuffled labels have theirs where features vary most, which was not computed here."
        )
    times = listed([str(count) for count in sorted(counts)])
    return (
        f", and with those of {times} models that were trained and explained in the same way after labels changed "
        "hands between people (the largest share of all places, each in standard deviations, so that p holds for "
        "all at once)."
    )


def _software(study: StudyFolder, cite: Citations) -> str:
    found: dict[str, str] = {}
    for facts in study.provenance.values():
        if isinstance(facts, dict) and isinstance(facts.get("versions"), dict):
            found |= {str(name): str(version) for name, version in facts["versions"].items()}
    if not found:
        return ""
    own = found.pop("mien", "")
    used = used_packages(study)
    rest = ", ".join(f"{name} {version}" for name, version in found.items() if name in used)
    return f"Analyses used mien {own}{cite('mien')} with {rest}."


def _has_interval(found: Evaluation) -> bool:
    scores = [*found.scores.values(), *(score for each in found.each.values() for score in each.values())]
    return any(score.low == score.low for score in scores)
