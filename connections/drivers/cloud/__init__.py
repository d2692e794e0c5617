"""The driver of the official WhatsApp Cloud API."""
