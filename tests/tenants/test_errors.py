"""Domain errors and the framework's own, translated into one shape."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from rest_framework import exceptions

from tenants.errors import DomainError, answer_error


class Refused(DomainError):
    code = "no_more_cake"
    status = 418
    message = "There is no more cake."


def answered(error):
    answer = answer_error(error, {})
    return answer.status_code, answer.data


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refused(), 418, "no_more_cake"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "forbidden"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.Throttled(wait=3), 429, "throttled"),
        (exceptions.PermissionDenied("CSRF: no", code="csrf"), 403, "csrf"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_has_a_code_a_message_and_fields(error, status, code, db):
    given, body = answered(error)

    assert (given, body["code"]) == (status, code)
    assert set(body) == {"code", "message", "fields"}
    assert isinstance(body["message"], str)
    assert body["message"]


def test_a_domain_error_may_carry_details_and_other_words(db):
    _status, body = answered(Refused("Bruno ate it.", who="Bruno"))

    assert body == {"code": "no_more_cake", "message": "Bruno ate it.", "fields": {"who": "Bruno"}}


def test_bad_fields_are_named(db):
    _status, body = answered(exceptions.ValidationError({"name": ["Too long."]}))

    assert (body["code"], body["fields"]) == ("invalid", {"name": ["Too long."]})


def test_complaints_about_the_whole_have_a_name_too(db):
    _status, body = answered(exceptions.ValidationError(["Nonsense."]))

    assert body["fields"] == {"non_field_errors": ["Nonsense."]}


def test_who_is_too_fast_is_told_how_long_to_wait(db):
    assert answer_error(exceptions.Throttled(wait=3), {}).headers["Retry-After"] == "3"


def test_a_bug_is_not_translated(db):
    assert answer_error(ZeroDivisionError(), {}) is None


def test_whatever_was_refused_leaves_nothing_half_written(acme):
    from tickets.models import Contact

    with transaction.atomic():
        Contact.objects.create(name="Half-written")
        answer_error(Refused(), {})

    assert not Contact.objects.filter(name="Half-written").exists()
