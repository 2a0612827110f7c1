"""Reaching other people's servers without being led into our own network."""
