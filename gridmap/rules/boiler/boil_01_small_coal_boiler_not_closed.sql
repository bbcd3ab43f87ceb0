/*
id         = "BOIL-01"
title      = "10蒸吨及以下燃煤锅炉未淘汰，或锅炉台账瞒报"
title_en   = "Small coal boiler not closed, or concealed"
severity   = "high"
message    = "{name}（[{capacity_t_h}蒸吨，]{fuel}）：{fault}"
message_en = "{name} ([{capacity_t_h} t/h, ]{fuel}): {fault}"
judges     = "site"
reads      = ["boiler"]
status     = "in_force"
since      = 2017-09-01
where      = []
reach_m    = 0
clock      = "day"
material   = ["fault", "fuel", "capacity_t_h", "accountable"]
part       = { zh = "所查事项", en = "what is judged", words = { closure = { zh = "淘汰", en = "closure" }, concealed = { zh = "台账", en = "ledger" } } }

why = """
2017年8月底前，全市10蒸吨及以下的燃煤锅炉应当全部淘汰。只停火不拆，冬天一到就会重新烧起来；\
换成型煤、水煤浆、兰炭一类燃料，仍然是烧煤。
"""
fix = """
拆除烟囱或割断烟道，并到质监部门注销使用登记；要保留的，改为集中供热、天然气、电、地热、风能或太阳能，办理变更登记。\
未入台账的补录台账，并说明漏报原因。
"""
trap = """
改造只认条文列出的几种：集中供热、燃气、电、地热、风能、太阳能；改烧洁净型煤、水煤浆、无烟煤、兰炭、石油焦、原油条文写明不算，\
改烧重油、柴油、生物质等条文没有列入，也不算（取严）。记了改造、却还在烧煤的，照样列出。只贴封条不算关闭：要拆烟囱或割断烟道，登记证也要注销，缺一项即列出。\
什么都没有查过的只作提示。恰为10蒸吨的在内（省方案另有一处只写“以下”，本条取严）。\
期限以郑政文178号第15项的2017年8月底为准，次日起算；省文件第2项和178号主要任务附件写10月底，\
省附件三（三）3写9月底“基本”，省附件三（一）5写8月30日（7市902台）：过了最晚一个期限的，事实里注明。\
省文件对巩义（省直管县）只要求建成区和县城，178号要求全市域，本条按178号。\
中原区方案第5项另要求办理注销变更。问责（每台0.5，2017年11月起）只看2017年清单上的、弄虚作假的和瞒报的；\
煤气发生炉没有淘汰期限，只在瞒报时列出（2017年10月起严格问责）。
"""

[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动实施方案"
number   = "郑政文〔2017〕178号"
item     = "14、15、16"
[[legal]]
document = "郑州市2017—2018年秋冬季大气污染综合治理攻坚行动量化问责实施办法"
number   = "郑政文〔2017〕178号"
item     = "附件三"
[[legal]]
document = "关于科学编制“一市一策”实施方案的通知"
number   = "豫环攻坚办〔2017〕56号"
item     = "2"
[[legal]]
document = "河南省2017年度大气污染防治攻坚战实施意见（附件）"
number   = "豫环攻坚办〔2017〕56号"
item     = "三(一)5、三(三)3"
[[legal]]
document = "中原区2017年大气污染防治攻坚行动方案"
number   = "中原政〔2017〕2号"
item     = "5"

[params]
highest_capacity_t_h = { type = "number", default = 10, note = "淘汰范围：此容量（蒸吨/小时）及以下" }
coal_fuels           = { type = "texts", default = ["raw_coal", "briquette", "coal_water_slurry", "anthracite", "semi_coke", "petroleum_coke", "pulverised_coal"], note = "按燃煤对待的燃料" }
conversions          = { type = "texts", default = ["heat_network", "gas", "electricity", "geothermal", "solar", "wind"], note = "改为这些才算改造" }
latest_since         = { type = "date", default = 2017-11-01, note = "各文件中最晚的期限2017年10月底，次日起算" }
concealed_since      = { type = "date", default = 2017-10-01, note = "瞒报漏报锅炉和煤气发生炉严格问责的起始日" }
accountable_since    = { type = "date", default = 2017-11-01, note = "计入量化问责的起始日" }

[facts]
fault             = { zh = "问题", en = "fault", words = { running = { zh = "仍在运行", en = "still running" }, registered = { zh = "使用登记尚未注销", en = "still registered" }, not_cut = { zh = "烟囱未拆、烟道未断", en = "stack standing and flue uncut" }, concealed = { zh = "不在管理台账内（瞒报漏报）", en = "missing from the ledger" }, unknown = { zh = "是否淘汰不明", en = "nobody looked whether it is closed" } } }
device            = { zh = "设备", en = "device", words = { boiler = { zh = "锅炉", en = "boiler" }, wall_hung = { zh = "壁挂炉", en = "wall-hung heater" }, gas_producer = { zh = "煤气发生炉", en = "coal-gas producer" } } }
capacity_t_h      = { zh = "容量", en = "capacity", unit = "t/h" }
fuel              = { zh = "燃料", en = "fuel", words = "heat_fuel" }
converted_to      = { zh = "曾改为", en = "converted to", words = "heat_fuel" }
closed_how        = { zh = "关闭方式", en = "closed by", words = { stack_removed = { zh = "拆除烟囱", en = "stack removed" }, flue_cut = { zh = "割断烟道", en = "flue cut" }, sealed = { zh = "仅封停", en = "sealed only" } } }
is_registered     = { zh = "登记有效", en = "registered" }
is_running        = { zh = "在运行", en = "running" }
on_2017_list      = { zh = "在2017年淘汰清单上", en = "on the list of 2017" }
past_all_deadlines = { zh = "已过所有文件的期限", en = "past every document's deadline" }
accountable       = { zh = "计入量化问责", en = "counts for accountability" }
*/
WITH small AS (
    SELECT b.*
    FROM boiler AS b
    WHERE b.device = 'boiler'
        AND b.capacity_t_h <= %(highest_capacity_t_h)s
        AND (
            (b.converted_to IS NULL AND b.fuel IN %(coal_fuels)s)
            OR b.converted_to NOT IN %(conversions)s
            -- said to be converted, and coal is what it burns
            OR (b.is_running AND b.fuel IN %(coal_fuels)s)
        )
),

