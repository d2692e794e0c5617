"""Request → view: every address of the installation."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from config import api_urls, health

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("connections.link_urls")),
    path("accounts/", include("allauth.account.urls")),
    path(
        "t/<slug:slug>/",
        include(
            [
                path("", RedirectView.as_view(pattern_name="inbox"), name="tenant_home"),
                path("", include("sectors.urls")),
                path("", include("connections.urls")),
                path("", include("tickets.urls")),
            ]
        ),
    ),
    path("api/v1/", include(api_urls)),
    path("gateways/", include("connections.gateway_urls")),
    path("admin/", admin.site.urls),
    path("language/", set_language, name="set_language"),
    path("healthz", health.live),
    path("readyz", health.ready),
]
