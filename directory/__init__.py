"""Who is who: courts, agencies, people, the duties they hold and where, and systems that call us."""
