"""The flow of participants: what is counted adds up from the table to those who were analysed."""

import json

import pytest

from mien.cohort.flow import Count, Exclusion, Flow, FlowStep
from mien.core.errors import InputError
from mien.core.samples import Samples


def samples(**labels) -> Samples:
    subjects = ["ann", "ann", "ben", "cem", "cem", "dea"]
    return Samples(path=[f"{i}.mp4" for i in range(6)], subject=subjects, labels=labels)


def test_people_and_sessions_are_counted_through_every_step_and_by_site(tmp_path) -> None:
    people = samples(site=["A", "A", "B", "B", "B", ""])
    flow, left = Flow.of(people).without(people, ["", "no recording", "no recording", "", "", ""], "Recordings")
    assert flow.begin == Count(4, 6, {"(no site)": (1, 1), "A": (1, 2), "B": (2, 3)})
    assert flow.steps[0].excluded == (Exclusion("no recording", 1, 2),)
    flow, left = flow.without(
        left, ["", "too short", "turned away", ""], "Gates", frames=400, frames_excluded={"blurred": 30}
    )
    # Both sessions of one person are lost, for two reasons: a person is counted once.
    assert {(e.reason, e.people, e.sessions) for e in flow.steps[1].excluded} == {
        ("too short", 1, 1),
        ("turned away", 0, 1),
    }
    assert flow.left == Count(2, 2, {"(no site)": (1, 1), "A": (1, 1)}) and left.subject.tolist() == ["ann", "dea"]
    flow.write(tmp_path)
    assert Flow.read(tmp_path) == flow == Flow.read(tmp_path / "flow.json")


def test_without_sites_none_are_counted() -> None:
    assert Count.of(samples()).sites == {} == Count.of(samples(site=[""] * 6)).sites


def test_other_samples_than_those_left_are_refused() -> None:
    people = samples()
    flow, _ = Flow.of(people).without(people, ["x", "", "", "", "", ""], "Recordings")
    with pytest.raises(InputError, match=r"5 sessions of 4 people left, but got 6 sessions"):
        flow.without(people, [""] * 6, "Gates")
    with pytest.raises(InputError, match="one reason per session"):
        Flow.of(people).without(people, [""], "Gates")


def test_counts_that_do_not_add_up_are_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="does not add up at 'Gates'"):
        Flow(Count(4, 6), (FlowStep("Gates", (Exclusion("dark", 1, 1),), Count(4, 5)),))
    with pytest.raises(InputError, match="more frames than the 10"):
        FlowStep("Gates", (), Count(4, 6), 10, {"dark": 11})
    (tmp_path / "flow.json").write_text(json.dumps({"format": "mien flow 1", "begin": 4, "steps": []}))
    with pytest.raises(InputError, match="no flow of participants"):
        Flow.read(tmp_path)
