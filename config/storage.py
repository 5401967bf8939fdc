"""Static files under hashed names, our own JavaScript modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Rewrites ``import "./x.js"`` in ``static/js`` too, so that a cached module never meets a newer one.

    Only there: packages ship modules that import by bare names, which only a bundler can resolve.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )
