"""Pages of the product, below /t/<slug>/."""

from django.urls import path

from tickets import views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/<uuid:ticket_id>/", views.inbox, name="inbox_ticket"),
    path("media/<uuid:media_id>/", views.media, name="media"),
]
