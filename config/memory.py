"""What a process loads once stays: the garbage collector need not look at it again and again.

A full collection over everything that Django loads takes a tenth of a second, in the middle of somebody's
request or of a frame to five hundred consoles.
"""

import gc


def settle() -> None:
    """Call it when everything is imported."""
    gc.collect()
    gc.freeze()
