"""The words that the scripts of the drawing page write."""

from __future__ import annotations

from flask_babel import gettext as _

from gridmap import glossary
from gridmap.web import words


def for_scripts() -> dict[str, str]:
    """Return wordings by name; {n} and the like are filled in by the script."""
    return {
        **_of_drawing(),
        **_of_saving(),
        **_of_refusals(),
        **_of_units(),
        **_of_tools(),
        **of_impact(),
        **_of_check(),
    }


def _of_drawing() -> dict[str, str]:
    return {
        "map_label": _("画界地图：方向键移动，加减号缩放；顶点也可在“顶点”表中用键盘修改"),
        "outline": _("外边界"),
        "hole": _("洞 %(h)s", h="{h}"),
        "ring": _("第 %(part)s 块 %(name)s（%(n)s 个顶点）", part="{part}", name="{name}", n="{n}"),
        "no_boundary": _("还没有画边界"),
        "by_list": _("这份草案只列单位、没有画边界：在“按单位”中列入、列出，或先“把现有范围变成边界”再改。"),
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
        "wrong_point": _("第 %(n)s 点：%(why)s", n="{n}", why="{why}"),
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
        "kind_village": _("村"),
        "kind_square": _("1 公里方格"),
        "kind_cell": _("网格"),
        "kind_own": _("本草案"),
    }  # fmt: skip


def _of_saving() -> dict[str, str]:
    return {
        "state_saved": _("已保存，第 %(n)s 次修改稿", n="{n}"),
        "state_dirty": _("有未保存的修改"),
        "state_saving": _("正在保存…"),
        "state_offline": _("没有存到服务器：内容留在本机，稍后自动再试。"),
        "state_refused": _("没有保存：%(why)s", why="{why}"),
        "state_conflict": _("没有保存：别人已经保存了新的一版，请点“保存”决定。"),
        "state_stopped": _("没有保存：草案现在不能修改。"),
        "state_held": _("合并的结果还没有保存：看过后请点“保存”。"),
        "nothing_left": _("既没有边界，也没有列入的单位：至少要有一样才能保存。"),
        "too_many": _("边界有 %(n)s 个顶点，最多 %(most)s 个：请删去一些再保存。", n="{n}", most="{most}"),
        "restored": _("上次没有保存的内容已恢复；可以撤销。"),
        "theirs_taken": _("已换成对方的一版；按“撤销”可回到您画的。"),
        "not_settled": _("没有成功，您画的还在：%(why)s", why="{why}"),
        "copy_title": _("%(title)s（副本）", title="{title}"),
        "no_network": _("现在没有网络"),
    }


def _of_refusals() -> dict[str, str]:
    return {
        "whose_saved": _("别人已经保存了新的一版"),
        "whose_stopped": _("草案现在不能修改"),
        "why_saved": _("您是从第 %(mine)s 版画起的，现在已是第 %(theirs)s 版。", mine="{mine}", theirs="{theirs}"),
        "why_stopped": _("草案的状态已变为“%(state)s”，没有别人的修改。", state="{state}"),
        **{f"state_of_{state}": words.word("draft_state", state) for state in glossary.terms()["draft_state"]},
        "merge_disjoint": _("合并双方不相接的修改"),
        "merge_chosen": _("按选择合并"),
        "conflict_part": _("块，在经度 %(lon)s、纬度 %(lat)s 附近", lon="{lon}", lat="{lat}"),
        "conflict_part_near": _(
            "块，在 %(name)s 附近（经度 %(lon)s、纬度 %(lat)s）", name="{name}", lon="{lon}", lat="{lat}"
        ),
        "conflict_unit": _("单位：%(name)s", name="{name}"),
        "choose_mine": _("用我画的"),
        "choose_theirs": _("用对方的"),
        "merged": _(
            "已合并：取了我画的 %(mine)s 处、对方的 %(theirs)s 处；看过后请点“保存”，可撤销。",
            mine="{mine}",
            theirs="{theirs}",
        ),
        "saved_again": _("对方又保存了一版，请重新选择。"),
        "ground_undo": _("已回到对方保存之前；这里的内容不会自动覆盖对方的一版，点“保存”会先请您选择。"),
        "ground_redo": _("已回到接着对方一版的内容。"),
    }


