"""The keys that search compares are kept by the database, whoever writes a contact: see `tickets.searching`."""

from django.db import migrations

KEEP_KEYS = r"""
create function tickets_contact_keys() returns trigger language plpgsql as $$
declare
    spaced text := btrim(regexp_replace(new.name, '\s+', ' ', 'g'));
    folded text := left(
        translate(lower(spaced), 'áàâãäåéèêëíìîïóòôõöúùûüçñýÿ', 'aaaaaaeeeeiiiiooooouuuucnyy'), 120
    );
begin
    new.name_key := folded;
    new.name_key_2 := coalesce(substring(folded from '^\S+ (.*)$'), '');
    new.name_key_3 := coalesce(substring(folded from '^\S+ \S+ (.*)$'), '');
    new.name_key_4 := coalesce(substring(folded from '^\S+ \S+ \S+ (.*)$'), '');
    new.phone_key := reverse(coalesce(new.phone, ''));
    return new;
end
$$;
create trigger contact_keys before insert or update of name, phone on tickets_contact
    for each row execute function tickets_contact_keys();
"""
UNDO = """
drop trigger contact_keys on tickets_contact;
drop function tickets_contact_keys();
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_row_level_security")]

    operations = [migrations.RunSQL(KEEP_KEYS, UNDO)]
