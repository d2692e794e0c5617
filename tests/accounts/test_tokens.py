"""Tokens of programs: each for one membership, and dead with it."""

import base64
import json
from datetime import timedelta

import jwt
import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken
from world import PASSWORD, Caller, member, program

from accounts.actions import set_active
from accounts.api import SignInThrottle
from accounts.tasks import forget_sign_ins
from accounts.tokens import issue_tokens

GIVEN = {"email": "bruno@acme.example", "password": PASSWORD, "tenant": "acme"}


def sign_in(**change):
    return Caller().post("auth/token/", {**GIVEN, **change})


def renew(refresh):
    return Caller().post("auth/token/refresh/", {"refresh": refresh})


def calls_with(token, scheme="Bearer"):
    return Caller(Authorization=f"{scheme} {token}").get("inbox/")


def claims(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def signed(change, key=None, algorithm="HS256"):
    """A token with our claims, changed, and signed again."""
    given = {**claims(issue_tokens(member("Bruno"))["access"]), **change}
    return jwt.encode(given, settings.SIMPLE_JWT["SIGNING_KEY"] if key is None else key, algorithm=algorithm)


# --- signing in -------------------------------------------------------------------------------


def test_a_program_signs_in_for_one_tenant(bruno):
    answer = sign_in()

    assert answer.status_code == 200
    assert calls_with(answer.json()["access"]).json()["me"]["name"] == "Bruno"


def test_the_address_may_be_written_in_any_case(bruno):
    assert sign_in(email="Bruno@ACME.example").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"password": "wrong"},
        {"email": "nobody@acme.example"},
        {"tenant": "rival"},
        {"tenant": "no-such-tenant"},
    ],
    ids=str,
)
def test_whatever_is_wrong_the_answer_is_the_same(change, bruno, rival):
    answer = sign_in(**change)

    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_refused")
    assert answer.json()["message"] == sign_in(password="also wrong").json()["message"]


@pytest.mark.parametrize("missing", GIVEN)
def test_what_is_missing_is_said(missing, bruno):
    answer = sign_in(**{missing: ""})

    assert (answer.status_code, list(answer.json()["fields"])) == (400, [missing])


def test_a_wrong_method_gets_405(db):
    assert Caller().get("auth/token/").status_code == 405


def test_somebody_who_was_shut_out_does_not_get_one(bruno):
    set_active(bruno, is_active=False)

    assert sign_in().status_code == 401


def test_an_unconfirmed_address_does_not_get_one(bruno):
    from allauth.account.models import EmailAddress

    EmailAddress.objects.filter(user=bruno.user).update(verified=False)

    assert sign_in().status_code == 401


def test_guessing_is_slowed_down_and_no_header_helps(bruno, monkeypatch):
    monkeypatch.setattr(SignInThrottle, "THROTTLE_RATES", {"sign_in": "3/min"})
    codes = [
        Caller(**{"X-Forwarded-For": f"10.0.0.{n}"})
        .post("auth/token/", {**GIVEN, "password": "guess"})
        .status_code
        for n in range(5)
    ]

    assert codes == [401, 401, 401, 429, 429]
    assert sign_in().status_code == 429, "the right password has to wait as well"
    assert int(sign_in().headers["Retry-After"]) > 0


def guesses(count, **change):
    """One from each of as many addresses."""
    answers = []
    for number in range(count):
        caller = Caller()
        caller.client.defaults["REMOTE_ADDR"] = f"10.0.0.{number}"
        answers.append(caller.post("auth/token/", {**GIVEN, "password": f"guess-{number}", **change}))
    return answers


def test_an_account_is_not_guessed_at_from_many_addresses(bruno, ana):
    answers = guesses(7)

    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert answers[-1].json()["code"] == "throttled"
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert sign_in().status_code == 429, "the right password has to wait as well"
    assert sign_in(email="ana@acme.example").status_code == 200, "others do not"


