"""Addresses that gateways post to, below /gateways/. Nobody signs in there: each post proves itself."""

from django.urls import path

from connections import webhooks

urlpatterns = [
    path("evolution/<uuid:connection_id>/<str:path_secret>/", webhooks.evolution, name="gateway_evolution"),
    path("cloud/<uuid:connection_id>/", webhooks.cloud, name="gateway_cloud"),
]
