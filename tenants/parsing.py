"""JSON in through orjson, the counterpart of `tenants.rendering`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class OrjsonParser(BaseParser):
    """Refuses whatever is no JSON, nesting without end included: Python's own parser would run out of
    stack there, which is a crash and not an answer."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as wrong:
            raise ParseError(f"JSON parse error - {wrong}") from wrong
