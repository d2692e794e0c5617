"""Pages of connections, below /t/<slug>/."""

from django.urls import path

from connections import views

urlpatterns = [
    path("connections/", views.connections, name="connections"),
    path("connections/<uuid:connection_id>/", views.connection, name="connection"),
]
