"""Who may call a route, who asks, and what for."""
