"""Where media objects live: a small port (`store.py`), its adapters, one contract suite."""
