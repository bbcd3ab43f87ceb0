-- Boilers, stoves and shops that burn coal, what is counted in the villages of the substitution programme, and the
-- relations that the coal rules ask: land that a zone gave up, required land that no zone covers, seats of townships.

INSERT INTO gridmap.site_kind (kind, name_zh, name_en, sort_order) VALUES
    ('boiler', '锅炉', 'boiler', 6),
    ('burning_facility', '燃煤燃料设施', 'burning facility', 7);

CREATE TABLE gridmap.heat_fuel (
    fuel text PRIMARY KEY CHECK (fuel ~ '^[a-z_]+$'),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    sort_order smallint NOT NULL
);
COMMENT ON TABLE gridmap.heat_fuel IS 'Fuels and heat sources of boilers and burning facilities. Which of them a duty is about is said by the rule, not here.';
COMMENT ON COLUMN gridmap.heat_fuel.fuel IS 'Identifier.';
COMMENT ON COLUMN gridmap.heat_fuel.name_zh IS 'Term in Chinese.';
COMMENT ON COLUMN gridmap.heat_fuel.name_en IS 'Term in English.';
COMMENT ON COLUMN gridmap.heat_fuel.sort_order IS 'Order in lists.';
INSERT INTO gridmap.heat_fuel (fuel, name_zh, name_en, sort_order) VALUES
    ('raw_coal', '散煤（原煤）', 'loose coal', 1),
    ('briquette', '洁净型煤', 'clean briquettes', 2),
    ('coal_water_slurry', '水煤浆', 'coal-water slurry', 3),
    ('anthracite', '无烟煤', 'anthracite', 4),
    ('semi_coke', '兰炭', 'semi-coke', 5),
    ('petroleum_coke', '石油焦（绿焦）', 'petroleum coke', 6),
    ('pulverised_coal', '高效煤粉', 'pulverised coal', 7),
    ('crude_oil', '原油', 'crude oil', 8),
    ('heavy_oil', '重油、渣油', 'heavy or residual oil', 9),
    ('engine_oil', '机油', 'engine oil', 10),
    ('tar', '煤焦油', 'coal tar', 11),
    ('thinner', '稀料', 'thinner', 12),
    ('diesel', '柴油', 'diesel', 13),
    ('raw_biomass', '未成型生物质', 'unformed biomass', 14),
    ('formed_biomass', '生物质成型燃料', 'formed biomass', 15),
    ('waste', '可燃废物、垃圾', 'burnable waste', 16),
    ('gas', '天然气', 'natural gas', 17),
    ('electricity', '电', 'electricity', 18),
    ('heat_network', '集中供热', 'heat network', 19),
    ('geothermal', '地热', 'geothermal heat', 20),
    ('solar', '太阳能', 'solar heat', 21),
    ('wind', '风能', 'wind', 22);

