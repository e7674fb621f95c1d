"""All presets by name."""

from __future__ import annotations

from keras_gan.presets import gan, translation
from keras_gan.presets.preset import Preset

PRESETS: dict[str, Preset] = {preset.config.name: preset for preset in (*gan.PRESETS, *translation.PRESETS)}


def get(name: str) -> Preset:
    """Returns a preset.

    Args:
        name: Name in `PRESETS`.

    Raises:
        ValueError: If there is no such preset.
    """
    if name not in PRESETS:
        users = [preset for preset, known in PRESETS.items() if known.config.network == name]
        hint = f". {name} is a network, which these presets use: {', '.join(users)}" if users else ""
        raise ValueError(f"The preset must be one of {', '.join(sorted(PRESETS))}. Received: {name}{hint}")
    return PRESETS[name]
