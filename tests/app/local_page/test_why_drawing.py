"""While evidence is drawn, Why says so; a page that is left meanwhile is no error in the server's log."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("nicegui")
pytest.importorskip("torch")

from mien.app.local_page.folders import Folders, OpenStudies
from mien.app.local_page.why import methods, regions

ASKED = SimpleNamespace(
    samples=SimpleNamespace(path=["a.png"]), folder=Path("a model"), model=None, evaluation=None, name="m"
)


class Choice:
    """As ``AskedFace``, of a page without fields."""

    def __init__(self, folder: Path, visitor: Any) -> None:
        self.study = OpenStudies(Folders.of([folder])).open(folder)
        self.says: list[Any] = []
        self._visitor = visitor

    @property
    def left(self) -> bool:
        return bool(self._visitor.is_deleted)

    def when_waiting(self, say: Any) -> None:
        self.says.append(say)


def said(visitor: Any) -> str:
    return " ".join(str(one.text) for one in visitor.elements.values() if hasattr(one, "text"))


@pytest.mark.parametrize("room", [methods, regions])
@pytest.mark.parametrize("leaves", [False, True])
def test_it_says_that_it_draws_and_stops_where_the_page_was_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: Any, leaves: bool
) -> None:
    from nicegui import Client
    from nicegui.page import page

    during: list[str] = []
    used: list[bool] = []
    monkeypatch.setattr(Client, "check_existence", lambda visitor: used.append(visitor.is_deleted))

    async def visit() -> None:
        visitor = Client(page(""))
        with visitor:
            choice = Choice(tmp_path, visitor)
            show = methods.methods_beside(choice) if room is methods else regions.ask_a_region(choice)  # type: ignore[arg-type]

            async def attempted(action: Any) -> Any:
                during.append(said(visitor))
                if leaves:
                    visitor.delete()
                    used.clear()
                return []

            monkeypatch.setattr(room, "attempted", attempted)
            monkeypatch.setattr(methods, "methods_of", lambda asked, row: (["occlusion"], "occlusion"))
            for say in choice.says:
                say()
            labels = [one for one in visitor.elements.values() if hasattr(one, "text")]
            before = [one.text for one in labels]
            await show(ASKED, 0, "smile")  # type: ignore[arg-type]
            after = said(visitor)
        none = "There is no evidence about this face" if room is methods else "Explain all faces first"
        assert "The evidence is " in during[0] and none not in during[0]
        assert not leaves or (used == [] and [one.text for one in labels] == before)
        assert leaves or (none in after and "The evidence is " not in after)

    asyncio.run(visit())
