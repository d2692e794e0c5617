"""Template tags of the connection pages."""
