"""Public specifications, bytes or text <-> values: pure, and usable on their own."""