def test_pages_and_programs_count_the_same_guesses(bruno, client):
    guesses(5)
    answer = client.post("/accounts/login/", {"login": bruno.user.email, "password": PASSWORD})

    assert "_auth_user_id" not in client.session
    assert answer.status_code == 200


def test_the_spelling_of_an_address_gives_no_second_try(bruno):
    guesses(5)

    assert guesses(1, email="BRUNO@acme.example")[0].status_code == 429


def test_programs_that_sign_in_rightly_are_not_counted(bruno):
    assert [sign_in().status_code for _ in range(8)] == [200] * 8


def test_signing_in_asks_for_the_address_as_the_index_knows_it(bruno):
    """`iexact` compares in upper case, which no index helps with: the whole table would be read."""
    with CaptureQueriesContext(connection) as asked:
        assert sign_in(email="Bruno@ACME.example").status_code == 200

    assert not [query["sql"] for query in asked if "UPPER(" in query["sql"]]
    assert [query["sql"] for query in asked if 'LOWER("accounts_user"."email")' in query["sql"]]


# --- calling ----------------------------------------------------------------------------------


def test_a_token_carries_its_tenant_and_no_secret(bruno, acme):
    told = claims(issue_tokens(bruno)["access"])

    assert (told["tenant"], told["member"]) == (str(acme.id), str(bruno.id))
    assert (told["iss"], told["aud"]) == ("balcao", "balcao-api")
    assert bruno.user.password not in str(told)
    assert bruno.user.email not in str(told)


@pytest.mark.parametrize("token", ["", "x", "x.y.z", "Bearer", "a" * 5000])
def test_nonsense_is_refused(token, bruno):
    answer = calls_with(token)

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


@pytest.mark.parametrize("scheme", ["Basic", "Token", "JWT", ""])
def test_only_bearer_tokens_count(scheme, bruno):
    assert calls_with(issue_tokens(bruno)["access"], scheme).status_code == 401


def test_an_unsigned_token_is_refused(bruno):
    """alg: none."""
    assert calls_with(signed({}, key="", algorithm="none")).status_code == 401


def test_a_token_signed_with_another_key_is_refused(bruno):
    assert calls_with(signed({}, key="k" * 50)).status_code == 401
    assert calls_with(signed({}, key=settings.SECRET_KEY)).status_code == 401, "two secrets for two purposes"


def test_another_algorithm_is_refused_even_with_the_right_key(bruno):
    assert calls_with(signed({}, algorithm="HS512")).status_code == 401


@pytest.mark.parametrize(
    "change",
    [{"iss": "somebody"}, {"aud": "something"}, {"token_type": "refresh"}, {"exp": 1}, {"stamp": "0" * 16}],
    ids=str,
)
def test_claims_that_do_not_fit_are_refused(change, bruno):
    assert calls_with(signed(change)).status_code == 401
    assert calls_with(signed({})).status_code == 200, "else this would prove nothing"


@pytest.mark.parametrize("missing", ["tenant", "member", "stamp"])
def test_a_token_without_a_claim_is_refused(missing, bruno):
    assert calls_with(signed({missing: "x"})).status_code == 401
    assert calls_with(signed({missing: None})).status_code == 401


def test_a_member_of_one_tenant_with_the_id_of_another_is_refused(bruno, rival, rui):
    """Even with our signature: member and tenant must belong together."""
    assert calls_with(signed({"tenant": str(rival.id)})).status_code == 401
    assert calls_with(signed({"member": str(rui.id)})).status_code == 401


def test_an_expired_token_is_refused(bruno):
    token = AccessToken(issue_tokens(bruno)["access"])
    token.set_exp(lifetime=-timedelta(seconds=1))

    assert calls_with(str(token)).status_code == 401


def test_a_refresh_token_opens_nothing_by_itself(bruno):
    assert calls_with(issue_tokens(bruno)["refresh"]).status_code == 401


