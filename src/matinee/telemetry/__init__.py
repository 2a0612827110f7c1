"""Logs as structured events; metrics stay beside what they measure."""
