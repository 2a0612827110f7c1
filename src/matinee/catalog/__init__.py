"""The catalogue: titles, their jobs, what happened to them, uploads and webhooks, in SQL."""
