"""Resumable uploads: tus 1.0.0 as a raw ASGI app."""
