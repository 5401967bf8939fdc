from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    name = "enforcement"

    def ready(self) -> None:
        # Importing the acts registers them; a coercive act that lacks what the law asks refuses to start.
        from enforcement import acts, checks  # noqa: F401
