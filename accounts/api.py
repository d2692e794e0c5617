"""REST: sign-in of programs. Tokens belong to one membership, so to one tenant."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.utils import has_verified_email
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import TokenError

from accounts.entrance import member_of
from accounts.models import User
from accounts.serializers import ErrorShape, RefreshInput, SignInInput, TokensShape
from accounts.tokens import issue_tokens, renew_tokens
from tenants.errors import DomainError


class SignInRefused(DomainError):
    code = "sign_in_refused"
    status = 401
    message = _("E-mail, password or tenant is wrong.")


class TokenRefused(DomainError):
    code = "invalid_token"
    status = 401
    message = _("The token is invalid or has expired.")


GUESSES_LAST_SECONDS = 300  # allauth's `login_failed`: five for an account in five minutes


class SignInThrottle(AnonRateThrottle):
    scope = "sign_in"


class Tokens(APIView):
    """A pair of tokens for one tenant, against e-mail and password."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]
    throttle_classes = [SignInThrottle]

    @extend_schema(request=SignInInput, responses={200: TokensShape, 401: ErrorShape}, tags=["auth"], auth=[])
    def post(self, request: Request) -> Response:
        given = SignInInput(data=request.data)
        given.is_valid(raise_exception=True)
        user = self._authenticate(request, given.validated_data["email"], given.validated_data["password"])
        slug = given.validated_data["tenant"]
        # A program must not get in by an address that pages would not let in yet.
        member = member_of(user, slug=slug) if user and has_verified_email(user) else None
        if member is None:
            raise SignInRefused
        return Response(issue_tokens(member))

    def _authenticate(self, request: Request, email: str, password: str) -> User | None:
        """As the sign-in page does it: wrong guesses count for the account, wherever they come from."""
        try:
            user: User | None = get_adapter().authenticate(request._request, email=email, password=password)
        except ValidationError as too_many:
            raise Throttled(wait=GUESSES_LAST_SECONDS) from too_many
        return user


class RenewedTokens(APIView):
    """A fresh pair against a refresh token, which is spent by it."""

    authentication_classes: list[type] = []
    permission_classes = [AllowAny]
    throttle_classes = [SignInThrottle]

    @extend_schema(
        request=RefreshInput, responses={200: TokensShape, 401: ErrorShape}, tags=["auth"], auth=[]
    )
    def post(self, request: Request) -> Response:
        given = RefreshInput(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            return Response(renew_tokens(given.validated_data["refresh"]))
        except TokenError as refused:
            raise TokenRefused from refused
