"""The settings of a shop, from a JSON file."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

from .errors import SettingsError


@dataclass(frozen=True)
class Settings:
    """What a shop may choose. The defaults hold for every setting the file leaves out."""

    free_days: int = 3
    member_free_days: int = 7
    page_size: int = 20


def load_settings(path: Path) -> Settings:
    """Return the settings in the file at *path*; a shop without such a file has the defaults.

    A file that is there but cannot be read, is not JSON, or does not hold proper settings raises
    ``SettingsError``: a shop must not go on with other settings than those it has written down.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}") from error
    return _checked(data)


def _checked(data: object) -> Settings:
    """Return *data*, as read from a file, as settings."""
    if not isinstance(data, dict):
        raise SettingsError("the settings are not a JSON object")
    unknown = sorted(set(data) - {field.name for field in fields(Settings)})
    if unknown:
        raise SettingsError(f"unknown settings: {', '.join(unknown)}")
    for name, value in data.items():
        least = 1 if name == "page_size" else 0
        if type(value) is not int or value < least:
            raise SettingsError(f"{name} is not a whole number of at least {least}")
    return Settings(**data)
