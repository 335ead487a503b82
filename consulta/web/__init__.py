"""All that knows HTTP, by audience."""
