"""How long somebody must wait, in words."""

from __future__ import annotations

from flask_babel import gettext as _


def in_words(seconds: int) -> str:
    """Return a waiting time: seconds up to two minutes, else whole minutes, rounded up."""
    if seconds <= 120:
        return _("%(n)s 秒", n=seconds)
    return _("%(n)s 分钟", n=-(-seconds // 60))
