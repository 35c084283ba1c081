"""The moving parts: tasks, queues and cancellation."""
