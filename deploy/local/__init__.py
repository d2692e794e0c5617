"""What stands behind the verbs of the Makefile. `__main__` lists them."""
