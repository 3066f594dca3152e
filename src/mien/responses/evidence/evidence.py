"""``mien.probe_evidence``: what on the picture a probe's answer rests on, shared out over the parts of a face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.faces import OK, Faces
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.people.alike import alike_note
from mien.core.progress import Progress, progress_of
from mien.core.samples import Samples
from mien.data.samples import faces_of
from mien.data.stimuli import read_stimuli
from mien.explain.explain import explain
from mien.explain.methods import method_of_name
from mien.explain.problem import silent
from mien.explain.store import evidence_folder, save_evidence
from mien.explain.thumbnails import Shown, displayed, spread_rows
from mien.features.match import choose
from mien.responses.evidence.network import ProbeNetwork
from mien.responses.evidence.part_shares import SIGNS, part_shares, shares_of_maps
from mien.responses.evidence.picture_parts import PARTS_FILE, Box, parts_of_boxes, parts_of_face, read_parts
from mien.responses.evidence.result import ProbeEvidence, save_probe_evidence
from mien.responses.frozen import FrozenBody, frozen_body, reopened
from mien.responses.pictures import Framed, content_of, framed
from mien.responses.probes.result import Probe, load_probe

FACE = "face"
UNREADABLE, NO_PARTS = "unreadable", "no parts known"
# A picture without content, against which methods with a baseline measure.
GREY = 0.5
# Windows of occlusion along a side.
_WINDOWS = 8


@dataclass(frozen=True, eq=False)
class _Pictures:
    """Pictures that can be explained, with their parts, as one body sees them."""

    rows: np.ndarray
    values: np.ndarray
    parts: np.ndarray
    status: np.ndarray


@checked_numbers
def probe_evidence(
    probe: Probe | str | Path,
    samples: Any,
    output: str | Path | None = None,
    *,
    layer: str = "",
    method: str = "occlusion",
    faces: Faces | str | Path | None = None,
    parts: str | Path | None = None,
    beside: Sequence[Probe | str | Path] = (),
    by: str = "",
    body: Any = None,
    seed: int = 0,
    batch_size: int | None = None,
    category: str = "category",
    labels: Sequence[str] = (),
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    same: Mapping[str, str] | str | Path = "",
    progress: Progress | bool | None = None,
    **settings: Any,
) -> ProbeEvidence:
    """What a probe's answer rests on: evidence on eyes, nose, mouth, the rest of the face and outside of it.

    Body and probe are joined to one network from pictures to the probe's answer, and explained by any method. Shares
    of the evidence for and against "face" stand beside the share of the area that each part has.

    Parameters
    ----------
    probe : Probe or path
        Or the folder that ``mien.probe`` wrote.
    samples : Samples, str or Path
        Pictures, as ``mien.read_stimuli`` takes them.
    output : str or Path, optional
        Folder, such as ``STUDY/evidence/NAME``: shares, and the evidence itself as ``METHOD/face``.
    layer : str
        Of the probe; by default the one that did best.
    method : str
        One of ``mien.explain.methods.METHODS``. Those with a baseline measure against a grey picture; windows of
        ``'occlusion'`` are an eighth of the side and stand side by side unless settings say otherwise.
    faces : Faces or path, optional
        Landmarks of the pictures that show a face, as ``mien.extract`` wrote them.
    parts : str or Path, optional
        Table of known parts, with the columns ``path``, ``part``, ``x0``, ``y0``, ``x1``, ``y1`` in pixels; by default
        ``parts.csv`` beside the samples, where there is one.
    beside : sequence of Probe or paths
        Probes on other bodies, such as one with random weights, explained on the same pictures.
    by : str
        Column whose values are summarised apart, such as ``'category'``.
    body : FrozenBody or Module, optional
        The probe's body, where it was a module of yours.
    seed : int
        Of methods that draw numbers, and of tests.
    batch_size : int, optional
        Pictures that go through the network at once.
    category : str
        Column that says the category.
    labels, subject_pattern, columns, missing, same : optional
        How a table or folder is read, see ``mien.read_stimuli``.
    progress : callable (done, total) or bool, optional
        ``True`` writes lines with the time left to standard error.
    **settings
        The method's own.

    Returns
    -------
    ProbeEvidence

    Raises
    ------
    InputError
        If nothing says where the parts of any picture are, the body cannot be made once more or has other weights now,
        or a setting is not the method's.

    Examples
    --------
    >>> import numpy as np, mien
    >>> from PIL import Image
    >>> from pathlib import Path
    >>> rng = np.random.default_rng(0)
    >>> for number in range(24):
    ...     pixels = rng.integers(0, 90, (32, 32, 3), dtype=np.uint8)
    ...     pixels[8:14, 6:26] += 140 * (number % 2)
    ...     Image.fromarray(pixels).save(f"{number}.png")
    >>> rows = [f"{n}.png,{'face' if n % 2 else 'cup'},s{n}" for n in range(24)]
    >>> _ = Path("samples.csv").write_text("\\n".join(["path,category,source", *rows]))
    >>> boxes = [f"{n}.png,{part}" for n in range(24) for part in ("eyes,6,8,26,14", "mouth,10,24,22,28")]
    >>> _ = Path("parts.csv").write_text("\\n".join(["path,part,x0,y0,x1,y1", *boxes]))
    >>> shown = mien.activations("songnet", "samples.csv", weights="random", size=32, depth=3)
    >>> reader = mien.probe(shown, faces="face", n_permutations=99)
    >>> found = mien.probe_evidence(reader, shown.samples[1::2], parts="parts.csv")
    >>> eyes = found.row("eyes", "for")
    >>> eyes.density > 1, eyes.sources
    (True, 12)
    """
    report = progress_of(progress, "pictures") or silent
    row = method_of_name(method)
    if output is not None:
        check_folder(output)
    probes = [one if isinstance(one, Probe) else load_probe(one) for one in (probe, *beside)]
    for other in probes[1:]:
        _same_question(probes[0], other)
    if isinstance(samples, (str, Path)):
        samples = read_stimuli(
            samples, category=category, labels=labels, subject_pattern=subject_pattern, columns=columns,
            missing=missing, same=same,
        )  # fmt: skip
    group = samples.target(by).astype(str) if by else np.full(len(samples), "", dtype=object)
    boxes = _boxes(samples, parts)
    found_faces = faces_of(samples, faces) if faces is not None else None
    signs = SIGNS if row.signed_attribution else ("both",)
    shares: list[dict[str, np.ndarray]] = []
    rows, answers, first, maps = [], [], None, None
    for number, one in enumerate(probes):
        frozen = _body(one, body if number == 0 else None)
        chosen = _layer(one, layer, probes[0])
        network = ProbeNetwork(frozen, chosen, one.direction(chosen))
        if maps is None or (frozen.card.side_px, frozen.card.fit) != maps[0]:
            maps = (frozen.card.side_px, frozen.card.fit), _pictures(samples, found_faces, boxes, frozen)
        pictures = maps[1]
        first = first or (chosen, pictures)

        def part(done: int, total: int, number: int = number) -> None:
            report(number * total + done, len(probes) * total)

        evidence = _explained(network, pictures, samples, row.name, seed, batch_size, settings, part)
        called = f"{one.body.name} ({one.body.weights})"
        facts = {"name": f"probe of {called}, {chosen}", "kind": "probe", "exposure": one.body.sentence()}
        evidence = replace(evidence, model=facts)
        usable = evidence.ok
        values = np.where(usable[:, None, None], evidence.values.sum(axis=1), np.nan)
        shares.append(shares_of_maps(values, pictures.parts))
        answers.append(evidence.output)
        rows += part_shares(
            shares[-1], samples.subject[pictures.rows], group[pictures.rows], body=called if number else "",
            of_probe=_same_rows(shares[0], first[1].rows, pictures.rows) if number else None, signs=signs, seed=seed,
        )  # fmt: skip
        if number == 0:
            kept = evidence
    assert first is not None
    pictures = first[1]
    result = ProbeEvidence(
        body=probes[0].body,
        beside=tuple(one.body for one in probes[1:]),
        layer=first[0],
        method=row.name,
        faces=probes[0].faces,
        rows=tuple(rows),
        path=samples.path[pictures.rows],
        source=samples.subject[pictures.rows],
        group=group[pictures.rows],
        answer=answers[0],
        shares={name: shares[0][name] for name in (*signs, "area", "net")},
        by=by,
        notes=tuple(_notes(pictures.status, kept)),
        settings={**kept.settings, "seed": seed},
        data={name: str(getattr(samples, name)) for name in ("name", "licence", "credit")},
    )
    if output is not None:
        save_probe_evidence(result, Path(output))
        thumbs = spread_rows(kept)
        save_evidence(kept, evidence_folder(output, kept), Shown(thumbs, displayed(pictures.values[thumbs])))
    return result


def _same_question(probe: Probe, other: Probe) -> None:
    """Refuse to set a probe beside one that tells something else apart.

    Raises
    ------
    InputError
    """
    if (other.faces, other.against, other.within) != (probe.faces, probe.against, probe.within):
        theirs, mine = (f"{', '.join(one.faces)} from {', '.join(one.against)}" for one in (other, probe))
        raise InputError(
            f"A probe beside asks the same of another network, but that of {other.body.name} tells {theirs}, this one "
            f"{mine}. Train it with the same --faces, --against and --within."
        )


def _body(probe: Probe, given: Any) -> FrozenBody:
    """The probe's body, made once more or as it was given."""
    if given is None:
        return reopened(probe.body)
    found = frozen_body(given, size=probe.body.side_px, name=probe.body.name)
    if found.card.sha256 != probe.body.sha256:
        raise InputError(f"The body that was given has other weights than {probe.body.name}, which the probe reads.")
    return replace(found, card=probe.body)


