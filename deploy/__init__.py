"""How Balcão is set up, started and checked: at home (`local`) and in containers."""
