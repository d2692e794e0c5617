"""Measurements of the running product. `make bench` runs them all; Each ends with one JSON line."""
