"""Labels that hold at once: what each moment counts as is said, not chosen in silence."""

import numpy as np

from mien.core.streams import INTERVALS, SAMPLED, Stream
from mien.decoding.rows import blocks, volumes

BRAIN = Stream(
    "brain", SAMPLED, 2.0 * np.arange(30), columns=("p1",), values=np.arange(30.0)[:, None], run=["1"] * 30,
    viewer=["v"] * 30, duration_s=np.full(30, 2.0),
)  # fmt: skip


def shown(onsets: list[float], words: list[str], lasts: float = 10.0) -> Stream:
    """Intervals of ten seconds with a word and with numbers, as a single run."""
    fear = np.array([word == "fear" for word in words], dtype=float)
    return Stream(
        "shown", INTERVALS, np.array(onsets), columns=("e_fear", "e_joy"), values=np.stack([fear, 1 - fear], axis=1),
        texts={"what": np.array(words, dtype=object)}, duration_s=np.full(len(onsets), lasts), run=["1"] * len(onsets),
    )  # fmt: skip


def test_words_and_numbers_that_hold_at_once_are_counted() -> None:
    # From 4 to 10 s both hold: three volumes.
    told = shown([0, 4, 30], ["fear", "joy", "joy"])
    for target, at_least in (("what", None), (["e_fear", "e_joy"], 0.5)):
        found = volumes(BRAIN, told, target, shift_s=0.0, at_least=at_least)
        assert "At 3 samples of 'brain' several of what is decoded hold at once" in found.notes[-1]
        assert found.observed[:8].tolist() == ["fear"] * 5 + ["joy"] * 2 + ["none"]


def test_labels_that_follow_each_other_or_repeat_say_nothing() -> None:
    told = shown([0, 10, 30, 32], ["fear", "joy", "joy", "joy"])
    assert volumes(BRAIN, told, "what", shift_s=0.0).notes == ()
    assert blocks(BRAIN, shown([0, 10, 30], ["fear", "joy", "joy"]), "what", shift_s=0.0).notes == ()


def test_blocks_that_share_samples_are_counted() -> None:
    found = blocks(BRAIN, shown([30, 0, 4, 8], ["joy", "fear", "joy", "joy"]), "what", shift_s=0.0)
    assert found.notes == ("3 of 4 blocks overlap another one of their run: their means share samples.",)


def test_what_never_reaches_its_threshold_is_said() -> None:
    told = shown([0, 30], ["fear", "fear"])
    notes = volumes(BRAIN, told, ["e_fear", "e_joy"], shift_s=0.0, at_least=0.5).notes
    assert notes[0].startswith("'e_joy': in no sample of 'brain' from 0.5 on")
