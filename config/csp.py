"""Content-security policies: strict for our pages, looser for the two guests that need it."""

from csp.constants import NONCE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# django-unfold carries Alpine, which evaluates expressions and writes inline styles.
ADMIN = {"script-src": [SELF, NONCE, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
# Swagger UI and ReDoc (our own copies) write inline styles, start inline and use a worker.
API_DOCS = {
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "worker-src": [SELF, "blob:"],
}


class PagePolicyMiddleware(CSPMiddleware):
    """The policy of the settings, replaced where the operators' admin or the API docs answer."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith("/admin/"):
            response._csp_replace = ADMIN  # type: ignore[attr-defined] # as csp's decorators set it
        elif request.path.startswith("/api/v1/docs/"):
            response._csp_replace = API_DOCS  # type: ignore[attr-defined]
        answered: HttpResponseBase = super().process_response(request, response)
        return answered
