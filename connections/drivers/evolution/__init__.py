"""The driver of Evolution API v2."""
