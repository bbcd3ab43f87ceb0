"""Names of villages: as the division list has them, as people read them, as they are compared."""

from __future__ import annotations

from dataclasses import dataclass

# Longest first: each is the body that governs, not the name of the place.
_VILLAGE_BODIES = ("村民委员会", "村委会")
_COMMUNITY_BODIES = (
    "居民管理委员会",
    "居民居委会",
    "居民委员会",
    "管理委员会",
    "居委会",
    "委员会",
)
_KIND_WORDS = ("社区居委会", "居委会", "社区", "村")


@dataclass(frozen=True)
class VillageName:
    """Three forms of one name.

    name: for reading (老井沟村). match_name: without the word for village or community (老井沟).
    is_community: an urban community (社区, 居委会) rather than a village.
    """

    name: str
    match_name: str
    is_community: bool


def village_name(official: str) -> VillageName:
    """Return the forms of a name of the division list (老井沟村民委员会 → 老井沟村, 老井沟).

    The list writes a village's own 村 once or twice (刘村村民委员会, 许村村委会, 柴村): all give one 村.
    """
    for body in _VILLAGE_BODIES:
        if official.endswith(body) and len(official) > len(body):
            stem = official.removesuffix(body)
            name = stem if stem.endswith(("村", "社区")) else stem + "村"
            return VillageName(name, match_name(name), False)
    name = _without_body(official)
    return VillageName(name, match_name(name), name.endswith(("社区", "居委会")))


def match_name(name: str) -> str:
    """Return a name as it is compared: the word for village or community off its end (东风村 → 东风).

    A name that would be left with less than two characters keeps the word (刘村 → 刘村).
    """
    for word in _KIND_WORDS:
        stem = name.removesuffix(word)
        if stem != name:
            return stem if len(stem) >= 2 else name
    return name


def _without_body(official: str) -> str:
    """Take the governing body off a community's name (碧沙岗社区居委会 → 碧沙岗社区).

    A residents' committee without the word 社区 (王庄居委会) keeps 居委会: without it the name would read as that
    of a village.
    """
    if official.endswith("村"):
        return official
    for body in _COMMUNITY_BODIES:
        stem = official.removesuffix(body)
        if stem != official and stem.endswith("社区"):
            return stem
    return official
