"""Evidence against planted truth on the page: whole rows only."""

from mien.report.sections.checks import section


def test_checks_show_whole_rows_only():
    row = {"label": "smile", "evidence": 0.9, "random": 0.5, "random_low": 0.4, "random_high": 0.6, "inverse": 0.1}
    found = section({"title": "Planted", "rows": [row, {**row, "random": "half"}, {**row, "inverse": None},
                                                  {"label": "x"}, 3]})  # fmt: skip
    assert found["rows"] == [{**row, "acting": ""}] and found["title"] == "Planted"
    assert section({"rows": "none"}) == {} and section({"rows": []}) == {}
