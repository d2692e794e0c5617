"""Reactions that tell somebody outside, over a line that may be slow, or dead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from events.models import Event
from events.reacting import Reaction
from tenants.doors import work_for
from tenants.models import Tenant

# What fails is called again after so long; before that, it may still be on its way.
MAY_TAKE = timedelta(seconds=60)


class Errand(Reaction):
    """A reaction in two steps. What its function prepares is committed; what the function answers is then
    called, outside any transaction, so that no row stays locked while somebody else is slow. Only after
    that the reaction is struck off: one that failed or died on the way is called again, and prepares anew.

    The function answers None where there is nothing to tell any more.
    """

    abstract = True

    def __call__(self, tenant_id: str, *args: Any, **kwargs: Any) -> None:
        errand = super().__call__(tenant_id, *args, **kwargs)
        if errand is not None:
            errand()
            (event_id,) = args
            work_for(Tenant.objects.get(id=tenant_id), self._strike_off, event_id)

    def work(self, *args: Any, **kwargs: Any) -> Any:
        (event_id,) = args
        event = Event.objects.select_for_update(skip_locked=True, no_key=True).filter(id=event_id).first()
        if event is None or self.name not in event.open_reactions:
            return None
        Event.objects.filter(id=event_id).update(next_call_at=timezone.now() + MAY_TAKE)
        errand = self.run(event.fact)
        if errand is None:
            self._strike_off(event_id)
        return errand

    def _strike_off(self, event_id: int) -> None:
        event = Event.objects.select_for_update(no_key=True).get(id=event_id)
        event.open_reactions = [name for name in event.open_reactions if name != self.name]
        event.save(update_fields=["open_reactions"])