def _layer(probe: Probe, asked: str, first: Probe) -> str:
    """The layer that is explained; of other bodies the same as the first one's, if they have it."""
    wanted = asked or first.best
    if wanted in probe.layers or probe is first:
        return wanted
    return probe.best


def _boxes(samples: Samples, parts: str | Path | None) -> dict[str, list[Box]]:
    """Known parts by path, of the table that was named or lies beside the samples."""
    if parts is not None:
        return read_parts(Path(parts), samples.path.tolist())
    beside = None if samples.root is None else samples.root / PARTS_FILE
    return read_parts(beside, samples.path.tolist()) if beside is not None and beside.is_file() else {}


def _pictures(samples: Samples, faces: Faces | None, boxes: dict[str, list[Box]], body: FrozenBody) -> _Pictures:
    """Pictures as the body sees them, with the part of each pixel."""
    side, fit = body.card.side_px, body.card.fit
    choices = None if faces is None else choose(samples, faces)
    status = np.full(len(samples), OK, dtype=object)
    rows, values, parts = [], [], []
    for number, (path, file) in enumerate(zip(samples.path, samples.files(), strict=True)):
        try:
            seen: Framed = framed(content_of(file)[0], file.name, side, fit)  # type: ignore[arg-type]
        except InputError:
            status[number] = UNREADABLE
            continue
        if path in boxes:
            parts.append(parts_of_boxes([(name, seen.places(box)) for name, box in boxes[path]], side))
        elif choices is not None and choices[number].status == OK:
            assert faces is not None
            points = faces.landmarks_px[choices[number].rows[0], :, :2]
            parts.append(parts_of_face(seen.places(points), side))
        else:
            status[number] = NO_PARTS if choices is None else choices[number].status
            continue
        rows.append(number)
        values.append(seen.pixels.transpose(2, 0, 1).astype(np.float32) / 255)
    if not rows:
        why = ", ".join(f"{int((status == word).sum())} '{word}'" for word in dict.fromkeys(status.tolist()))
        raise InputError(
            f"Nothing says where the parts of a face are in any of the {len(samples)} pictures ({why}): give the "
            f"folder that 'mien extract' wrote of them (faces=...), or a table of known parts (parts=...; "
            f"{PARTS_FILE} beside the samples)."
        )
    return _Pictures(np.array(rows), np.stack(values), np.stack(parts), status)


