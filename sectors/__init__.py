"""Departments: each has members and a queue of its own."""
