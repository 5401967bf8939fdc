// The one entry: small modules, no build. Pages work without any of it.
import "./keys.js";
import "./once.js";
import "./rows.js";
import "./select.js";
import "./copy.js";
import "./preview.js";
import "./draft.js";
import "./toast.js";
