"""The blueprint of the pages and what every template may use."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from gridmap.web import language, security, words
from gridmap.web.static import static_url
from gridmap.web.view import View

blueprint = Blueprint("web", __name__, template_folder="../templates")


def page(template: str, view: View, **values: Any) -> str:
    """Render a template for a view."""
    return render_template(template, view=view, **values)


@blueprint.app_context_processor
def _everywhere() -> dict[str, Any]:
    return {
        "lang": language.current(),
        "switch_url": language.switch_url,
        "nonce": security.nonce(),
        "static_url": static_url,
        "words": words,
    }
