"""The address of a link's page, outside any tenant's pages."""

from django.urls import path

from connections import link_views

urlpatterns = [path("link/<str:token>/", link_views.link, name="link")]
