"""Every address of the installation, found by walking the URL configuration, for the guards that sweep it."""

import re
from dataclasses import dataclass
from functools import cache

from django.urls import URLPattern, get_resolver

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    path: str  # with its parameters in angle brackets
    parameters: tuple[str, ...]
    name: str

    def address(self, **values):
        return "/" + PARAMETER.sub(lambda found: str(values[found["name"]]), self.path)

    def __str__(self):
        return self.path


# `<uuid:ticket_id>` of a path, `(?P<key>…)` of a regular expression.
PARAMETER = re.compile(r"<(?:\w+:)?(?P<name>\w+)>")


@cache
def all_routes():
    return tuple(_walk(get_resolver(), ""))


def _walk(resolver, prefix):
    for entry in resolver.url_patterns:
        path = prefix + _plain(str(entry.pattern))
        if isinstance(entry, URLPattern):
            yield Route(path, tuple(PARAMETER.findall(path)), entry.name or "")
        else:
            yield from _walk(entry, path)


def _plain(pattern):
    """A regular expression's groups told like the parameters of a path."""
    if not pattern.startswith("^") and "(?P" not in pattern:
        return pattern
    pattern = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", pattern)
    return pattern.removeprefix("^").removesuffix("$")