CREATE TABLE gridmap.boiler (
    boiler_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    device text NOT NULL DEFAULT 'boiler' CHECK (device IN ('boiler', 'wall_hung', 'gas_producer')),
    capacity_t_h double precision CHECK (capacity_t_h > 0 AND capacity_t_h < 5000),
    fuel text NOT NULL REFERENCES gridmap.heat_fuel,
    purpose text NOT NULL CHECK (purpose IN ('heating', 'production', 'hot_water', 'power')),
    is_registered boolean,
    is_running boolean,
    closed_how text CHECK (closed_how IN ('stack_removed', 'flue_cut', 'sealed')),
    converted_to text REFERENCES gridmap.heat_fuel,
    dust_removal text CHECK (dust_removal IN ('bag', 'electrostatic', 'other', 'none')),
    has_desulphurisation boolean,
    has_denitrification boolean,
    has_networked_monitoring boolean,
    has_dcs boolean,
    is_dedicated_biomass boolean,
    has_gas_boiler boolean,
    is_standby boolean,
    start_filed boolean,
    approved_on date,
    in_industrial_cluster boolean NOT NULL DEFAULT false,
    on_2017_list boolean NOT NULL DEFAULT false,
    is_faked boolean NOT NULL DEFAULT false,
    is_concealed boolean NOT NULL DEFAULT false,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT boiler_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&),
    CONSTRAINT boiler_size_known CHECK (capacity_t_h IS NOT NULL OR device <> 'boiler')
);
COMMENT ON TABLE gridmap.boiler IS 'What the law asks about a boiler, a wall-hung heater or a coal-gas producer.';
COMMENT ON COLUMN gridmap.boiler.boiler_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.boiler.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.boiler.device IS 'boiler 锅炉, wall_hung 壁挂炉 or gas_producer 煤气发生炉.';
COMMENT ON COLUMN gridmap.boiler.capacity_t_h IS 'Capacity, tonnes of steam an hour (蒸吨).';
COMMENT ON COLUMN gridmap.boiler.fuel IS 'What it burns now, or burnt last.';
COMMENT ON COLUMN gridmap.boiler.purpose IS 'heating 供暖, production 生产, hot_water 热水 or power 发电.';
COMMENT ON COLUMN gridmap.boiler.is_registered IS 'Its registration (使用登记证) holds; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.boiler.is_running IS 'It is in use; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.boiler.closed_how IS 'stack_removed or flue_cut; sealed alone is no closure; NULL when it is not closed.';
COMMENT ON COLUMN gridmap.boiler.converted_to IS 'What a coal boiler was converted to; NULL when it was not.';
COMMENT ON COLUMN gridmap.boiler.dust_removal IS 'bag, electrostatic, other or none; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.boiler.has_desulphurisation IS 'Has desulphurisation; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.boiler.has_denitrification IS 'Has denitrification; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.boiler.has_networked_monitoring IS 'Has online monitoring that is networked with the environmental authority; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.boiler.has_dcs IS 'Has a distributed control system; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.boiler.is_dedicated_biomass IS 'A boiler made for formed biomass; NULL for other boilers or when nobody looked.';
COMMENT ON COLUMN gridmap.boiler.has_gas_boiler IS 'The same unit has a gas boiler beside it.';
COMMENT ON COLUMN gridmap.boiler.is_standby IS 'It is kept as a standby only.';
COMMENT ON COLUMN gridmap.boiler.start_filed IS 'Its start as a standby was filed with the environmental authority.';
COMMENT ON COLUMN gridmap.boiler.approved_on IS 'Day of its approval, or of its building when it has none.';
COMMENT ON COLUMN gridmap.boiler.in_industrial_cluster IS 'Stands in an industrial cluster (产业集聚区).';
COMMENT ON COLUMN gridmap.boiler.on_2017_list IS 'On the list of 2017 (279 boilers to be closed).';
COMMENT ON COLUMN gridmap.boiler.is_faked IS 'Its closure was found to be faked.';
COMMENT ON COLUMN gridmap.boiler.is_concealed IS 'It was found missing from the ledger.';
COMMENT ON COLUMN gridmap.boiler.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.boiler.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('boiler');

CREATE TABLE gridmap.burning_facility (
    burning_facility_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site_id text NOT NULL REFERENCES gridmap.site (site_id) ON DELETE CASCADE,
    facility text NOT NULL CHECK (facility IN ('tea_stove', 'big_stove', 'small_stove', 'shop_heater', 'kiln', 'other')),
    fuel text NOT NULL REFERENCES gridmap.heat_fuel,
    purpose text NOT NULL CHECK (
        purpose IN (
            'business', 'heating', 'production', 'coal_mine', 'thermal_power', 'clean_coal_depot', 'central_heating',
            'feedstock'
        )
    ),
    is_in_use boolean,
    seen_on date,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT burning_facility_one_version_a_day EXCLUDE USING gist (site_id WITH =, in_force WITH &&)
);
COMMENT ON TABLE gridmap.burning_facility IS 'Stoves, shop heaters and kilns: what burns without being a boiler.';
COMMENT ON COLUMN gridmap.burning_facility.burning_facility_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.burning_facility.site_id IS 'The site.';
COMMENT ON COLUMN gridmap.burning_facility.facility IS 'tea_stove 茶浴锅炉, big_stove 大灶, small_stove 经营性小炉, shop_heater 商铺取暖炉, kiln 炉窑 or other.';
COMMENT ON COLUMN gridmap.burning_facility.fuel IS 'What it burns.';
COMMENT ON COLUMN gridmap.burning_facility.purpose IS 'What it is for; coal_mine, thermal_power, clean_coal_depot, central_heating and feedstock are the exemptions of coal-free zones.';
COMMENT ON COLUMN gridmap.burning_facility.is_in_use IS 'It is there and in use; NULL when nobody looked.';
COMMENT ON COLUMN gridmap.burning_facility.seen_on IS 'Last day it was looked at.';
COMMENT ON COLUMN gridmap.burning_facility.in_force IS 'Days on which this version holds, [from, to).';
COMMENT ON COLUMN gridmap.burning_facility.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('burning_facility');

