"""Simulated ERPs that anyone can run, for those of which no server can be had."""
