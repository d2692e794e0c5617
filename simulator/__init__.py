"""A pretend WhatsApp network: phones on a page, a gateway for linked devices, faults."""
