"""Figures and reports. Reads everything, is read by nobody."""
