"""Scores in the words of a paper: a paragraph for each outcome, and tables that hold all of them."""

from __future__ import annotations

from collections.abc import Sequence

from mien.core.words import begun, equals, listed, number, p_value, quoted
from mien.learn.beside import MOST_P, corrected
from mien.learn.ceilings import Ceiling
from mien.learn.predicted import CORRELATION, bounds_words, disagreement
from mien.report.beyond import beyond_covariates
from mien.report.models_folder import ModelPart
from mien.report.paper.model_words import FEW, called, kind_of, label, outcome_of_model
from mien.report.paper.paper_table import PaperTable
from mien.report.sections.headline import noise_words
from mien.report.sections.models import SCORE_WORDS, protocol_folds, score_in_text
from mien.stats.scores import Score, better_than_chance, valued

Paragraph = tuple[str, str]


def score_paragraphs(models: Sequence[ModelPart]) -> list[Paragraph]:
    """What every model reached, by outcome; of many models the main scores only, as tables have the others.

    Parameters
    ----------
    models : sequence of ModelPart
        Of the study; those without scores are left out.
    """
    scored = [part for part in models if part.evaluation is not None]
    beyond = beyond_covariates(scored)
    by_target: dict[str, list[ModelPart]] = {}
    for part in scored:
        by_target.setdefault(part.target or (part.evaluation.target if part.evaluation else ""), []).append(part)
    few, found = len(scored) <= FEW, []
    for target, parts in by_target.items():
        heading = f"Scores of '{target}'" if len(by_target) > 1 else "Scores"
        if few:
            found.append((heading, " ".join(_in_full(part, beyond.get(part.name, "")) for part in parts)))
        else:
            found.append((heading, " ".join(_in_short(parts))))
    if not few:
        found += [("Beyond covariates", words)] if (words := _beyond(scored)) else []
        found += [("Sites", words)] if (words := _sites(scored)) else []
    return found


def _in_full(part: ModelPart, beyond: str) -> str:
    evaluation = part.evaluation
    assert evaluation is not None
    if part.main_score is None:
        return f"The model '{part.name}' could not be scored."
    known = {
        name: evaluation.as_shown(score) for name, score in evaluation.scores.items() if score.value == score.value
    }
    said = listed([_score(name, score, part) for name, score in known.items()])
    more = [] if evaluation.beats_chance else ["It is not shown to do better than chance."]
    more += [words] if (words := disagreement({score_in_text(n): s for n, s in known.items() if n != "rmse"})) else []
    more += [noise_words(evaluation.noise_check)] if evaluation.noise_check else []
    more += [words] if (words := _ceiling(part)) else []
    more += [beyond] * bool(beyond)
    more += [begun(evaluation.sites.words())] if evaluation.sites else []
    return " ".join([f"The model '{part.name}' reached {said}.", *more]).strip()


def _in_short(parts: Sequence[ModelPart]) -> list[str]:
    known, without = [], []
    for part in parts:
        evaluation, main = part.evaluation, part.main_score
        assert evaluation is not None
        if main is None:
            without.append(part)
        elif evaluation.sites is not None:
            mean = evaluation.sites.mean
            name = "correlation" if part.rated else "area under the ROC curve"
            known.append(f"{label(part, parts)}: mean {name} within {evaluation.sites.called[1]} {_with_p(mean)}")
        else:
            known.append(f"{label(part, parts)}: {score_in_text(_main_name(part))} {_with_p(main)}")
    said = [f"{begun('; '.join(known))}."] if known else []
    poor = [part for part in parts if part not in without and part.evaluation and not part.evaluation.beats_chance]
    if poor and len(poor) == len(parts) > 1:
        said.append("None of these models is shown to do better than chance.")
    elif poor:
        said.append(f"Not shown to do better than chance: {listed([label(part, parts) for part in poor])}.")
    said += [f"{begun(called(without))} could not be scored."] if without else []
    leaks = [f"{label(part, parts)}: {noise_words(part.evaluation.noise_check)}"
             for part in parts if part.evaluation and part.evaluation.noise_check]  # fmt: skip
    ceilings = [f"{label(part, parts)}: {words}" for part in parts if (words := _ceiling(part))]
    return [*said, *leaks, *ceilings]


def _with_p(score: Score) -> str:
    p = f", p {equals(score.p)}" if score.p == score.p else ""
    return f"{number(score.value)} ({bounds_words(score)}{p})"


def _main_name(part: ModelPart) -> str:
    assert part.evaluation is not None
    main = part.main_score
    return next((name for name, score in part.evaluation.scores.items() if score is main), "")


