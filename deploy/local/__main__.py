"""The verbs of the Makefile: `python3 -m deploy.local VERB`.

Any Python 3 can read this file: an old one must be able to say that it is too old.
"""

import os
import sys

OLDEST = (3, 11)
VERBS = (
    ("help", "list the verbs"),
    ("setup", "virtual environment, packages, front end, translations (what changed only)"),
    ("run", "set up, start everything and print the addresses (PORT=… SIMULATOR_PORT=…)"),
    ("test", "every check and test (PYTEST_ARGS='tests/tickets -k take' narrows it)"),
    ("lint", "ruff, djade and the import contracts"),
    ("types", "mypy and tsc"),
    ("format", "ruff and djade, writing"),
    ("bench", "measure, and write docs/performance.md (BENCH_ARGS='--quick roundtrip')"),
    ("migrate", "bring the local database up to date"),
    ("shell", "Django's shell on the local database"),
    ("messages", "extract and compile the translations"),
    ("schema", "write the OpenAPI schema"),
    ("clean", "remove what can be made again (the local database stays)"),
)


def help_text() -> str:
    width = max(len(verb) for verb, _ in VERBS)
    lines = ["  make %s  %s" % (verb.ljust(width), what) for verb, what in VERBS]  # noqa: UP031 - see above
    return "\n".join(["Balcão: a WhatsApp service desk for teams", ""] + lines)  # noqa: RUF005 - see above


def newer_python() -> str:
    """Another Python of this machine that is new enough, or nothing."""
    from shutil import which

    for minor in range(19, OLDEST[1] - 1, -1):
        found = which("python3.%d" % minor)  # noqa: UP031 - see above
        if found and os.system("'%s' -c '' 2>/dev/null" % found) == 0:  # noqa: UP031 - see above
            return str(found)
    return ""


def main() -> int:
    verb = sys.argv[1] if len(sys.argv) > 1 else "help"
    if verb == "help":
        print(help_text())
        return 0
    if verb not in [name for name, _ in VERBS]:
        sys.stderr.write("There is no verb %s. `make help` lists them.\n" % verb)  # noqa: UP031 - see above
        return 2
    if sys.version_info < OLDEST:
        newer = newer_python()
        if newer:
            os.execv(newer, [newer, "-m", "deploy.local"] + sys.argv[1:])  # noqa: RUF005 - see above
        sys.stderr.write(
            "Balcão needs Python 3.11 or newer; this one is %d.%d (%s). "  # noqa: UP031 - see above
            "Install a newer one and say which: make %s PYTHON=python3.12\n"
            % (sys.version_info[0], sys.version_info[1], sys.executable, verb)
        )
        return 1
    from deploy.local.verbs import perform

    return perform(verb, sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
