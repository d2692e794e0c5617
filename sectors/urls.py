"""Pages of people and sectors, below /t/<slug>/."""

from django.urls import path

from sectors import views

urlpatterns = [
    path("team/", views.team, name="team"),
    path("team/<uuid:member_id>/role/", views.member_role, name="member_role"),
    path("team/<uuid:member_id>/access/", views.member_access, name="member_access"),
    path(
        "team/invitations/<uuid:invitation_id>/withdrawal/",
        views.invitation_withdrawal,
        name="invitation_withdrawal",
    ),
    path("sectors/", views.sectors, name="sectors"),
    path("sectors/<uuid:sector_id>/", views.sector, name="sector"),
]
