"""The three doors through which code begins to work for a tenant: a request, a socket, a task."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

import structlog
from celery import Task
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string

from tenants import scope
from tenants.errors import DomainError
from tenants.models import Tenant

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")
Args = ParamSpec("Args")


# A connection that worked so lately works.
TRUSTED_SECONDS = 2.0
_used = threading.local()
_threads_of_sockets = ThreadPoolExecutor(4, thread_name_prefix="sockets-db")


class HasTenant(Protocol):
    tenant: Tenant


ConsumerT = TypeVar("ConsumerT", bound=HasTenant)


class TenantMiddleware:
    """Request door. `settings.TENANT_OF_REQUEST` says for whom a request is; the view then runs in
    that tenant's scope, which is one transaction: an unexpected error undoes all of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.tenant_of: Callable[[HttpRequest], Tenant | HttpResponseBase | None] = import_string(
            settings.TENANT_OF_REQUEST
        )

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        found = self.tenant_of(request)
        if isinstance(found, HttpResponseBase):
            return found
        request.tenant = found  # type: ignore[attr-defined]
        if found is None:
            return self.get_response(request)
        with scope.working_for(found):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if getattr(request, "tenant", None) is not None:
            transaction.set_rollback(True)


def in_tenant(
    function: Callable[Concatenate[ConsumerT, Args], Answer],
) -> Callable[Concatenate[ConsumerT, Args], Coroutine[Any, Any, Answer]]:
    """Socket door: run a consumer's database function in the scope of `consumer.tenant`."""

    @wraps(function)
    def run(consumer: ConsumerT, *args: Args.args, **kwargs: Args.kwargs) -> Answer:
        with scope.working_for(consumer.tenant):
            return function(consumer, *args, **kwargs)

    return cast(
        "Callable[Concatenate[ConsumerT, Args], Coroutine[Any, Any, Answer]]", in_database_thread(run)
    )


def in_database_thread(function: Callable[Args, Answer]) -> Callable[Args, Coroutine[Any, Any, Answer]]:
    """For sockets: run it in one of a few threads. By default all sockets of a process would share one, and
    a single slow query hold up every console."""
    opened: Callable[Args, Coroutine[Any, Any, Answer]]
    opened = database_sync_to_async(function, thread_sensitive=False, executor=_threads_of_sockets)
    return opened


def enter(tenant: Tenant, function: Callable[..., Answer], *args: Any) -> Answer:
    """Side door, for those who bring their tenant along: a gateway that posts, a link that is opened without
    an account, a command of the operators."""
    with scope.working_for(tenant):
        return function(*args)


def work_for(tenant: Tenant, function: Callable[..., Answer], *args: Any) -> Answer:
    """Task door of the session hosts: one database call of a session, in a worker's own thread."""
    keep_connection()
    return enter(tenant, function, *args)


def keep_connection() -> None:
    """As `close_old_connections`, but one that worked a moment ago is not asked again whether it works: for
    threads that make hundreds of calls a second, each question is a round trip."""
    close_old_connections()
    now = time.monotonic()
    if now - getattr(_used, "at", 0.0) < TRUSTED_SECONDS:
        vars(connection)["health_check_done"] = True
    _used.at = now


class TenantTask(Task):
    """Task door: the first argument of every call is the tenant's id; the task's own follow."""

    abstract = True
    typing = False  # the caller's arguments are one more than the function's

    def __call__(self, tenant_id: str, *args: Any, **kwargs: Any) -> Any:
        tenant = Tenant.objects.filter(id=uuid.UUID(tenant_id)).first()
        if tenant is None:
            log.warning("task for a tenant that is gone", task=self.name)
            return None
        try:
            with scope.working_for(tenant):
                return self.work(*args, **kwargs)
        except DomainError as refused:
            log.warning("task refused", task=self.name, code_name=refused.code)
            return None

    def work(self, *args: Any, **kwargs: Any) -> Any:
        """What happens inside the scope; reactions do more here than run."""
        return self.run(*args, **kwargs)
