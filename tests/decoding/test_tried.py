"""Everything that was tried counts: p is corrected over targets, decoders and sources together."""

from types import SimpleNamespace

from mien.decoding.tried import tried


def decoded(target, model, **p):
    rows = {name: SimpleNamespace(p=value) for name, value in p.items()}
    return SimpleNamespace(
        target=target, settings={"model": model}, sources=[SimpleNamespace(name=name) for name in p], score=rows.get
    )


def test_p_of_all_targets_decoders_and_sources_is_corrected_together():
    family = tried({"a": decoded("fear", "lda", brain=0.01, frames=0.04), "b": decoded("anger", "ridge", brain=0.02)})
    # By hand: 3 x .01, 2 x .02, 1 x .04, each no less than the one before.
    assert family.p_corrected == {("a", "brain"): 0.03, ("b", "brain"): 0.04, ("a", "frames"): 0.04}
    assert "all 3 tests" in family.words() and "fear; anger" in family.words() and "lda, ridge" in family.words()
    assert tried({"a": decoded("fear", "lda", brain=0.01)}).words() == "One test: p corrected is p."
