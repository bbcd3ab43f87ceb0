"""The words that the scripts of the drawing page write."""

from __future__ import annotations

from flask_babel import gettext as _


def for_scripts() -> dict[str, str]:
    """Return wordings by name; {n} and the like are filled in by the script."""
    return {**_of_drawing(), **_of_saving(), **_of_units(), **of_impact()}


def _of_drawing() -> dict[str, str]:
    return {
        "map_label": _("画界地图：方向键移动，加减号缩放；顶点也可在“顶点”表中用键盘修改"),
        "outline": _("外边界"),
        "hole": _("洞 %(h)s", h="{h}"),
        "ring": _("第 %(part)s 块 %(name)s（%(n)s 个顶点）", part="{part}", name="{name}", n="{n}"),
        "no_boundary": _("还没有画边界"),
        "rows": _("第 %(first)s–%(last)s 个，共 %(n)s 个", first="{first}", last="{last}", n="{n}"),
        "vertex": _("顶点 %(n)s", n="{n}"),
        "lon_of": _("顶点 %(n)s 的经度", n="{n}"),
        "lat_of": _("顶点 %(n)s 的纬度", n="{n}"),
        "thinned": _("视野内 %(n)s 个顶点，显示 %(shown)s 个，放大可见其余。", n="{n}", shown="{shown}"),
        "crosses": _("边界与自身相交，这样不能保存：请移开这个顶点，或撤销。"),
        "least_three": _("一圈边界至少要有三个顶点。"),
        "no_number": _("请填写以度为单位的数字，例如 113.02。"),
        "swapped": _("经度和纬度好像填反了。"),
        "far_away": _(
            "位置不在本市范围内：经度应为 %(west)s 至 %(east)s，纬度应为 %(south)s 至 %(north)s。",
            west="{west}", east="{east}", south="{south}", north="{north}",
        ),
        "wrong_line": _("第 %(n)s 行不是“经度 纬度”。", n="{n}"),
        "drawing": _("在地图上逐点点击；回到第一点、按回车或点“完成”结束，按 Esc 放弃。"),
        "part_added": _("已加一块。"),
        "hole_added": _("已加一个洞。"),
        "part_removed": _("已删除这一块，可以撤销。"),
        "hole_removed": _("已删除这个洞，可以撤销。"),
        "hole_outside": _("洞要整个画在一块之内。"),
        "snapped_vertex": _("吸附到“%(name)s”的顶点（%(kind)s）", kind="{kind}", name="{name}"),
        "snapped_edge": _("吸附到“%(name)s”的边（%(kind)s）", kind="{kind}", name="{name}"),
        "kind_zone": _("法定区域"),
        "kind_county": _("县（市、区）"),
        "kind_township": _("乡镇"),
        "kind_road": _("道路"),
    }  # fmt: skip


def _of_saving() -> dict[str, str]:
    return {
        "state_saved": _("已保存，第 %(n)s 版", n="{n}"),
        "state_dirty": _("有未保存的修改"),
        "state_saving": _("正在保存…"),
        "state_offline": _("没有存到服务器：内容留在本机，稍后自动再试。"),
        "state_refused": _("没有保存：%(why)s", why="{why}"),
        "state_conflict": _("没有保存：别人已经保存了新的一版，请点“保存”决定。"),
        "restored": _("上次没有保存的内容已恢复；可以撤销。"),
        "copied": _("您画的已存为另一份草案，这里是对方的一版。"),
        "theirs_taken": _("已换成对方的一版；按“撤销”可回到您画的。"),
        "not_settled": _("没有成功，您画的还在：%(why)s", why="{why}"),
        "copy_title": _("%(title)s（副本）", title="{title}"),
        "no_network": _("现在没有网络"),
    }


def _of_units() -> dict[str, str]:
    return {
        "side_none": _("不列名"),
        "side_in": _("列入"),
        "side_out": _("列出"),
        "through": _("随“%(name)s”%(side)s", name="{name}", side="{side}"),
        "listed": _("列入 %(n)s 个，列出 %(out)s 个", n="{in}", out="{out}"),
        "more_units": _("还有 %(n)s 个，请输入名称或代码查找。", n="{n}"),
        "no_units": _("没有找到这个名称或代码。"),
    }


def of_impact() -> dict[str, str]:
    """Return the words of the panel that tells what a draft would change."""
    return {
        "computing": _("正在计算…"),
        "no_network": _("现在没有网络"),
        "not_computed": _("没有算出来，下面是上一次的结果：%(why)s", why="{why}"),
        "area_draft": _("草案面积"),
        "area_base": _("现行面积"),
        "area_gained": _("划入"),
        "area_lost": _("划出"),
        "overlap": _("与同类区域重叠"),
        "outside": _("在本县（市、区）之外"),
        "villages_gained": _("划入的村"),
        "villages_lost": _("划出的村"),
        "sites_gained": _("划入的点位"),
        "sites_lost": _("划出的点位"),
        "households": _("户数"),
        "households_unknown": _("没有户数资料"),
        "households_missing": _("（另有 %(n)s 个村没有户数资料）", n="{n}"),
        "of_households": _("%(n)s 户", n="{n}"),
        "findings": _("问题的变化"),
        "no_findings": _("没有问题会出现、消失或变化。"),
        "findings_appear": _("会出现"),
        "findings_go": _("会消失"),
        "findings_change": _("会变化"),
    }
