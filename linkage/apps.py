from django.apps import AppConfig


class LinkageConfig(AppConfig):
    name = "linkage"

    def ready(self) -> None:
        # Importing registers acts, reactions to lower rooms, and how this room's messages are delivered.
        from linkage import acts, channels, reactions, standing  # noqa: F401
