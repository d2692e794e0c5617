"""WhatsApp numbers: connections, the sessions that keep them alive, the drivers they speak through."""
