"""The law as pure functions: citations, calendar, periods, case numbers, identity numbers and money.

Nothing in this package knows of a database, a request or a web framework.  Whatever depends on the
current day reads it from :mod:`law.clock`; whatever depends on local holidays receives them as facts.
"""
