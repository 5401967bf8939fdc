"""Static files under hashed names, JavaScript modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Rewrites ``import "./x.js"`` too, so that a cached module never meets a newer one."""

    support_js_module_import_aggregation = True
