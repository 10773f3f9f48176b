"""Domains that two cells share: who may change them, which permits carry them, and who is right where both did."""
