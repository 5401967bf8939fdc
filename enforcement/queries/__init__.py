"""What may be seen: every list, search and figure, for the pages and for the REST interface alike.

Each function takes the person first and returns only what ``visible_to`` shows them; what is out of their
sight raises ``OutOfSight`` and is answered like something that never existed. Nothing here changes a case.
"""
