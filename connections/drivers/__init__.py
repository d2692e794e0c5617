"""Drivers: one module for each kind of WhatsApp gateway."""
