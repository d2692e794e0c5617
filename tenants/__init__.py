"""Which tenants exist, and how code knows for which one it works."""
