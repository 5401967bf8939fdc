"""The case and all that happens in it: acts, events, deadlines, documents, money, the clerk's desk."""
