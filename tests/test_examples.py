"""The examples in the docstrings of the public names run as they stand."""

import doctest
import inspect

import pytest

import mien

pytest.importorskip("torch")
PUBLIC = {name: getattr(mien, name) for name in mien.__all__ if name not in ("__version__", *mien._MODULES)}
PUBLIC |= {f"{room}.{name}": getattr(getattr(mien, room), name) for room in mien._MODULES for name in
           getattr(mien, room).__all__}  # fmt: skip
EXAMPLES = {name: found for name, found in PUBLIC.items() if ">>>" in (inspect.getdoc(found) or "")}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_gives_what_it_says(name: str) -> None:
    for test in doctest.DocTestFinder(recurse=False).find(EXAMPLES[name], name, globs={}):
        said: list[str] = []
        assert not doctest.DocTestRunner().run(test, out=said.append).failed, "".join(said)
