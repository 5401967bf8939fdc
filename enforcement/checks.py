"""System checks: what must be true of the code before the service starts."""
