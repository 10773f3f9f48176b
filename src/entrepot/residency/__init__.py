"""The one door between regions. So far: keys with which persons are told apart, and what erasing a person replaces."""

from entrepot.residency.keys import person_pads

__all__ = ["person_pads"]
