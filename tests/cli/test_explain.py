"""``mien explain``: what it says on the way."""


def test_what_is_hours_away_says_once_how_it_would_be_sooner(capsys):
    from mien.cli.explain import _says_if_long

    times, seen = iter([0.0, 5.0, 20.0, 40.0]), []
    update = _says_if_long(lambda done, total: seen.append((done, total)), "integrated-gradients", lambda: next(times))
    for done in (1, 2, 3):
        update(done, 1000)
    said = capsys.readouterr().err
    assert seen == [(1, 1000), (2, 1000), (3, 1000)]
    assert said.count("This takes long with 'integrated-gradients'") == 1


def test_what_is_done_soon_says_nothing(capsys):
    from mien.cli.explain import _says_if_long

    times = iter([0.0, 20.0])
    _says_if_long(lambda done, total: None, "rise", lambda: next(times))(500, 1000)
    assert capsys.readouterr().err == ""
