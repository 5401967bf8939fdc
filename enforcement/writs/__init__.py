"""Writs (文书): declared once per kind, drafted by acts, printed in Chinese and Tibetan side by side."""

from enforcement.writs.declarations import Numbering, Writ, writ_named, writs
from enforcement.writs.drafting import draft
from enforcement.writs.rendering import preview_html, render_html, render_pdf

__all__ = [
    "Numbering",
    "Writ",
    "draft",
    "preview_html",
    "render_html",
    "render_pdf",
    "writ_named",
    "writs",
]