ALTER TABLE gridmap.village
    ADD COLUMN on_task_list boolean NOT NULL DEFAULT false,
    ADD COLUMN households_substituted integer CHECK (households_substituted >= 0),
    ADD COLUMN households_back_to_coal integer CHECK (households_back_to_coal >= 0),
    ADD COLUMN counted_on date,
    ADD COLUMN is_demo boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT village_counts_fit CHECK (
        coalesce(households_substituted, 0) <= households AND coalesce(households_back_to_coal, 0) <= households
        OR (households IS NULL AND households_substituted IS NULL AND households_back_to_coal IS NULL)
    );
COMMENT ON COLUMN gridmap.village.on_task_list IS 'On the list of tasks (任务清单) of the substitution of coal by electricity or gas.';
COMMENT ON COLUMN gridmap.village.households_substituted IS 'Households whose coal was substituted; NULL when nobody counted.';
COMMENT ON COLUMN gridmap.village.households_back_to_coal IS 'Households found burning coal again (复烧); NULL when nobody counted.';
COMMENT ON COLUMN gridmap.village.counted_on IS 'Day of the count.';
COMMENT ON COLUMN gridmap.village.is_demo IS 'True when it was made up for the demo city.';

CREATE OR REPLACE VIEW snapshot.village_all WITH (security_invoker = true) AS
SELECT
    v.village_id, v.county_code, v.township_code, v.name, v.official_name, v.match_name, v.is_community,
    v.households, v.terrain, v.terrain_declared, v.terrain_declared_by, v.terrain_derived,
    v.terrain_resolution_m, v.programme, v.programme_source, v.wholly_substituted, v.geom, v.geom_m,
    v.geom_3857, v.cell_key, v.territory, v.territory_m, v.position_error_m, v.placed_by, v.in_force,
    v.source, v.note, v.on_task_list, v.households_substituted, v.households_back_to_coal, v.counted_on, v.is_demo
FROM gridmap.village AS v
WHERE v.in_force @> snapshot.as_of();

CREATE OR REPLACE VIEW snapshot.village WITH (security_invoker = true) AS
SELECT v.*
FROM snapshot.village_all AS v
WHERE snapshot.counties() IS NULL OR v.county_code = ANY(snapshot.counties());

CREATE VIEW snapshot.boiler WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, b.device, b.capacity_t_h, b.fuel, b.purpose, b.is_registered, b.is_running,
    b.closed_how, b.converted_to, b.dust_removal, b.has_desulphurisation, b.has_denitrification,
    b.has_networked_monitoring, b.has_dcs, b.is_dedicated_biomass, b.has_gas_boiler, b.is_standby, b.start_filed,
    b.approved_on, b.in_industrial_cluster, b.on_2017_list, b.is_faked, b.is_concealed, b.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.boiler AS b ON b.site_id = s.site_id AND b.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.boiler IS 'Boilers that are there.';

CREATE VIEW snapshot.burning_facility WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, f.facility, f.fuel, f.purpose, f.is_in_use, f.seen_on, f.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.burning_facility AS f ON f.site_id = s.site_id AND f.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.burning_facility IS 'Stoves, heaters and kilns that are there.';

-- Who supplies a village may stand in the next county, so this one is not cut to the part being judged.
CREATE VIEW snapshot.coal_outlet_all WITH (security_invoker = true) AS
SELECT s.county_code, s.site_id, s.name, s.geom_m, s.position_error_m, o.sells, o.role
FROM snapshot.site_all AS s
INNER JOIN gridmap.coal_outlet AS o ON o.site_id = s.site_id AND o.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.coal_outlet_all IS 'Coal outlets that are there, the whole city, with their places.';

