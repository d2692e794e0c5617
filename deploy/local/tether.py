"""Starts a program that dies with its parent: `tether.py PARENT SIGNAL UID GID PROGRAM ARGUMENT…`.

The kernel sends SIGNAL when the parent ends for whatever reason, kill -9 included (Linux). Run as a
file, with the standard library only: the program takes its place, under the same process id.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, death_signal, uid, gid = (int(argument) for argument in sys.argv[1:5])
    program = sys.argv[5:]
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of user: the kernel forgets the wish when the user changes.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the parent is gone already")
    try:
        os.execvp(program[0], program)
    except OSError as error:
        sys.exit(f"{program[0]}: {error.strerror}")


main()