def test_a_new_password_ends_every_token(bruno):
    tokens = issue_tokens(bruno)
    user = get_user_model().objects.get(id=bruno.user_id)
    user.set_password("another-good-password")
    user.save()

    assert calls_with(tokens["access"]).status_code == 401
    assert renew(tokens["refresh"]).status_code == 401


@pytest.mark.parametrize("end", ["member", "user", "tenant"])
def test_a_token_dies_with_its_membership(end, bruno, acme):
    tokens = issue_tokens(bruno)
    match end:
        case "member":
            set_active(bruno, is_active=False)
        case "user":
            get_user_model().objects.filter(id=bruno.user_id).update(is_active=False)
        case "tenant":
            acme.is_active = False
            acme.save()

    assert calls_with(tokens["access"]).status_code == 401
    assert renew(tokens["refresh"]).status_code == 401


def test_a_header_overrules_a_session_and_a_bad_one_is_not_forgiven(bruno):
    from world import browser

    caller = browser(bruno)

    assert caller.get("inbox/", Authorization="Bearer nonsense").status_code == 401


def test_a_token_is_not_looked_for_in_the_address(bruno):
    token = issue_tokens(bruno)["access"]

    assert Caller().get(f"inbox/?token={token}&access_token={token}").status_code == 401


# --- renewing ---------------------------------------------------------------------------------


def test_a_pair_is_renewed(bruno):
    fresh = renew(issue_tokens(bruno)["refresh"]).json()

    assert calls_with(fresh["access"]).status_code == 200
    assert renew(fresh["refresh"]).status_code == 200


def test_a_refresh_token_works_once(bruno):
    refresh = issue_tokens(bruno)["refresh"]
    assert renew(refresh).status_code == 200

    again = renew(refresh)
    assert (again.status_code, again.json()["code"]) == (401, "invalid_token")


def test_of_two_renewals_at_once_one_wins(at_once, bruno):
    refresh = issue_tokens(bruno)["refresh"]
    codes = at_once(lambda _: renew(refresh).status_code, list(range(5)))

    assert sorted(codes) == [200, 401, 401, 401, 401]


def test_an_access_token_renews_nothing(bruno):
    assert renew(issue_tokens(bruno)["access"]).status_code == 401


@pytest.mark.parametrize("refresh", ["x", "x.y.z"])
def test_a_made_up_refresh_token_is_refused(refresh, db):
    assert renew(refresh).status_code == 401


def test_a_refresh_token_that_is_not_one_of_ours_is_refused_not_a_crash(bruno):
    """Signed by us, but without the claims that name tenant and member."""
    assert renew(str(RefreshToken.for_user(bruno.user))).status_code == 401


def test_the_role_counts_now_not_when_the_token_was_made(bruno):
    from accounts.actions import change_role

    caller = program(bruno)
    assert caller.post("sectors/", {"name": "New"}).status_code == 403
    change_role(bruno, role="admin")

    assert caller.post("sectors/", {"name": "New"}).status_code == 201


# --- what is forgotten ------------------------------------------------------------------------


def test_tokens_and_sessions_that_have_ended_are_forgotten(bruno):
    kept, ended = RefreshToken(sign_in().json()["refresh"]), RefreshToken(sign_in().json()["refresh"])
    long_ago = timezone.now() - timedelta(days=1)
    OutstandingToken.objects.filter(jti=ended["jti"]).update(expires_at=long_ago)
    open_one, old_one = SessionStore(), SessionStore()
    open_one.create()
    old_one.create()
    Session.objects.filter(session_key=old_one.session_key).update(expire_date=long_ago)
    forget_sign_ins()

    assert OutstandingToken.objects.filter(jti=kept["jti"]).exists()
    assert not OutstandingToken.objects.filter(jti=ended["jti"]).exists()
    assert Session.objects.filter(session_key=open_one.session_key).exists()
    assert not Session.objects.filter(session_key=old_one.session_key).exists()
