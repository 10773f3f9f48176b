"""The one door between regions. So far: the keys with which persons are told apart without being named."""

from entrepot.residency.keys import person_pads

__all__ = ["person_pads"]
