"""REST of the product."""
