-- Duties of industry and of restaurants: what they ask of an enterprise, a stack, a power plant and a kitchen, and
-- the lists that stand beside the documents as data: off-peak shares by trade, emergency measures by alert.

INSERT INTO gridmap.site_kind (kind, name_zh, name_en, sort_order) VALUES ('restaurant', '餐饮单位', 'restaurant', 11);

CREATE TABLE gridmap.trade (
    trade text PRIMARY KEY CHECK (trade ~ '^[a-z_]+$'),
    name_zh text NOT NULL,
    name_en text NOT NULL
);
COMMENT ON TABLE gridmap.trade IS 'Trades that documents name, each under one code; a trade no document names is other.';
COMMENT ON COLUMN gridmap.trade.trade IS 'Code, the same in rules and lists.';
COMMENT ON COLUMN gridmap.trade.name_zh IS 'Term in Chinese.';
COMMENT ON COLUMN gridmap.trade.name_en IS 'Term in English.';
INSERT INTO gridmap.trade (trade, name_zh, name_en) VALUES
    ('power', '电力', 'power'),
    ('steel', '钢铁', 'steel'),
    ('cement', '水泥', 'cement'),
    ('grinding_station', '水泥粉磨站', 'cement grinding station'),
    ('glass', '玻璃', 'glass'),
    ('flat_glass', '平板玻璃', 'flat glass'),
    ('coal_glass', '以煤为燃料的玻璃', 'coal-fired glass'),
    ('nonferrous', '有色', 'non-ferrous metals'),
    ('nonferrous_smelting', '有色金属冶炼', 'non-ferrous smelting'),
    ('secondary_nonferrous', '有色再生', 'secondary non-ferrous metals'),
    ('aluminium', '电解铝', 'electrolytic aluminium'),
    ('alumina', '氧化铝', 'alumina'),
    ('carbon', '炭素', 'carbon'),
    ('casting', '铸造', 'casting'),
    ('brick', '砖瓦窑', 'brick'),
    ('ceramics', '陶瓷', 'ceramics'),
    ('glass_wool', '玻璃棉', 'glass wool'),
    ('rock_wool', '岩棉', 'rock wool'),
    ('gypsum_board', '石膏板', 'gypsum board'),
    ('refractories', '耐火材料', 'refractories'),
    ('coking', '焦化', 'coking'),
    ('petrochemical', '石化', 'petrochemicals'),
    ('chemical', '化工', 'chemicals'),
    ('drug', '原料药', 'active drug ingredients'),
    ('pesticide', '农药（使用有机溶剂）', 'pesticides made with solvents'),
    ('paper', '造纸', 'paper'),
    ('dyeing', '印染', 'dyeing'),
    ('coating', '工业涂装', 'industrial coating'),
    ('printing', '包装印刷', 'packaging and printing'),
    ('other', '其他', 'other');
SELECT gridmap.watch('trade');

ALTER TABLE gridmap.enterprise
    ADD COLUMN trade text REFERENCES gridmap.trade (trade),
    ADD COLUMN process_energy text CHECK (process_energy IN ('coal', 'gas', 'electricity', 'other')),
    ADD COLUMN owner text,
    ADD COLUMN polluter_class text CHECK (polluter_class IN ('close', 'upgrade', 'cluster')),
    ADD COLUMN power_cut boolean,
    ADD COLUMN water_cut boolean,
    ADD COLUMN materials_cleared boolean,
    ADD COLUMN products_cleared boolean,
    ADD COLUMN equipment_cleared boolean,
    ADD COLUMN goods_kept_until date,
    ADD COLUMN can_resume boolean,
    ADD COLUMN struck_off_on date,
    ADD COLUMN jointly_signed_on date,
    ADD COLUMN cluster_id text CHECK (cluster_id ~ '^[A-Za-z0-9._-]+$'),
    ADD COLUMN has_online_monitoring boolean,
    ADD COLUMN meets_special_limits boolean,
    ADD COLUMN uses_coal_since date,
    ADD COLUMN coal_replaced boolean,
    ADD COLUMN voc_works_done boolean,
    ADD COLUMN fugitive_works_done boolean,
    ADD COLUMN in_off_peak_plan boolean,
    ADD COLUMN on_heavy_polluter_list boolean,
    ADD COLUMN heavy_polluter_settled_on date;
