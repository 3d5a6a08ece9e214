"""Look at untrained networks."""
