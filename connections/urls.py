"""Pages of connections, below /t/<slug>/."""

from django.urls import path

from connections import views, wizard_views

ONE = "connections/<uuid:connection_id>/"
urlpatterns = [
    path("connections/", views.connections, name="connections"),
    path("connections/new/", wizard_views.new_connection, name="connection_new"),
    path(ONE, views.connection, name="connection"),
    path(f"{ONE}run/", views.connection_run, name="connection_run"),
    path(f"{ONE}removal/", views.connection_removal, name="connection_removal"),
    path(f"{ONE}driver/", views.connection_driver, name="connection_driver"),
    path(f"{ONE}linking/", wizard_views.linking, name="connection_linking"),
    path(f"{ONE}linking/<uuid:link_id>/end/", wizard_views.link_end, name="connection_link_end"),
]
