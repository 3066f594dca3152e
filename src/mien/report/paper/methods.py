"""What was done, in paragraphs: people, faces, models, folds, statistics, evidence, software."""

from __future__ import annotations

from typing import Any

from mien.core.evidence import baselines_in_words, steps_in_words
from mien.core.outcome import RATINGS
from mien.core.people.words import apart_words, who_words
from mien.core.words import listed
from mien.explain.methods import METHODS
from mien.learn.evaluation import Evaluation
from mien.models.catalogue import MODELS, Spec
from mien.report.models_folder import HELD_OUT, ModelPart
from mien.report.paper.citations import Citations
from mien.report.paper.software import WITHOUT_TORCH, used_packages
from mien.report.sample import sample_facts, sample_words
from mien.report.sections.models import protocol_folds
from mien.report.study_folder import StudyFolder

Paragraph = tuple[str, str]


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
        ("Models", " ".join(_model(part, cite) for part in study.models)),
        ("Validation", _validation(scored, cite)),
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
    for words in dict.fromkeys(_people(part) for part in scored):
        sentences.append(words)
    return " ".join(sentences)


def _named(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("name"), str)


def _people(part: ModelPart) -> str:
    evaluation = part.evaluation
    assert evaluation is not None
    left = [f"{count} for '{status}'" for status, count in evaluation.left_out.items() if count]
    out = f"; left out were {listed(left)}" if left else ""
    return f"The model '{part.name}' was evaluated on {who_words(evaluation.protocol)}{out}."


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


def _model(part: ModelPart, cite: Citations) -> str:
    name = str(part.info.get("model") or (part.evaluation.model if part.evaluation else "") or part.kind)
    row = MODELS.get(name)
    torch = ["torch"] if row is not None and not {*row.stored} & WITHOUT_TORCH else []
    kind = f"{_kind_words(row, part)}{cite(name, *torch)}" if row is not None else f"a {part.kind} model"
    classes = listed([f"'{one}'" for one in part.classes])
    what = f"'{part.target}'" if part.rated or not part.classes else f"'{part.target}' ({classes})"
    ratings = list(part.evaluation.per_rating) if part.rated and part.evaluation else []
    what = f"{len(ratings)} ratings ({', '.join(ratings)})" if len(ratings) > 1 else what
    seed = f"; random seed {part.settings['seed']}" if "seed" in part.settings else ""
    return f"The model '{part.name}' ({name}: {kind}) was trained to predict {what}{seed}."


def _kind_words(row: Spec, part: ModelPart) -> str:
    """What the model is, of what it predicts here; support vectors where a kernel was asked for."""
    words = row.words(part.rated)
    return words.replace("ridge regression", "support vector regression") if part.kind == "kernel-score" else words


def _validation(scored: list[ModelPart], cite: Citations) -> str:
    if not scored:
        return ""
    by_protocol: dict[str, list[str]] = {}
    for part in scored:
        assert part.evaluation is not None
        protocol = part.evaluation.protocol
        apart = apart_words(protocol)
        how = "on other people than those of the training" if protocol.get("scheme") == HELD_OUT else (
            f"by {protocol_folds(protocol)}"
        )  # fmt: skip
        words = f"{how}; {apart}"
        by_protocol.setdefault(words, []).append(f"'{part.name}'")
    first = " ".join(f"Scores of {listed(names)} were computed {words}." for words, names in by_protocol.items())
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
    p = (
        " p values say how often predictions that have nothing to do with the truth score so well, by permutation of "
        "people." if tested else ""
    )  # fmt: skip
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
        "people, and compared with an even spread over the same places."
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
