"""PostgreSQL: people, and the history of what they were told."""