-- The parts of a county that have a duty of their own, the city proper and the built-up areas, less what a kind covers.
CREATE VIEW snapshot.area_gap WITH (security_invoker = true) AS
SELECT
    r.county_code, a.kind AS area_kind, k.kind, piece.geom AS geom_m,
    ST_CollectionExtract(ST_MakeValid(ST_Transform(piece.geom, 4490)), 3) AS geom,
    ST_Area(piece.geom) AS area_m2,
    'E' || floor(ST_XMin(piece.geom) / 1000)::bigint || 'N' || floor(ST_YMin(piece.geom) / 1000)::bigint AS part,
    2 * (ST_MaximumInscribedCircle(piece.geom)).radius
        <= greatest(coalesce(c.position_error_m, 0), a.position_error_m, coalesce(r.position_error_m, 0))
        AS near_boundary
FROM snapshot.region AS r
INNER JOIN snapshot.kind_cover AS a ON a.kind IN ('city_proper', 'built_up') AND ST_Intersects(a.geom_m, r.geom_m)
CROSS JOIN (VALUES ('no_burn'), ('coal_free')) AS k (kind)
LEFT JOIN snapshot.kind_cover AS c ON c.kind = k.kind
CROSS JOIN LATERAL (
    SELECT gridmap.lay_on(ST_Intersection(r.geom_m, a.geom_m), NULL, c.geom_m) AS geom_m
) AS bare
-- as in kind_gap: threads narrower than 2 m between outlines that should meet are no gap
CROSS JOIN LATERAL ST_Dump(ST_Buffer(ST_Buffer(bare.geom_m, -1, 'join=mitre'), 1, 'join=mitre')) AS piece
WHERE r.level = 'county' AND r.geom_m IS NOT NULL
    AND (snapshot.counties() IS NULL OR r.county_code = ANY(snapshot.counties()))
    AND ST_Dimension(piece.geom) = 2 AND ST_Area(piece.geom) >= 1;
COMMENT ON VIEW snapshot.area_gap IS 'Land of a county''s city proper or built-up area that no no-burn or coal-free zone covers, piece by piece.';
COMMENT ON COLUMN snapshot.area_gap.area_kind IS 'city_proper or built_up: the land that has the duty.';
COMMENT ON COLUMN snapshot.area_gap.kind IS 'no_burn or coal_free: what does not cover it.';
COMMENT ON COLUMN snapshot.area_gap.geom_m IS 'The piece in metres, EPSG:4547.';
COMMENT ON COLUMN snapshot.area_gap.geom IS 'The piece, EPSG:4490.';
COMMENT ON COLUMN snapshot.area_gap.part IS 'Code of the 1 km square at the piece''s south-west corner.';
COMMENT ON COLUMN snapshot.area_gap.area_m2 IS 'Area in square metres.';
COMMENT ON COLUMN snapshot.area_gap.near_boundary IS 'The piece is nowhere wider than the error of the outlines: it may be no gap at all.';

-- By name before geometry, as for villages: a zone that lists the township or its county answers for its seat.
CREATE VIEW snapshot.seat_cover WITH (security_invoker = true) AS
SELECT
    r.county_code, r.code, r.name, k.kind, r.seat AS geom,
    coalesce(named.is_in, false) OR coalesce(place.inside, false) AS inside,
    coalesce(named.is_in, false) AS by_name,
    CASE WHEN NOT coalesce(named.is_in, false) THEN place.distance_to_boundary_m END AS distance_to_boundary_m,
    coalesce(place.position_error_m, 0) AS zone_error_m
