"""Fields for what can be set of the chosen models; an empty one leaves each model its usual value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mien.app.local_page.parts import say_note, words
from mien.models.maker import check_given, parsed_for_all
from mien.models.model_settings import ModelSetting, model_settings


def common_settings(names: Sequence[str], ratings: bool) -> list[tuple[ModelSetting, str]]:
    """Settings that all of the models have, each with its usual values in words.

    Parameters
    ----------
    names : sequence of str
        Of models.
    ratings : bool
        Whether ratings are to be learnt.
    """
    tables = [{setting.name: setting for setting in model_settings(name, ratings)} for name in names]
    if not tables:
        return []
    shared = [name for name in tables[0] if all(name in table for table in tables)]
    found = []
    for name in shared:
        usual = dict.fromkeys(_short(table[name].usual) for table in tables)
        takes = {table[name].takes for table in tables}
        # What is a number for one model and a word for another cannot be given to both.
        if len(takes) == 1:
            found.append((tables[0][name], " / ".join(usual)))
    return found


def given_settings(names: Sequence[str], written: dict[str, str], ratings: bool) -> dict[str, Any]:
    """What was written into the fields, as training takes it.

    Raises
    ------
    InputError
        If a model does not take one of the values.
    """
    pairs = [f"{name}={text.strip()}" for name, text in written.items() if text.strip()]
    given = parsed_for_all(names, pairs)
    check_given(names, given, ratings)
    return given


def _short(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return f"{len(value)} values" if len(value) > 3 else str(list(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "empty"


class SettingsFields:
    """The fields; what was written stays where the models change and still have the setting."""

    def __init__(self) -> None:
        from nicegui import ui

        self._fields: dict[str, Any] = {}
        self._box = ui.expansion("Settings of the model").props('dense data-testid="settings"').classes("settings")

    @property
    def written(self) -> dict[str, str]:
        """By setting."""
        return {name: str(field.value or "") for name, field in self._fields.items()}

    def show(self, names: Sequence[str], settings: Sequence[tuple[ModelSetting, str]]) -> None:
        """Draw those that these models have in common."""
        from nicegui import ui

        before, self._fields = self.written, {}
        self._box.clear()
        with self._box:
            if not settings:
                say_note("Choose a model first." if not names else "These models have no setting in common.")
                return
            say_note(
                "As 'mien train --set NAME=VALUE' takes them. Empty: as usual."
                + (" Of several models those that all of them have." if len(names) > 1 else "")
            )
            with ui.element("ul").classes("setting-list"):
                for setting, usual in settings:
                    with ui.element("li"):
                        field = ui.input(setting.name, value=before.get(setting.name, ""), placeholder=usual)
                        field.props(f'outlined dense stack-label data-testid="set-{setting.name}"')
                        with ui.element("p").classes("note"):
                            takes = f" Takes {setting.takes}." if setting.takes not in ("", "a word") else ""
                            words(f"{setting.meaning}{takes} Usual: {usual}.")
                    self._fields[setting.name] = field
