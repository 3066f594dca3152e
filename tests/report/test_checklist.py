"""What a reviewer asks: answered from the study's own results with a link that leads somewhere; else absent."""

import re

from mien.report.checklist import ABSENT, checklist
from mien.report.page import context_of
from mien.report.report import report
from mien.report.sample import sample_facts
from mien.report.study_folder import read_folder
from tests.report.test_report import add_evidence, add_model, score


def answers(folder):
    study = read_folder(folder)
    rows = checklist(study, sample_facts(study, []), context_of(study))
    return {row.question.split(",")[0].rstrip("?"): " ".join(row.answers) for row in rows}


def test_every_answer_is_of_this_study_and_every_link_leads_somewhere(tmp_path, weights):
    add_model(tmp_path)
    add_evidence(tmp_path)
    found = answers(tmp_path)
    assert found["Who took part"] == "Scores of 'net' rest on 40 samples of 20 people."
    assert "2 samples (no face)" in found["Who or what was left out"]
    assert (
        "With shuffled labels the same procedure reached 0.52"
        in found["Can anything of the test people have leaked into training"]
    )
    assert found["Is it better than chance"].startswith("'net': better than chance, 0.91 (95 % interval 0.82 to 0.96")
    assert found["How good could it be at best (ceiling)"] == ABSENT
    assert found["Is the evidence faithful to the model"] == "There is evidence, and its faithfulness was not measured."
    page = report(tmp_path).read_text(encoding="utf-8")
    section = page.split('<section id="checklist">')[1].split("</section>")[0]
    links = re.findall(r'href="#([a-z]+)"', section)
    assert len(links) >= 5 and all(f'<section id="{anchor}">' in page for anchor in links)
    assert section.count('<p class="answer">Not in this study.') == list(found.values()).count(ABSENT) == 2


def test_chance_is_called_chance_and_what_was_not_done_is_not_claimed(tmp_path):
    null = {"accuracy": score(0.5, 0.4, 0.6), "balanced_accuracy": score(0.5, 0.41, 0.6)}
    add_model(tmp_path, scores=null, noise_check=None, left_out={})
    found = answers(tmp_path)
    assert "not shown to be better than chance" in found["Is it better than chance"]
    assert "was not made" in found["Can anything of the test people have leaked into training"]
    assert "nothing was left out" in found["Who or what was left out"]
    assert found["Is the evidence faithful to the model"] == found["How many tests were made"] == ABSENT


def test_a_folder_without_results_has_no_checklist(tmp_path):
    (tmp_path / "study.toml").write_text('title = "Plan"\n')
    assert context_of(read_folder(tmp_path))["checklist"] == []


def test_a_model_that_adds_nothing_to_site_and_age_is_not_called_good_without_that(tmp_path):
    beside = {
        "columns": ["age", "site"], "alone": {"pearson": score(0.65, 0.3, 0.8, 0)}, "both": {}, "gain": {}, "lead": {},
        "p": 0.81,
    }  # fmt: skip
    add_model(tmp_path, beside=beside)
    said = answers(tmp_path)["Is it better than chance"]
    assert "better than chance" in said
    assert "it is not shown that what the model says goes with the outcome beyond age and site (p = 0.810)." in said


def test_with_sites_left_out_the_mean_over_them_is_judged(tmp_path):
    """Over people of all sites at once a site's level may go with the outcome: 0.91 there says nothing."""
    mean = {**score(0.48, 0.4, 0.56), "p": 0.6}
    rows = [{"site": name, "people": 10, "samples": 20, "score": mean, "known": mean} for name in "ab"]
    sites = {"column": "site", "name": "auc", "sites": rows, "mean": mean, "low": None, "high": None, "known": mean,
             "fall": {"auc": {"value": 0.3, "low": 0.1, "high": 0.5, "people": 20}}}  # fmt: skip
    add_model(tmp_path, sites=sites)
    said = answers(tmp_path)["Is it better than chance"]
    assert said.startswith(
        "'net': not shown to be better than chance within sites that were left out (mean of 2), 0.48"
    )
