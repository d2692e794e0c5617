"""The pretend product's pretend network."""
