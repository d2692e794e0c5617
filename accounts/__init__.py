"""People: users, memberships, roles, sign-in, invitations."""
