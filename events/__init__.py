"""What happened, and telling others: the log, its relay, live frames."""
