"""Measurements beside something else, as ratios of one run; `make bench` writes docs/benchmarks.md."""
