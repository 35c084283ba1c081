"""The live stream: topics, cursors, and one shared reader for all clients."""
