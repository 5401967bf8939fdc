from django.apps import AppConfig


class LinkageConfig(AppConfig):
    name = "linkage"

    def ready(self) -> None:
        # Importing registers acts, reactions to lower rooms, and how this room's messages are delivered.
        # Agencies have pages of their own, and the same rule as the court's: each says what it reads or does.
        from enforcement import checks
        from enforcement.demo import additions
        from enforcement.web import shell
        from linkage import acts, channels, chasing, demo, liaison, reactions, standing  # noqa: F401
        from linkage.web import court_panels, portal_front  # noqa: F401

        checks.PAGES.extend(["linkage.web.urls", "linkage.web.liaison_urls", "linkage.web.court_urls"])
        checks.QUERIES.append("linkage.queries")
        shell.fronts.append(portal_front.front)
        additions.additions.append(demo.load)
