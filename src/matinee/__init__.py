"""Matinee: the streaming platform of a media company in one Python package."""

__version__ = "0.1.0"