judged AS (
    SELECT
        s.site_id,
        CASE
            WHEN s.is_running THEN 'running'
            WHEN s.is_registered THEN 'registered'
            WHEN s.is_running IS NULL OR s.is_registered IS NULL THEN 'unknown'
            WHEN s.closed_how IS NULL OR s.closed_how = 'sealed' THEN 'not_cut'
        END AS fault
    FROM small AS s
    UNION ALL
    SELECT
        b.site_id,
        'concealed' AS fault
    FROM boiler AS b
    WHERE b.is_concealed
        AND b.device IN ('boiler', 'gas_producer')
        AND (b.device = 'gas_producer' OR b.fuel IN %(coal_fuels)s)
        AND %(as_of)s >= %(concealed_since)s
)

SELECT
    b.county_code,
    b.site_id AS feature_id,
    CASE WHEN j.fault = 'concealed' THEN 'concealed' ELSE 'closure' END AS part,
    b.name,
    j.fault,
    b.device,
    CAST(b.capacity_t_h AS DECIMAL(18, 1)) AS capacity_t_h,
    b.fuel,
    b.converted_to,
    b.closed_how,
    b.is_registered,
    b.is_running,
    b.on_2017_list,
    %(as_of)s >= %(latest_since)s AS past_all_deadlines,
    %(as_of)s >= %(accountable_since)s AND (b.on_2017_list OR b.is_faked OR b.is_concealed) AS accountable,
    j.fault = 'unknown' AS report
FROM judged AS j
INNER JOIN boiler AS b ON b.site_id = j.site_id
WHERE j.fault IS NOT NULL
