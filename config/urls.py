"""Root URLs."""

urlpatterns: list = []
