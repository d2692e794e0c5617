"""The product: contacts, tickets, messages and the console."""