FROM snapshot.region AS r
CROSS JOIN (VALUES ('coal_free'), ('no_burn')) AS k (kind)
CROSS JOIN LATERAL (
    SELECT bool_or(verdict.side = 'in') AS is_in
    FROM (
        SELECT DISTINCT ON (u.zone_id) u.side
        FROM snapshot.zone_unit AS u
        WHERE u.kind = k.kind AND u.unit_code IN (r.code, r.county_code)
        ORDER BY u.zone_id, length(u.unit_code) DESC
    ) AS verdict
) AS named
LEFT JOIN LATERAL (
    SELECT
        ST_Intersects(c.geom_m, seat.geom_m) AS inside,
        ST_Distance(ST_Boundary(c.geom_m), seat.geom_m) AS distance_to_boundary_m,
        c.position_error_m
    FROM snapshot.kind_cover AS c
    CROSS JOIN (SELECT ST_Transform(r.seat, 4547) AS geom_m) AS seat
    WHERE c.kind = k.kind
) AS place ON true
WHERE r.level = 'township' AND r.seat IS NOT NULL
    AND (snapshot.counties() IS NULL OR r.county_code = ANY(snapshot.counties()));
COMMENT ON VIEW snapshot.seat_cover IS 'One row per township with a known seat, for coal-free and no-burn zones: whether the seat lies in one.';
COMMENT ON COLUMN snapshot.seat_cover.kind IS 'coal_free or no_burn.';
COMMENT ON COLUMN snapshot.seat_cover.geom IS 'The seat, EPSG:4490.';
COMMENT ON COLUMN snapshot.seat_cover.inside IS 'A zone of the kind lists the township or its county, or the seat lies in one.';
COMMENT ON COLUMN snapshot.seat_cover.by_name IS 'A zone lists the township or its county.';
COMMENT ON COLUMN snapshot.seat_cover.distance_to_boundary_m IS 'Metres from the seat to the boundary of all zones of the kind; NULL when it is in by name or there is none.';
COMMENT ON COLUMN snapshot.seat_cover.zone_error_m IS 'How far that boundary may be off, metres.';

CREATE VIEW snapshot.zone_previous WITH (security_invoker = true) AS
SELECT
    z.zone_id, z.lineage, z.kind, z.name, z.county_code, z.version, z.document, z.document_number, z.reason,
    lower(z.in_force) AS begins_on, z.position_error_m,
    p.zone_id AS previous_zone_id, p.version AS previous_version, p.name AS previous_name,
    p.position_error_m AS previous_error_m, p.geom_m AS previous_geom_m, p.boundary IS NOT NULL AS previous_is_bounded
FROM snapshot.zone AS z
INNER JOIN gridmap.zone AS p ON p.lineage = z.lineage AND p.status = 'published' AND p.version = (
    SELECT max(b.version) FROM gridmap.zone AS b
    WHERE b.lineage = z.lineage AND b.status = 'published' AND b.version < z.version
);
COMMENT ON VIEW snapshot.zone_previous IS 'Zones in force that replaced another version, with that version.';
COMMENT ON COLUMN snapshot.zone_previous.begins_on IS 'First day of the version in force.';
COMMENT ON COLUMN snapshot.zone_previous.previous_zone_id IS 'Key of the version before.';
COMMENT ON COLUMN snapshot.zone_previous.previous_version IS 'Number of the version before.';
COMMENT ON COLUMN snapshot.zone_previous.previous_name IS 'Name of the version before.';
COMMENT ON COLUMN snapshot.zone_previous.previous_error_m IS 'How far the boundary of the version before may be off, metres.';
COMMENT ON COLUMN snapshot.zone_previous.previous_geom_m IS 'What the version before covered, metres, EPSG:4547.';
COMMENT ON COLUMN snapshot.zone_previous.previous_is_bounded IS 'The version before had a boundary, not only lists of units.';

-- What another zone of the kind covers now is not lost.
CREATE VIEW snapshot.zone_lost_land WITH (security_invoker = true) AS
SELECT
    z.county_code, z.lineage, z.kind, z.previous_version, piece.geom AS geom_m,
    ST_CollectionExtract(ST_MakeValid(ST_Transform(piece.geom, 4490)), 3) AS geom,
    ST_Area(piece.geom) AS area_m2,
    'E' || floor(ST_XMin(piece.geom) / 1000)::bigint || 'N' || floor(ST_YMin(piece.geom) / 1000)::bigint AS part,
    2 * (ST_MaximumInscribedCircle(piece.geom)).radius
        <= greatest(z.position_error_m, z.previous_error_m, coalesce(c.position_error_m, 0)) AS near_boundary
