"""Finding contacts as people look for them: how a word of the name begins, how a number begins or ends.

Row-level security evaluates its policy before any operator that might leak, `like` among them, so no
trigram index would ever be read. Comparisons do not leak: a prefix is a range, and each range has an index.
"""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet

from tickets.models import Contact

SHORTEST = 2
FEWEST_DIGITS = 4
NAME_KEYS = ("name_key", "name_key_2", "name_key_3", "name_key_4")
LAST_CHARACTER = "\U0010ffff"
# As the trigger of migration 0003 folds names.
FOLDED = str.maketrans("áàâãäåéèêëíìîïóòôõöúùûüçñýÿ", "aaaaaaeeeeiiiiooooouuuucnyy")


def contacts_like(search: str) -> QuerySet[Contact]:
    """Contacts of the tenant that somebody may mean who typed this. None for less than two characters."""
    folded = " ".join(search.split()).lower().translate(FOLDED)
    if len(folded) < SHORTEST:
        return Contact.objects.none()
    wanted = Q()
    for key in NAME_KEYS:
        wanted |= _begins(key, folded)
    digits = digits_of(search)
    if len(digits) >= FEWEST_DIGITS:
        wanted |= _begins("phone", f"+{digits}") | _begins("phone_key", digits[::-1])
    return Contact.objects.filter(wanted)


def digits_of(search: str) -> str:
    return re.sub(r"[^0-9]", "", search)


def _begins(key: str, prefix: str) -> Q:
    return Q(**{f"{key}__gte": prefix, f"{key}__lt": prefix + LAST_CHARACTER})
