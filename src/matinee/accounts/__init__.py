"""Who may: API keys, browser sessions and one-time sign-in codes."""