FROM snapshot.zone_previous AS z
LEFT JOIN snapshot.kind_cover AS c ON c.kind = z.kind
CROSS JOIN LATERAL (SELECT gridmap.lay_on(z.previous_geom_m, NULL, c.geom_m) AS geom_m) AS bare
CROSS JOIN LATERAL ST_Dump(ST_Buffer(ST_Buffer(bare.geom_m, -1, 'join=mitre'), 1, 'join=mitre')) AS piece
WHERE ST_Dimension(piece.geom) = 2 AND ST_Area(piece.geom) >= 1
    AND (snapshot.counties() IS NULL OR z.county_code = ANY(snapshot.counties()));
COMMENT ON VIEW snapshot.zone_lost_land IS 'Land that a version of a zone covered and that no zone of its kind covers under its successor, piece by piece.';
COMMENT ON COLUMN snapshot.zone_lost_land.previous_version IS 'Number of the version before.';
COMMENT ON COLUMN snapshot.zone_lost_land.geom_m IS 'The piece in metres, EPSG:4547.';
COMMENT ON COLUMN snapshot.zone_lost_land.geom IS 'The piece, EPSG:4490.';
COMMENT ON COLUMN snapshot.zone_lost_land.part IS 'Code of the 1 km square at the piece''s south-west corner.';
COMMENT ON COLUMN snapshot.zone_lost_land.area_m2 IS 'Area in square metres.';
COMMENT ON COLUMN snapshot.zone_lost_land.near_boundary IS 'The piece is nowhere wider than the error of the boundaries: it may be no loss at all.';

CREATE VIEW snapshot.zone_lost_village WITH (security_invoker = true) AS
SELECT
    v.county_code, v.village_id, z.lineage, z.kind, z.previous_version, cover.covered_pct, before.previous_pct,
    cover.near_boundary, before.was_named
FROM snapshot.zone_previous AS z
CROSS JOIN snapshot.village AS v
LEFT JOIN LATERAL (
    SELECT u.side FROM gridmap.zone_unit AS u
    WHERE u.zone_id = z.previous_zone_id AND u.unit_code IN (v.village_id, v.township_code, v.county_code)
    ORDER BY length(u.unit_code) DESC LIMIT 1
) AS named ON true
CROSS JOIN LATERAL (
    SELECT
        coalesce(named.side = 'in', false) AS was_named,
        CASE
            WHEN named.side = 'in' THEN 100.0
            WHEN named.side = 'out' OR NOT z.previous_is_bounded THEN 0.0
            WHEN NOT ST_Intersects(z.previous_geom_m, coalesce(v.territory_m, v.geom_m)) THEN 0.0
            WHEN v.territory_m IS NULL THEN 100.0
            ELSE 100.0 * ST_Area(ST_Intersection(z.previous_geom_m, v.territory_m)) / ST_Area(v.territory_m)
        END::double precision AS previous_pct
) AS before
CROSS JOIN LATERAL (
    SELECT c.covered_pct, c.near_boundary FROM snapshot.village_cover AS c
    WHERE c.village_id = v.village_id AND c.kind = z.kind
    ORDER BY c.kind LIMIT 1
) AS cover
-- a hundredth of a per cent is what rounding moves
WHERE before.previous_pct > 0 AND cover.covered_pct < before.previous_pct - 0.01;
COMMENT ON VIEW snapshot.zone_lost_village IS 'Villages that a version of a zone held and that the zones of its kind cover less of under its successor.';
COMMENT ON COLUMN snapshot.zone_lost_village.previous_version IS 'Number of the version before.';
COMMENT ON COLUMN snapshot.zone_lost_village.covered_pct IS 'Share still covered by zones of the kind, per cent; for a village known by a point 100 or 0.';
COMMENT ON COLUMN snapshot.zone_lost_village.previous_pct IS 'Share that the version before covered, per cent; for a village known by a point or by name 100 or 0.';
COMMENT ON COLUMN snapshot.zone_lost_village.near_boundary IS 'The present boundary is nearer than the position errors of village and zone together.';
COMMENT ON COLUMN snapshot.zone_lost_village.was_named IS 'The version before held it by name.';

SELECT gridmap.describe_views();