def _of_tools() -> dict[str, str]:
    return {
        "not_edited": _("没有改动：%(why)s", why="{why}"),
        "changed_meanwhile": _("计算期间边界有了改动，请再试一次。"),
        "cut_hint": _("在地图上画一条线，从这一块的一边到另一边；按回车或点“完成”切开，按 Esc 放弃。"),
        "reshape_hint": _("画一条从边界上起、回到边界上的线，这一段边界就改沿这条线：画在外面是划入，画在里面是划出。"),
        "reshape_done": _("这一段边界已改沿所画的线。"),
        "cut_done": _("已切开。在“块”中可以删除、锁定其中一块，或另立草案。"),
        "parts_touch": _(
            "第 %(parts)s 块的边相接：作为法规是一块地，照常保存；这里仍分开，共用顶点一起移动（按住 Alt 只动一块）。",
            parts="{parts}",
        ),
        "pieces_gone": _("别人保存了新的一版，上次切开的线没有留下；土地没有变。"),
        "least_two": _("一条线至少要有两个点。"),
        "part_line": _("第 %(part)s 块：%(area)s km²，%(n)s 个顶点", part="{part}", area="{area}", n="{n}"),
        "look": _("查看"),
        "delete_part": _("删除"),
        "part_apart": _("另立草案"),
        "piece_title": _("%(title)s：第 %(part)s 块", title="{title}", part="{part}"),
        "piece_name": _("%(name)s（第 %(part)s 块）", name="{name}", part="{part}"),
        "zone_name": _("新区域的名称"),
        "set_apart": _("另立"),
        "piece_made": _(
            "这一块已是另一个区域的草案（连同按名列出的 %(n)s 个村），这里已去掉；撤销可放回，那份草案仍在：", n="{n}"
        ),
        "piece_made_changed": _("另立的草案已建，但这一块其间有了改动，这里没有去掉："),
        "locked_land": _("锁定的土地（不是整块）：%(area)s km²", area="{area}"),
        "lock": _("锁定"),
        "unlock": _("解锁"),
        "locked_now": _("已锁定：这一块不能改动，直到解锁。"),
        "unlocked_now": _("已解锁。"),
        "part_locked": _("这一块已锁定，请先在“块”中解锁。"),
        "joined": _("已合并成一块。"),
        "found_faces": _("找到 %(n)s 个地块：", n="{n}"),
        "faces_there": _("这些地块已经如此，没有改动。"),
        "faces_hint": _("点击地图上的地块，或用下面的按钮，划入或划出。"),
        "faces_none": _("视野内没有。"),
        "more_faces": _("视野内还有 %(n)s 个没有显示，请放大。", n="{n}"),
        "no_faces": _("没有取到：%(why)s", why="{why}"),
        "face_in": _("划入边界"),
        "face_out": _("划出边界"),
        "face_is_in": _("在边界内"),
        "face_is_out": _("在边界外"),
        "faces_in": _("已划入 %(n)s 个地块（%(name)s）。", n="{n}", name="{name}"),
        "faces_out": _("已划出 %(n)s 个地块（%(name)s）。", n="{n}", name="{name}"),
        "lasso_hint": _("按住围着要选的画一圈，松开即选定；也可以逐点点击，回到第一点或按回车结束；按 Esc 放弃。"),
        "crosshair_hint": _("键盘：方向键移动十字（按住 Shift 十倍），空格加点，退格删点，回车完成。"),
        "corner": _("第 %(n)s 点：%(lon)s, %(lat)s", n="{n}", lon="{lon}", lat="{lat}"),
        "corner_near": _(
            "第 %(n)s 点：%(lon)s, %(lat)s，最近的村 %(name)s", n="{n}", lon="{lon}", lat="{lat}", name="{name}"
        ),
        "corners_left": _("还有 %(n)s 个点。", n="{n}"),
        "lasso_none": _("圈内没有可选的。"),
        "lassoed": _("圈内 %(n)s 个已设为“%(side)s”。", n="{n}", side="{side}"),
    }


def _of_units() -> dict[str, str]:
    return {
        "side_none": _("不列名"),
        "side_in": _("列入"),
        "side_out": _("列出"),
        "through": _("随“%(name)s”%(side)s", name="{name}", side="{side}"),
        "listed": _("列入 %(n)s 个，列出 %(out)s 个", n="{in}", out="{out}"),
        "more_units": _("还有 %(n)s 个，请输入名称或代码查找。", n="{n}"),
        "more_found": _("还有 %(n)s 个没有显示，“全部”也包括它们。", n="{n}"),
        "found_units": _("找到 %(n)s 个：", n="{n}"),
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
        "overlap": _("划入的地与同类区域重叠"),
        "outside": _("划入的地在本县（市、区）之外"),
        "no_villages": _("没有村划入或划出。"),
        "on_the_map": _("地图上实心绿点是划入的村，空心红点是划出的村。"),
        "and_more": _("%(names)s 等", names="{names}"),
        "villages_gained": _("划入的村"),
        "villages_lost": _("划出的村"),
        "sites_gained": _("划入的点位"),
        "sites_lost": _("划出的点位"),
        "place_chosen": _("已填入地图上点的位置。"),
        "no_sites": _("没有点位划入或划出。"),
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


def _of_check() -> dict[str, str]:
    return {
        "checking": _("正在检查…"),
        "not_checked": _("没有成功：%(why)s", why="{why}"),
        "no_faults": _("没有发现问题。"),
        "faults": _("发现 %(n)s 处问题", n="{n}"),
        "width": _("宽 %(n)s m", n="{n}"),
        "mend": _("修复"),
        "in_doubt": _("不超过资料的位置误差 %(n)s m", n="{n}"),
        "doubt": _("资料的位置误差 %(n)s m", n="{n}"),
        "mended": _("修复后增加 %(added)s，减少 %(removed)s", added="{added}", removed="{removed}"),
        "mended_kept": _("已采用修复，可以撤销。"),
        "mended_dropped": _("没有采用修复。"),
        "mended_old": _("边界已经改过，请重新检查。"),
    }