COMMENT ON COLUMN gridmap.enterprise.trade IS 'Trade by its code; NULL when nobody sorted it.';
COMMENT ON COLUMN gridmap.enterprise.process_energy IS 'What its furnaces or kilns run on: coal, gas, electricity or other; NULL when unknown.';
COMMENT ON COLUMN gridmap.enterprise.owner IS 'Owner as a firm or an office, never a person; demo owners say that they are.';
COMMENT ON COLUMN gridmap.enterprise.polluter_class IS 'Scattered polluter 散乱污 to be closed, upgraded in place or upgraded in a cluster; NULL: none.';
COMMENT ON COLUMN gridmap.enterprise.power_cut IS 'Power is cut (断电); NULL when nobody looked.';
COMMENT ON COLUMN gridmap.enterprise.water_cut IS 'Water is cut (断水); NULL when nobody looked.';
COMMENT ON COLUMN gridmap.enterprise.materials_cleared IS 'Raw material is cleared away (清原料); NULL when nobody looked.';
COMMENT ON COLUMN gridmap.enterprise.products_cleared IS 'Products are cleared away (清产品); NULL when nobody looked.';
COMMENT ON COLUMN gridmap.enterprise.equipment_cleared IS 'Equipment is cleared away (清设备); NULL when nobody looked.';
COMMENT ON COLUMN gridmap.enterprise.goods_kept_until IS 'Last day on which what was cleared may stay stored on the spot.';
COMMENT ON COLUMN gridmap.enterprise.can_resume IS 'Production could be resumed with what is stored there.';
COMMENT ON COLUMN gridmap.enterprise.struck_off_on IS 'Day it was struck off the ledger as closed (销号); the site stays, so that its return is seen.';
COMMENT ON COLUMN gridmap.enterprise.jointly_signed_on IS 'Day the departments signed its upgrade together (会审签字).';
COMMENT ON COLUMN gridmap.enterprise.cluster_id IS 'Cluster of scattered polluters it is declared in.';
COMMENT ON COLUMN gridmap.enterprise.has_online_monitoring IS 'Has online monitoring of its flue gas; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.enterprise.meets_special_limits IS 'Keeps the special emission limits; NULL when nobody measured.';
COMMENT ON COLUMN gridmap.enterprise.uses_coal_since IS 'Day its coal-using project was approved; NULL when it has none.';
COMMENT ON COLUMN gridmap.enterprise.coal_replaced IS 'The project''s coal is replaced by the same amount or more elsewhere; NULL when unknown.';
COMMENT ON COLUMN gridmap.enterprise.voc_works_done IS 'The works against VOC are done; NULL when it has none to do.';
COMMENT ON COLUMN gridmap.enterprise.fugitive_works_done IS 'The works against fugitive emissions are done; NULL when it has none to do.';
COMMENT ON COLUMN gridmap.enterprise.in_off_peak_plan IS 'It stands in the off-peak plan of the winter; NULL when unknown.';
COMMENT ON COLUMN gridmap.enterprise.on_heavy_polluter_list IS 'It stands on its county''s list of heavy polluters in built-up areas.';
COMMENT ON COLUMN gridmap.enterprise.heavy_polluter_settled_on IS 'Day its refit, move or closing was finished.';

