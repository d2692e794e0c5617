"""What programs see beyond the API of the apps: the addresses of the older systems, webhook pages."""
