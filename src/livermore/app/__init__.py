"""The one place that knows every room: what the commands do, put together from parts."""