CREATE TABLE gridmap.cluster_plan (
    cluster_id text PRIMARY KEY CHECK (cluster_id ~ '^[A-Za-z0-9._-]+$'),
    name text NOT NULL,
    document text NOT NULL,
    is_public boolean NOT NULL,
    has_one_standard boolean NOT NULL,
    has_one_timetable boolean NOT NULL,
    made_on date NOT NULL,
    is_demo boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
COMMENT ON TABLE gridmap.cluster_plan IS 'Overall plan of a cluster of scattered polluters; a cluster without a row has none.';
COMMENT ON COLUMN gridmap.cluster_plan.cluster_id IS 'The cluster.';
COMMENT ON COLUMN gridmap.cluster_plan.name IS 'Name of the cluster.';
COMMENT ON COLUMN gridmap.cluster_plan.document IS 'The plan.';
COMMENT ON COLUMN gridmap.cluster_plan.is_public IS 'It is public.';
COMMENT ON COLUMN gridmap.cluster_plan.has_one_standard IS 'One standard for the whole cluster.';
COMMENT ON COLUMN gridmap.cluster_plan.has_one_timetable IS 'One timetable for the whole cluster.';
COMMENT ON COLUMN gridmap.cluster_plan.made_on IS 'Day of the plan.';
COMMENT ON COLUMN gridmap.cluster_plan.is_demo IS 'True when it was made up for the demo city.';
COMMENT ON COLUMN gridmap.cluster_plan.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('cluster_plan');

CREATE TABLE gridmap.stack (
    stack_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    stack_no text NOT NULL CHECK (stack_no ~ '^[A-Za-z0-9._-]+$'),
    height_m double precision NOT NULL CHECK (height_m > 0 AND height_m < 1000),
    has_online_monitoring boolean,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT stack_one_version_a_day EXCLUDE USING gist (site_id WITH =, stack_no WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.stack IS 'Stacks of a site.';
COMMENT ON COLUMN gridmap.stack.stack_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.stack.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.stack.stack_no IS 'Number of the stack at its site.';
COMMENT ON COLUMN gridmap.stack.height_m IS 'Height of the outlet above ground, metres.';
COMMENT ON COLUMN gridmap.stack.has_online_monitoring IS 'Has online monitoring; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.stack.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.stack.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('stack');

ALTER TABLE gridmap.power_plant
    ADD COLUMN unit_status text CHECK (unit_status IN ('running', 'stopped', 'closed')),
    ADD COLUMN has_ultra_low boolean,
    ADD COLUMN closing_due_on date,
    ADD COLUMN refit_due_on date,
    ADD COLUMN refitted_on date,
    ADD COLUMN duty_document text;
COMMENT ON COLUMN gridmap.power_plant.unit_status IS 'Coal units: running, stopped or closed; NULL when the source does not tell.';
COMMENT ON COLUMN gridmap.power_plant.has_ultra_low IS 'Its coal units keep the ultra-low limits; NULL when unknown.';
COMMENT ON COLUMN gridmap.power_plant.closing_due_on IS 'Last day of the month in which a document has it closed.';
COMMENT ON COLUMN gridmap.power_plant.refit_due_on IS 'Last day to be closed or refitted.';
COMMENT ON COLUMN gridmap.power_plant.refitted_on IS 'Day its refit was finished.';
COMMENT ON COLUMN gridmap.power_plant.duty_document IS 'Document and item that set these days.';

CREATE TABLE gridmap.restaurant (
    restaurant_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    type text NOT NULL CHECK (type IN ('restaurant', 'canteen', 'barbecue')),
    makes_fumes boolean NOT NULL DEFAULT true,
    has_purifier boolean,
    area_m2 double precision CHECK (area_m2 > 0 AND area_m2 < 1e6),
    has_online_monitoring boolean,
    is_networked boolean,
    in_residential_building boolean,
    is_open_air boolean NOT NULL DEFAULT false,
    is_mobile boolean NOT NULL DEFAULT false,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT restaurant_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.restaurant IS 'What the law asks about a kitchen that serves the public, pupils or staff.';
COMMENT ON COLUMN gridmap.restaurant.restaurant_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.restaurant.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.restaurant.type IS 'restaurant, canteen 食堂 or barbecue 烧烤.';
COMMENT ON COLUMN gridmap.restaurant.makes_fumes IS 'Its cooking makes fumes.';
COMMENT ON COLUMN gridmap.restaurant.has_purifier IS 'A fume purifier is installed; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.restaurant.area_m2 IS 'Area of the place, square metres.';
COMMENT ON COLUMN gridmap.restaurant.has_online_monitoring IS 'Has online fume monitoring; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.restaurant.is_networked IS 'The monitoring is networked with the environment authority; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.restaurant.in_residential_building IS 'Lies in a residential building; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.restaurant.is_open_air IS 'Cooks in the open air.';
COMMENT ON COLUMN gridmap.restaurant.is_mobile IS 'Has no fixed place (流动).';
COMMENT ON COLUMN gridmap.restaurant.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.restaurant.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('restaurant');

-- What two documents allow each trade in the season. A document's season is the row of gridmap.season of its number.
CREATE TABLE gridmap.off_peak_share (
    share_id text PRIMARY KEY CHECK (share_id ~ '^[a-z0-9_]+$'),
    trade text NOT NULL REFERENCES gridmap.trade (trade),
    document text NOT NULL,
    item text NOT NULL,
    allowed_pct double precision NOT NULL CHECK (allowed_pct BETWEEN 0 AND 100),
    measured_by text NOT NULL,
    spares_gas boolean NOT NULL DEFAULT false,
    spares_electricity boolean NOT NULL DEFAULT false,
    above_special_limits boolean,
    voc_steps_only boolean NOT NULL DEFAULT false,
    alert_rank smallint CHECK (alert_rank BETWEEN 1 AND 4),
    binds_gongyi boolean NOT NULL DEFAULT true,
    permit_kind text,
    permit_issuer text,
    permit_by date,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant()
);
COMMENT ON TABLE gridmap.off_peak_share IS 'Off-peak production by trade: what share of capacity a document leaves in its season.';
COMMENT ON COLUMN gridmap.off_peak_share.share_id IS 'Key.';
COMMENT ON COLUMN gridmap.off_peak_share.trade IS 'Trade.';
COMMENT ON COLUMN gridmap.off_peak_share.document IS 'Number of the document; the season of the same document sets the days.';
COMMENT ON COLUMN gridmap.off_peak_share.item IS 'Item of the document.';
COMMENT ON COLUMN gridmap.off_peak_share.allowed_pct IS 'Share of capacity left, per cent; 0: stopped.';
COMMENT ON COLUMN gridmap.off_peak_share.measured_by IS 'What the share is counted in, in Chinese.';
COMMENT ON COLUMN gridmap.off_peak_share.spares_gas IS 'Gas-fired ones are spared.';
COMMENT ON COLUMN gridmap.off_peak_share.spares_electricity IS 'Electric furnaces are spared.';
COMMENT ON COLUMN gridmap.off_peak_share.above_special_limits IS 'Only those above (true) or within (false) the special limits; NULL: all.';
COMMENT ON COLUMN gridmap.off_peak_share.voc_steps_only IS 'Only the steps that emit VOC.';
COMMENT ON COLUMN gridmap.off_peak_share.alert_rank IS 'Only in an alert of this rank or more (1 blue, 2 yellow, 3 orange, 4 red); NULL: the whole season.';
COMMENT ON COLUMN gridmap.off_peak_share.binds_gongyi IS 'Binds 巩义 too; false where the document speaks of the 7+3 cities.';
COMMENT ON COLUMN gridmap.off_peak_share.permit_kind IS 'Kind of permit that lifts it; NULL: none does.';
COMMENT ON COLUMN gridmap.off_peak_share.permit_issuer IS 'Who must have issued it.';
COMMENT ON COLUMN gridmap.off_peak_share.permit_by IS 'Last day for it; NULL: any.';
COMMENT ON COLUMN gridmap.off_peak_share.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('off_peak_share');
INSERT INTO gridmap.off_peak_share (
    share_id, trade, document, item, allowed_pct, measured_by, spares_gas, spares_electricity, above_special_limits,
    voc_steps_only, alert_rank, binds_gongyi, permit_kind, permit_issuer, permit_by
) VALUES
    ('z178_steel', 'steel', '郑政文〔2017〕178号', '40', 50, '高炉产能，按实际用电量', false, false, NULL, false, NULL, true, NULL, NULL, NULL),
    ('z178_casting', 'casting', '郑政文〔2017〕178号', '40', 0, '全厂', true, true, NULL, false, NULL, true, 'casting_approval', 'city_government', NULL),
    ('z178_casting_alert', 'casting', '郑政文〔2017〕178号', '40', 0, '全厂', false, false, NULL, false, 2, true, 'casting_approval', 'city_government', NULL),
    ('z178_cement', 'cement', '郑政文〔2017〕178号', '41', 0, '全厂', false, false, NULL, false, NULL, true, 'load_filing', 'city_government', '2017-09-20'),
    ('z178_grinding', 'grinding_station', '郑政文〔2017〕178号', '41', 0, '全厂', false, false, NULL, false, 1, true, NULL, NULL, NULL),
    ('z178_brick', 'brick', '郑政文〔2017〕178号', '41', 0, '全厂', true, false, NULL, false, NULL, true, 'load_filing', 'city_government', '2017-09-20'),
    ('z178_ceramics', 'ceramics', '郑政文〔2017〕178号', '41', 0, '全厂', true, false, NULL, false, NULL, true, 'load_filing', 'city_government', '2017-09-20'),
    ('z178_glass_wool', 'glass_wool', '郑政文〔2017〕178号', '41', 0, '全厂', true, false, NULL, false, NULL, true, 'load_filing', 'city_government', '2017-09-20'),
    ('z178_rock_wool', 'rock_wool', '郑政文〔2017〕178号', '41', 0, '全厂', false, true, NULL, false, NULL, true, 'load_filing', 'city_government', '2017-09-20'),
    ('z178_gypsum_board', 'gypsum_board', '郑政文〔2017〕178号', '41', 0, '全厂', false, false, NULL, false, NULL, true, 'load_filing', 'city_government', '2017-09-20'),
    ('z178_aluminium', 'aluminium', '郑政文〔2017〕178号', '42', 70, '电解槽', false, false, NULL, false, NULL, true, NULL, NULL, NULL),
    ('z178_alumina', 'alumina', '郑政文〔2017〕178号', '42', 70, '生产线', false, false, NULL, false, NULL, true, NULL, NULL, NULL),
    ('z178_carbon_above', 'carbon', '郑政文〔2017〕178号', '42', 0, '全厂', false, false, true, false, NULL, true, NULL, NULL, NULL),
    ('z178_carbon', 'carbon', '郑政文〔2017〕178号', '42', 50, '生产线', false, false, false, false, NULL, true, NULL, NULL, NULL),
    ('z178_secondary', 'secondary_nonferrous', '郑政文〔2017〕178号', '42', 50, '熔铸工序', false, false, NULL, false, NULL, true, NULL, NULL, NULL),
    ('z178_drug', 'drug', '郑政文〔2017〕178号', '42', 0, '涉VOCs工序', false, false, NULL, true, NULL, true, 'production_approval', 'provincial_government', NULL),
    ('z178_pesticide', 'pesticide', '郑政文〔2017〕178号', '42', 0, '涉VOCs工序', false, false, NULL, true, NULL, true, 'production_approval', 'provincial_government', NULL),
    ('h56_cement', 'cement', '豫环攻坚办〔2017〕56号', '附三(六)3(1)', 0, '全厂', false, false, NULL, false, NULL, true, 'load_filing', 'city_government', '2017-09-30'),
    ('h56_grinding', 'grinding_station', '豫环攻坚办〔2017〕56号', '附三(六)3(1)', 0, '全厂', false, false, NULL, false, NULL, true, 'load_filing', 'city_government', '2017-09-30'),
    ('h56_casting', 'casting', '豫环攻坚办〔2017〕56号', '附三(六)3(1)', 0, '全厂', false, true, NULL, false, NULL, true, 'load_filing', 'city_government', '2017-09-30'),
    ('h56_brick', 'brick', '豫环攻坚办〔2017〕56号', '附三(六)3(1)', 0, '全厂', false, false, NULL, false, NULL, true, 'load_filing', 'city_government', '2017-09-30'),
    ('h56_coking', 'coking', '豫环攻坚办〔2017〕56号', '4(4)', 0, '全厂', false, false, NULL, false, NULL, false, NULL, NULL, NULL),
    ('h56_refractories', 'refractories', '豫环攻坚办〔2017〕56号', '4(4)', 0, '全厂', false, false, NULL, false, NULL, false, NULL, NULL, NULL),
    ('h56_coal_glass', 'coal_glass', '豫环攻坚办〔2017〕56号', '4(4)', 0, '全厂', false, false, NULL, false, NULL, false, NULL, NULL, NULL),
    ('h56_aluminium', 'aluminium', '豫环攻坚办〔2017〕56号', '附三(六)3(2)', 70, '电解槽', false, false, NULL, false, NULL, false, NULL, NULL, NULL),
    ('h56_alumina', 'alumina', '豫环攻坚办〔2017〕56号', '附三(六)3(2)', 50, '生产线', false, false, NULL, false, NULL, false, NULL, NULL, NULL),
    ('h56_carbon_above', 'carbon', '豫环攻坚办〔2017〕56号', '附三(六)3(2)', 0, '全厂', false, false, true, false, NULL, false, NULL, NULL, NULL),
    ('h56_carbon', 'carbon', '豫环攻坚办〔2017〕56号', '附三(六)3(2)', 50, '生产线', false, false, false, false, NULL, false, NULL, NULL, NULL),
    ('h56_drug', 'drug', '豫环攻坚办〔2017〕56号', '附三(六)3(2)', 0, '全厂', false, false, NULL, false, NULL, false, 'production_approval', 'provincial_government', NULL),
    ('h56_pesticide', 'pesticide', '豫环攻坚办〔2017〕56号', '附三(六)3(2)', 0, '全厂', false, false, NULL, false, NULL, false, 'production_approval', 'provincial_government', NULL);

CREATE TABLE gridmap.emergency_measure (
    measure_id text PRIMARY KEY CHECK (measure_id ~ '^[A-Za-z0-9._-]+$'),
    level text NOT NULL CHECK (level IN ('blue', 'yellow', 'orange', 'red')),
    level_rank smallint GENERATED ALWAYS AS (
        CASE level WHEN 'blue' THEN 1 WHEN 'yellow' THEN 2 WHEN 'orange' THEN 3 ELSE 4 END
    ) STORED,
    site_id text REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    trade text REFERENCES gridmap.trade (trade),
    site_kind text REFERENCES gridmap.site_kind (kind),
    measure text NOT NULL CHECK (measure IN ('stop_production', 'limit_production', 'stop_earthwork', 'stop_demolition')),
    allowed_pct double precision CHECK (allowed_pct BETWEEN 0 AND 100),
    document text NOT NULL,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    is_demo boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT emergency_measure_is_for_one CHECK (num_nonnulls(site_id, trade, site_kind) = 1),
    CONSTRAINT emergency_measure_limit CHECK ((measure = 'limit_production') = (allowed_pct IS NOT NULL))
);
CREATE INDEX emergency_measure_site_idx ON gridmap.emergency_measure (site_id);
COMMENT ON TABLE gridmap.emergency_measure IS 'Emergency list of heavy-pollution alerts: who does what from which level on. No document at hand holds it: it is data.';
COMMENT ON COLUMN gridmap.emergency_measure.measure_id IS 'Key.';
COMMENT ON COLUMN gridmap.emergency_measure.level IS 'Level from which it holds; higher levels include it.';
COMMENT ON COLUMN gridmap.emergency_measure.level_rank IS 'The level as a number: 1 blue, 2 yellow, 3 orange, 4 red.';
COMMENT ON COLUMN gridmap.emergency_measure.site_id IS 'The site it is for; else a trade or a kind of site.';
COMMENT ON COLUMN gridmap.emergency_measure.trade IS 'All enterprises of a trade.';
COMMENT ON COLUMN gridmap.emergency_measure.site_kind IS 'All sites of a kind.';
COMMENT ON COLUMN gridmap.emergency_measure.measure IS 'stop_production, limit_production, stop_earthwork or stop_demolition.';
COMMENT ON COLUMN gridmap.emergency_measure.allowed_pct IS 'Share of capacity left, per cent, for limit_production.';
COMMENT ON COLUMN gridmap.emergency_measure.document IS 'The list.';
COMMENT ON COLUMN gridmap.emergency_measure.in_force IS 'Days on which the list holds, [from, to).';
COMMENT ON COLUMN gridmap.emergency_measure.is_demo IS 'True when it was made up for the demo city.';
COMMENT ON COLUMN gridmap.emergency_measure.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('emergency_measure');

CREATE OR REPLACE VIEW snapshot.enterprise WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, e.industry, e.is_industrial, e.set_up_on, e.relocation_year,
    e.conforms_city_plan, e.conforms_positioning, e.conforms_environment, e.conformity_document, e.in_force,
    e.trade, e.process_energy, e.owner, e.polluter_class, e.power_cut, e.water_cut, e.materials_cleared,
    e.products_cleared, e.equipment_cleared, e.goods_kept_until, e.can_resume, e.struck_off_on, e.jointly_signed_on,
    e.cluster_id, e.has_online_monitoring, e.meets_special_limits, e.uses_coal_since, e.coal_replaced,
    e.voc_works_done, e.fugitive_works_done, e.in_off_peak_plan, e.on_heavy_polluter_list,
    e.heavy_polluter_settled_on
FROM snapshot.site AS s
INNER JOIN gridmap.enterprise AS e ON e.site_id = s.site_id AND e.in_force @> snapshot.as_of();

CREATE VIEW snapshot.enterprise_all WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, s.credit_code, s.geom_m, s.position_error_m, e.industry, e.is_industrial,
    e.set_up_on, e.trade, e.owner, e.polluter_class, e.struck_off_on, e.cluster_id
FROM snapshot.site_all AS s
INNER JOIN gridmap.enterprise AS e ON e.site_id = s.site_id AND e.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.enterprise_all IS 'Enterprises that are there, the whole city, with their place: for rules that look across borders.';

CREATE OR REPLACE VIEW snapshot.power_plant WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, p.fuel, p.capacity_mw, p.commissioned, p.operational_status, p.owner,
    p.in_force, p.unit_status, p.has_ultra_low, p.closing_due_on, p.refit_due_on, p.refitted_on, p.duty_document
FROM snapshot.site AS s
INNER JOIN gridmap.power_plant AS p ON p.site_id = s.site_id AND p.in_force @> snapshot.as_of();

CREATE VIEW snapshot.power_plant_all WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, s.geom_m, s.position_error_m, s.is_demo, p.fuel, p.capacity_mw,
    p.operational_status
FROM snapshot.site_all AS s
INNER JOIN gridmap.power_plant AS p ON p.site_id = s.site_id AND p.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.power_plant_all IS 'Power plants that are there, the whole city and around it, with their place.';

CREATE VIEW snapshot.cluster_plan WITH (security_invoker = true) AS
SELECT c.cluster_id, c.name, c.document, c.is_public, c.has_one_standard, c.has_one_timetable, c.made_on, c.is_demo
FROM gridmap.cluster_plan AS c
WHERE c.made_on <= snapshot.as_of();
COMMENT ON VIEW snapshot.cluster_plan IS 'Plans of clusters made by that day.';

CREATE VIEW snapshot.stack WITH (security_invoker = true) AS
SELECT s.county_code, s.site_id, s.name, t.stack_no, t.height_m, t.has_online_monitoring, t.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.stack AS t ON t.site_id = s.site_id AND t.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.stack IS 'Stacks that are there, of sites being judged.';

CREATE VIEW snapshot.restaurant WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, s.opened_on, r.type, r.makes_fumes, r.has_purifier, r.area_m2,
    r.has_online_monitoring, r.is_networked, r.in_residential_building, r.is_open_air, r.is_mobile, r.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.restaurant AS r ON r.site_id = s.site_id AND r.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.restaurant IS 'Restaurants, canteens and barbecues that are there.';

CREATE VIEW snapshot.off_peak_share WITH (security_invoker = true) AS
SELECT
    o.share_id, o.trade, o.document, o.item, o.allowed_pct, o.measured_by, o.spares_gas, o.spares_electricity,
    o.above_special_limits, o.voc_steps_only, o.alert_rank, o.binds_gongyi, o.permit_kind, o.permit_issuer, o.permit_by
FROM gridmap.off_peak_share AS o;
COMMENT ON VIEW snapshot.off_peak_share IS 'Off-peak shares by trade and document; the season says when.';

CREATE VIEW snapshot.emergency_measure WITH (security_invoker = true) AS
SELECT
    m.measure_id, m.level, m.level_rank, m.site_id, m.trade, m.site_kind, m.measure, m.allowed_pct, m.document,
    lower(m.in_force) AS begins_on, upper(m.in_force) - 1 AS ends_on, m.is_demo
FROM gridmap.emergency_measure AS m
WHERE m.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.emergency_measure IS 'The emergency list of that day; ends_on is the last day, NULL when it sets none.';
COMMENT ON COLUMN snapshot.emergency_measure.begins_on IS 'First day.';
COMMENT ON COLUMN snapshot.emergency_measure.ends_on IS 'Last day.';

SELECT gridmap.describe_views();
