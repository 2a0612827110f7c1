"""Durable compositions of the stages: publish a film from source to live."""