def _explained(
    network: ProbeNetwork, pictures: _Pictures, samples: Samples, method: str, seed: int, batch_size: int | None,
    settings: dict[str, Any], progress: Progress,
) -> Evidence:  # fmt: skip
    row = method_of_name(method)
    side = pictures.values.shape[-1]
    if row.name == "occlusion" and "window" not in settings:
        window = max(1, side // _WINDOWS)
        settings = {"stride": window, **settings, "window": window}
    more: dict[str, Any] = {}
    if row.needs_baselines(row.settings(settings)):
        more["baselines"] = np.full((1, 3, side, side), GREY, dtype=np.float32)
    at = pictures.rows
    category = samples.labels.get("category", np.full(len(samples), "", dtype=object))
    with torch.random.fork_rng(devices=[]):
        found = explain(
            network, pictures.values, method=row.name, target=FACE, classes=[FACE], subjects=samples.subject[at],
            ids=samples.path[at], labels=category[at], seed=seed, batch_size=batch_size, progress=progress, **more,
            **settings,
        )  # fmt: skip
    if not samples.things:
        return found
    about_people = alike_note(samples.subject[at])  # things with alike names are not one
    notes = [note for note in found.settings.get("notes", []) if note not in about_people]
    return replace(found, settings={**found.settings, "notes": notes})


def _same_rows(shares: dict[str, np.ndarray], have: np.ndarray, want: np.ndarray) -> dict[str, np.ndarray]:
    """Shares of these rows of the samples; NaN where there are none."""
    place = {int(row): number for number, row in enumerate(have)}
    found = {}
    for name, values in shares.items():
        found[name] = np.full((len(want), values.shape[1]), np.nan)
        for number, row in enumerate(want):
            if int(row) in place:
                found[name][number] = values[place[int(row)]]
    return found


def _notes(status: np.ndarray, evidence: Evidence) -> list[str]:
    notes = [
        f"{int((status == word).sum())} of {len(status)} pictures were left out: {word}."
        for word in dict.fromkeys(status.tolist())
        if word != OK
    ]
    bad = ~evidence.ok
    if bad.any():
        words = ", ".join(dict.fromkeys(map(str, evidence.status[bad])))
        notes.append(f"{int(bad.sum())} of {len(evidence)} pictures gave no evidence that can be interpreted: {words}.")
    return [*notes, *map(str, evidence.settings.get("notes", []))]
