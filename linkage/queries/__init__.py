"""Reading for the pages of this room: what an agency sees, what a court sees of its requests."""
