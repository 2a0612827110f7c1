"""What is served or run: api, origin, worker, supervisor."""
