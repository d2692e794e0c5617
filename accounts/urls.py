"""Addresses outside any tenant."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.home, name="home"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]