def _score(name: str, score: Score, part: ModelPart) -> str:
    chance = f", chance {number(score.chance)}" if score.chance == score.chance and name not in ("rmse", "r2") else ""
    unit = f" in units of {outcome_of_model(part, quotes=True)}" if name == "rmse" else ""
    p = f", p {equals(score.p)}" if score.p == score.p else ""
    return f"{score_in_text(name)} {number(score.value)}{unit} ({bounds_words(score)}{chance}{p})"


def _ceiling(part: ModelPart) -> str:
    """How high a correlation agreement between raters allows, from how many ratings, and what share was reached."""
    if part.evaluation is None:
        return ""
    rows = [(name, ceiling, part.evaluation.per_rating.get(name, {}).get(CORRELATION))
            for name, ceiling in part.evaluation.ceilings.items() if ceiling.value == ceiling.value]  # fmt: skip
    known = [
        (name, ceiling, score) for name, ceiling, score in rows if score is not None and score.value == score.value
    ]
    if not known:
        return ""
    if len(known) == 1:
        name, ceiling, score = known[0]
        share = ceiling.share(score)
        return (
            f"Agreement between raters about '{name}'{_ratings(ceiling)} allows a correlation of at most "
            f"{number(ceiling.value)}; the model reached {valued(share.value, share.low, share.high, score.people)} "
            f"of it."
        )
    most, reached = (sum(values) / len(known) for values in
                     ([row[1].value for row in known], [row[2].value for row in known]))  # fmt: skip
    return (
        f"Agreement between raters allows a correlation of at most {number(most)} on average over {len(known)} "
        f"ratings; the model reached {number(reached)}."
    )


def _ratings(ceiling: Ceiling) -> str:
    if not ceiling.n_ratings:
        return ""
    how = f"reliability of their means {number(ceiling.value**2)}"
    who = f" by {ceiling.n_raters:,} raters" if ceiling.n_raters else ""
    span = f", from {ceiling.lowest:g} to {ceiling.highest:g}" if ceiling.lowest == ceiling.lowest else ""
    return f" ({ceiling.n_ratings:,} ratings of {ceiling.n_items:,} items{who}{span}; {how})"


def ratings_methods(models: Sequence[ModelPart]) -> str:
    """Who rated what, on which scale, as far as single ratings were given; ``''`` where they were not.

    Parameters
    ----------
    models : sequence of ModelPart
        Of the study.
    """
    found: dict[str, list[str]] = {}
    for part in models:
        for name, ceiling in (part.evaluation.ceilings if part.evaluation else {}).items():
            if not ceiling.n_ratings:
                continue
            who = f"{ceiling.n_raters:,} raters" if ceiling.n_raters else "raters whose number is not known"
            each = f"{ceiling.n_ratings / ceiling.n_items:.3g}"
            span = f"; they used numbers from {ceiling.lowest:g} to {ceiling.highest:g}"
            words = f"rated by {who} ({ceiling.n_ratings:,} ratings of {ceiling.n_items:,} items, {each} an item{span})"
            names = found.setdefault(words if ceiling.lowest == ceiling.lowest else words.replace(span, ""), [])
            names += [f"'{name}'"] * (f"'{name}'" not in names)
    return " ".join(
        f"{listed(names)} {'was' if len(names) == 1 else 'were'} {words}." for words, names in found.items()
    )


def _beyond(scored: Sequence[ModelPart]) -> str:
    found = {part.name: part.evaluation for part in scored if part.evaluation is not None and part.evaluation.beside}
    if not found:
        return ""
    p, tests = corrected({name: one.beside for name, one in found.items() if one.beside})
    shown = [
        name for name, one in found.items() if one.beside and one.beside.lacking(one.beats_chance, p[name], tests) == []
    ]
    columns = listed(list(dict.fromkeys(c for one in found.values() if one.beside for c in one.beside.columns)))
    if not shown:
        low = sum(one.beside.p <= MOST_P for one in found.values() if one.beside)
        return (
            f"It is shown of none of {len(found)} models that what it says goes with the outcome beyond {columns}: "
            "that would take a model better than chance, a score that rises, and "
            f"p <= {MOST_P:g} after Holm's correction for {tests} tests ({low} before it)."
        )
    return (
        f"What {quoted(shown)} {'say' if len(shown) > 1 else 'says'} goes with the outcome beyond "
        f"{columns} (better than chance, a higher score together, and p <= {MOST_P:g} after Holm's correction for "
        f"{tests} tests); of the other {len(found) - len(shown)} models it is not shown."
    )


