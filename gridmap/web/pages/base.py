"""The blueprint of the pages and what every template may use."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from gridmap import auth
from gridmap.web import language, navigation, security, words
from gridmap.web.static import static_url
from gridmap.web.view import View

blueprint = Blueprint("web", __name__, template_folder="../templates")


def page(template: str, view: View, **values: Any) -> str:
    """Render a template for a view."""
    return render_template(template, view=view, **values)


def bare_page(template: str, **values: Any) -> str:
    """Render a template that knows of no day: nobody may have been admitted to the database."""
    return render_template(template, **values)


@blueprint.app_context_processor
def _everywhere() -> dict[str, Any]:
    return {
        "lang": language.current(),
        "switch_url": language.switch_url,
        "nonce": security.nonce(),
        "static_url": static_url,
        "words": words,
        "reader": auth.find_reader(),
        "may": auth.may,
        "navigation": navigation.pages,
        "form_token": auth.form_token,
    }
