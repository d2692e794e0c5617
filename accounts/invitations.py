"""The e-mail that carries an invitation. Its token exists only there; we keep a digest."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Invitation


def write_invitation_mail(invitation: Invitation) -> EmailMessage:
    """Issue a fresh token and write the mail with it, to be sent once the token is committed. Run twice,
    the later e-mail is the one that works."""
    token = invitation.issue_token()
    invitation.save(update_fields=["token_digest", "expires_at"])
    tenant = invitation.tenant
    text = render_to_string(
        "accounts/email/invitation.txt",
        {
            "tenant": tenant,
            "invitation": invitation,
            "link": settings.SITE_URL + reverse("invitation", args=[token]),
        },
    )
    subject = _("Invitation to %(tenant)s on Balcão") % {"tenant": tenant.name}
    return EmailMessage(subject, text, None, [invitation.email])