def _sites(scored: Sequence[ModelPart]) -> str:
    found = [(part, part.evaluation.sites) for part in scored if part.evaluation is not None and part.evaluation.sites]
    if not found:
        return ""
    many = listed(list(dict.fromkeys(sites.called[1] for _, sites in found)))
    good = [f"'{part.name}'" for part, sites in found if better_than_chance(sites.mean)]
    learnt = [f"'{part.name}'" for part, sites in found if sites.falls]
    text = f"Within {many} that were left out, "
    text += (
        f"{listed(good)} did better than chance."
        if good
        else f"none of {len(found)} models is shown to do better than chance."
    )
    if learnt:
        verb = "learns" if len(learnt) == 1 else "learn"
        text += f" Part of what {listed(learnt)} {verb} with all {many} in training does not hold elsewhere."
    return text


def score_tables(models: Sequence[ModelPart]) -> list[PaperTable]:
    """All scores of several models; what they add to covariates; sites left out."""
    scored = [part for part in models if part.evaluation is not None]
    if len(scored) < 2:
        return []
    found = []
    for rated in (True, False):
        parts = [part for part in scored if part.rated == rated]
        names = list(dict.fromkeys(name for part in parts if part.evaluation for name in part.evaluation.scores))
        if parts:
            heads = ("Outcome", "Model", "Folder", "Validation", "People", *(SCORE_WORDS.get(n, n) for n in names), "p")
            found.append(PaperTable(_caption(rated), heads, tuple(_row(part, names) for part in parts)))
    p, tests = corrected({part.name: part.evaluation.beside for part in scored
                          if part.evaluation is not None and part.evaluation.beside})  # fmt: skip
    if p:
        caption = (
            "Models beside covariates: score of covariates alone, of covariates and the model's answer together, and "
            f"their difference, with 95 % intervals over people; p by itself and after Holm's correction for {tests} "
            f"tests."
        )
        heads = ("Outcome", "Model", "Score", "Covariates alone", "Both", "Difference", "p", "p corrected")
        found.append(PaperTable(caption, heads, tuple(_beside_row(part, p) for part in scored if part.name in p)))
    sites = [part for part in scored if part.evaluation and part.evaluation.sites]
    if sites:
        caption = (
            "Left out one after the other: mean score within them with its 95 % interval over people (which allows for "
            "training data in common) and over what was left out; score over all people at once with all in training."
        )
        heads = (
            "Outcome",
            "Model",
            "Left out",
            "Score",
            "Mean within",
            "p",
            "Over what was left out",
            "All in training",
        )
        found.append(PaperTable(caption, heads, tuple(_site_row(part) for part in sites)))
    return found


def _caption(rated: bool) -> str:
    ends = (
        "Root mean squared error: in the unit of the outcome. p: of the correlation." if rated
        else "p: of the balanced accuracy."
    )  # fmt: skip
    return (
        f"Scores of {'ratings' if rated else 'classes'} on people held out of training, with 95 % intervals over "
        f"people. {ends} –: not tested. With sites left out only the mean within sites has an interval and a test."
    )


def _row(part: ModelPart, names: Sequence[str]) -> tuple[str, ...]:
    evaluation, main = part.evaluation, part.main_score
    assert evaluation is not None
    cells = [_cell(evaluation.scores.get(name)) for name in names]
    if evaluation.sites is not None:
        # Their intervals do not allow for levels of sites; that of the mean within sites does.
        cells = [number(score.value) if (score := evaluation.scores.get(name)) else "–" for name in names]
    people = str(evaluation.protocol.get("n_subjects", "–"))
    p = p_value(main.p) if main is not None else "–"
    return (outcome_of_model(part), kind_of(part), part.name, protocol_folds(evaluation.protocol), people, *cells, p)


def _cell(score: Score | None) -> str:
    if score is None or score.value != score.value:
        return "–"
    return valued(score.value, score.low, score.high, score.people, score.withheld)


def _beside_row(part: ModelPart, p: dict[str, float]) -> tuple[str, ...]:
    beside = part.evaluation.beside if part.evaluation else None
    assert beside is not None
    gain = beside.gain.get(beside.main)
    apart = valued(gain.value, gain.low, gain.high, gain.people, plus=True) if gain else "–"
    scores = (_cell(beside.alone[beside.main]), _cell(beside.both.get(beside.main)), apart)
    name = SCORE_WORDS.get(beside.main, beside.main)
    return (outcome_of_model(part), part.name, name, *scores, p_value(beside.p), p_value(p[part.name]))


def _site_row(part: ModelPart) -> tuple[str, ...]:
    sites = part.evaluation.sites if part.evaluation else None
    assert sites is not None
    over = f"{number(sites.low)} to {number(sites.high)}" if sites.low == sites.low else "–"
    left = f"{len(sites.sites)} {sites.called[1]}"
    return (outcome_of_model(part), part.name, left, SCORE_WORDS.get(sites.name, sites.name), _cell(sites.mean),
            p_value(sites.mean.p), over, _cell(sites.known))  # fmt: skip
