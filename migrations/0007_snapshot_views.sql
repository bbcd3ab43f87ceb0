-- The world on one day: what rules, layers and maps read. Every view asks snapshot.as_of() once and is
-- security_invoker, because a plain view would see past row-level security.

CREATE VIEW snapshot.region WITH (security_invoker = true) AS
SELECT
    r.region_id, r.code, r.level, r.name, r.name_en, r.parent_code, r.county_code, r.in_force,
    r.geom, r.geom_m, r.geom_3857, r.seat, r.position_error_m, r.is_sketch, r.source, r.note
FROM gridmap.region AS r
WHERE r.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.region IS 'Regions in force.';

CREATE VIEW snapshot.village_all WITH (security_invoker = true) AS
SELECT
    v.village_id, v.county_code, v.township_code, v.name, v.official_name, v.match_name, v.is_community,
    v.households, v.terrain, v.terrain_declared, v.terrain_declared_by, v.terrain_derived,
    v.terrain_resolution_m, v.programme, v.programme_source, v.wholly_substituted, v.geom, v.geom_m,
    v.geom_3857, v.cell_key, v.territory, v.territory_m, v.position_error_m, v.placed_by, v.in_force,
    v.source, v.note
FROM gridmap.village AS v
WHERE v.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.village_all IS 'Villages in force, the whole city.';

CREATE VIEW snapshot.village WITH (security_invoker = true) AS
SELECT v.*
FROM snapshot.village_all AS v
WHERE snapshot.counties() IS NULL OR v.county_code = ANY(snapshot.counties());
COMMENT ON VIEW snapshot.village IS 'Villages in force, the part being judged.';

CREATE VIEW snapshot.place_mention WITH (security_invoker = true) AS
SELECT
    m.mention_id, m.document, m.item, m.name, m.match_name, m.county_code, m.township_code,
    m.township_name, m.mentioned_on, m.note
FROM gridmap.place_mention AS m
WHERE m.mentioned_on <= snapshot.as_of()
    AND (snapshot.counties() IS NULL OR m.county_code = ANY(snapshot.counties()));
COMMENT ON VIEW snapshot.place_mention IS 'Mentions of villages in documents known by that day, the part being judged.';

-- Same letters in another order (油头坊, 油坊头) are one slip of the pen, though two edits.
CREATE VIEW snapshot.place_candidate WITH (security_invoker = true) AS
SELECT
    m.county_code, m.mention_id, v.village_id, v.name AS village_name, r.name AS township_name,
    (v.township_code IS NOT DISTINCT FROM m.township_code) AS same_township,
    CASE
        WHEN v.match_name = m.match_name THEN 0
        WHEN s.sorted = t.sorted THEN 1
        ELSE levenshtein(v.match_name, m.match_name)
    END AS name_distance
FROM snapshot.place_mention AS m
INNER JOIN snapshot.village_all AS v ON v.county_code = m.county_code
LEFT JOIN snapshot.region AS r ON r.code = v.township_code
CROSS JOIN LATERAL (
    SELECT string_agg(a.letter, '' ORDER BY a.letter) AS sorted
    FROM unnest(string_to_array(v.match_name, NULL)) AS a (letter)
) AS s
CROSS JOIN LATERAL (
    SELECT string_agg(a.letter, '' ORDER BY a.letter) AS sorted
    FROM unnest(string_to_array(m.match_name, NULL)) AS a (letter)
) AS t
WHERE v.match_name = m.match_name
    OR (v.township_code = m.township_code AND (s.sorted = t.sorted OR levenshtein(v.match_name, m.match_name) <= 1));
COMMENT ON VIEW snapshot.place_candidate IS 'Villages that a mention may mean: the same name anywhere in the county, or a name one slip away in the same township.';

CREATE VIEW snapshot.grid_cell WITH (security_invoker = true) AS
SELECT
    c.grid_cell_id, c.cell_code, c.kind, c.level, c.name, c.parent_code, c.county_code, c.cell_key, c.in_force,
    c.geom, c.geom_m, c.geom_3857, c.position_error_m, c.source
FROM gridmap.grid_cell AS c
WHERE c.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.grid_cell IS 'Grid cells in force.';

CREATE VIEW snapshot.duty WITH (security_invoker = true) AS
SELECT d.duty_id, d.cell_code, d.role, d.post, d.in_force
FROM gridmap.duty AS d
WHERE d.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.duty IS 'Duties in force.';

CREATE VIEW snapshot.zone WITH (security_invoker = true) AS
SELECT
    z.zone_id, z.lineage, z.version, z.kind, z.class, z.name, z.county_code, z.issuer, z.document,
    z.document_number, z.signed_on, z.in_force, z.status, z.phase, z.boundary_wording, z.road_included,
    z.exemptions, z.deadline_on, z.reason, z.boundary, z.geom, z.geom_m, z.geom_3857, z.is_sketch,
    z.position_error_m, z.source, z.note
FROM gridmap.zone AS z
LEFT JOIN gridmap.zone AS d ON d.zone_id = snapshot.draft()
WHERE (z.status = 'published' AND z.in_force @> snapshot.as_of() AND d.lineage IS DISTINCT FROM z.lineage)
    OR z.zone_id = snapshot.draft();
COMMENT ON VIEW snapshot.zone IS 'Zones in force, or as they would be were the draft law.';

CREATE VIEW snapshot.zone_unit WITH (security_invoker = true) AS
SELECT u.zone_id, z.kind, u.unit_code, u.side, u.by_name_only, u.note
FROM snapshot.zone AS z
INNER JOIN gridmap.zone_unit AS u ON u.zone_id = z.zone_id;
COMMENT ON VIEW snapshot.zone_unit IS 'Units listed by the zones in force.';

CREATE VIEW snapshot.site_all WITH (security_invoker = true) AS
SELECT
    s.site_id, s.kind, s.name, s.credit_code, s.address, s.county_code, s.region_code, s.reported_region_code,
    s.geom, s.geom_m, s.geom_3857, s.cell_key, s.position_error_m, s.placed_by, s.opened_on, s.closed_on,
    s.is_demo, s.source, s.note
FROM gridmap.site AS s
WHERE (s.opened_on IS NULL OR s.opened_on <= snapshot.as_of())
    AND (s.closed_on IS NULL OR s.closed_on > snapshot.as_of());
COMMENT ON VIEW snapshot.site_all IS 'Sites that are there, the whole city.';

CREATE VIEW snapshot.site WITH (security_invoker = true) AS
SELECT s.*
FROM snapshot.site_all AS s
WHERE snapshot.counties() IS NULL OR s.county_code = ANY(snapshot.counties());
COMMENT ON VIEW snapshot.site IS 'Sites that are there, the part being judged.';

CREATE VIEW snapshot.enterprise WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, e.industry, e.is_industrial, e.set_up_on, e.relocation_year,
    e.conforms_city_plan, e.conforms_positioning, e.conforms_environment, e.conformity_document, e.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.enterprise AS e ON e.site_id = s.site_id AND e.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.enterprise IS 'Enterprises that are there.';

CREATE VIEW snapshot.power_plant WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, p.fuel, p.capacity_mw, p.commissioned, p.operational_status, p.owner,
    p.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.power_plant AS p ON p.site_id = s.site_id AND p.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.power_plant IS 'Power plants that are there.';

CREATE VIEW snapshot.machine WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, m.machine_type, m.emission_stage, m.made_on, m.has_particulate_filter,
    m.seen_on, m.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.machine AS m ON m.site_id = s.site_id AND m.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.machine IS 'Non-road machines that are there.';

CREATE VIEW snapshot.coal_outlet WITH (security_invoker = true) AS
SELECT s.county_code, s.site_id, s.name, o.sells, o.role, o.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.coal_outlet AS o ON o.site_id = s.site_id AND o.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.coal_outlet IS 'Coal outlets that are there.';

CREATE VIEW snapshot.construction_site WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, s.name, c.works, c.floor_area_m2, c.has_video_monitoring, c.has_pm10_monitoring,
    c.in_force
FROM snapshot.site AS s
INNER JOIN gridmap.construction_site AS c ON c.site_id = s.site_id AND c.in_force @> snapshot.as_of();
COMMENT ON VIEW snapshot.construction_site IS 'Construction sites that are there.';

CREATE VIEW snapshot.road WITH (security_invoker = true) AS
SELECT
    r.road_id, r.name, r.name_en, r.class, r.geom, r.geom_m, r.geom_3857, r.county_code, r.is_sketch,
    r.position_error_m, r.source, r.note
FROM gridmap.road AS r
WHERE snapshot.counties() IS NULL OR r.county_code = ANY(snapshot.counties());
COMMENT ON VIEW snapshot.road IS 'Roads, the part being judged.';

CREATE VIEW snapshot.station WITH (security_invoker = true) AS
SELECT
    s.station_code, s.name, s.is_control_point, s.geom, s.geom_m, s.geom_3857, s.county_code,
    s.position_error_m, s.source
FROM gridmap.station AS s;
COMMENT ON VIEW snapshot.station IS 'Monitoring stations.';

-- Inside and outside are asked here and nowhere else. Zones are closed: a point on the boundary is inside.
-- The search radius lets the index on zone.geom_m drive; for a point inside, the distance is 0.
CREATE VIEW snapshot.site_in_zone WITH (security_invoker = true) AS
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    place.inside,
    edge.distance_to_boundary_m,
    edge.distance_to_boundary_m IS NOT NULL OR named.by_name_only AS near_boundary
FROM snapshot.site AS s
INNER JOIN snapshot.zone AS z ON ST_DWithin(z.geom_m, s.geom_m, s.position_error_m + z.position_error_m)
CROSS JOIN LATERAL (SELECT ST_Intersects(z.geom_m, s.geom_m) AS inside) AS place
CROSS JOIN LATERAL (
    SELECT min(ST_Distance(e.geom_m, s.geom_m)) AS distance_to_boundary_m
    FROM gridmap.zone_edge AS e
    WHERE e.zone_id = z.zone_id AND ST_DWithin(e.geom_m, s.geom_m, s.position_error_m + z.position_error_m)
) AS edge
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT 1 FROM gridmap.zone_unit AS u
        WHERE u.zone_id = z.zone_id AND u.by_name_only AND u.unit_code IN (s.region_code, s.reported_region_code)
    ) AS by_name_only
) AS named
WHERE place.inside OR edge.distance_to_boundary_m IS NOT NULL
UNION ALL
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    false AS inside, NULL AS distance_to_boundary_m, true AS near_boundary
FROM snapshot.site AS s
INNER JOIN gridmap.zone_unit AS u
    ON u.unit_code = s.region_code OR u.unit_code = s.reported_region_code
INNER JOIN snapshot.zone AS z ON z.zone_id = u.zone_id
WHERE u.by_name_only AND u.side = 'in'
    AND NOT coalesce(ST_DWithin(z.geom_m, s.geom_m, s.position_error_m + z.position_error_m), false);
COMMENT ON VIEW snapshot.site_in_zone IS 'One row per site and zone in force where the site is inside, or nearer to the boundary than their errors together, or in a village that the zone knows by name only.';
COMMENT ON COLUMN snapshot.site_in_zone.inside IS 'The point lies in the zone or on its boundary.';
COMMENT ON COLUMN snapshot.site_in_zone.distance_to_boundary_m IS 'Metres to the boundary, only when that is no more than the position errors of site and zone together; else NULL.';
COMMENT ON COLUMN snapshot.site_in_zone.near_boundary IS 'The side cannot be told: never a breach.';

CREATE VIEW snapshot.village_named WITH (security_invoker = true) AS
SELECT DISTINCT ON (v.village_id, u.zone_id)
    v.county_code, v.village_id, u.zone_id, u.kind, u.side, u.unit_code
FROM snapshot.village AS v
CROSS JOIN LATERAL (VALUES (v.village_id), (v.township_code), (v.county_code)) AS chain (code)
INNER JOIN snapshot.zone_unit AS u ON u.unit_code = chain.code
ORDER BY v.village_id, u.zone_id, length(u.unit_code) DESC;
COMMENT ON VIEW snapshot.village_named IS 'What each zone in force says of a village by name: the most specific listed unit on its chain decides.';
COMMENT ON COLUMN snapshot.village_named.side IS 'in or out.';
COMMENT ON COLUMN snapshot.village_named.unit_code IS 'The unit that decided.';

-- By name before geometry; in by any zone wins; out in one zone vetoes nothing in another; zones of units only
-- say nothing but out. Several boundaries are dissolved before they are measured: shares are never summed.
-- The lists are probed village by village: a join of villages with their verdicts is planned badly, because no
-- statistics tell how many versions are in force on a day that is known only when the query runs.
CREATE VIEW snapshot.village_cover WITH (security_invoker = true) AS
WITH law AS MATERIALIZED (
    SELECT z.zone_id, z.kind, z.boundary IS NOT NULL AS is_bounded, z.geom_m, z.position_error_m
    FROM snapshot.zone AS z
)
SELECT
    v.county_code, v.village_id, k.kind,
    CASE
        WHEN named.is_in THEN 100.0
        WHEN bounded.cover IS NULL THEN 0.0
        WHEN v.territory_m IS NULL THEN CASE WHEN ST_Intersects(bounded.cover, v.geom_m) THEN 100.0 ELSE 0.0 END
        ELSE 100.0 * ST_Area(ST_Intersection(bounded.cover, v.territory_m)) / ST_Area(v.territory_m)
    END::double precision AS covered_pct,
    named.zone_ids IS NOT NULL AND (named.is_in OR bounded.cover IS NULL) AS by_name,
    coalesce(
        NOT coalesce(named.is_in, false)
        -- the boundary may well cross an exact territory: its share is then known, not doubtful
        AND (v.territory_m IS NULL OR v.position_error_m + bounded.error_m > 0)
        AND ST_DWithin(
            ST_Boundary(bounded.cover), coalesce(v.territory_m, v.geom_m), v.position_error_m + bounded.error_m
        ),
        false
    ) AS near_boundary
FROM snapshot.village AS v
CROSS JOIN gridmap.zone_kind AS k
CROSS JOIN LATERAL (
    SELECT bool_or(verdict.side = 'in') AS is_in, array_agg(verdict.zone_id) AS zone_ids
    FROM (
        SELECT DISTINCT ON (u.zone_id) u.zone_id, u.side
        -- OFFSET 0 keeps the three codes a list of their own, so that each is looked up in the index of the units
        FROM (
            SELECT c.code FROM unnest(ARRAY[v.village_id, v.township_code, v.county_code]) AS c (code) OFFSET 0 -- noqa: AM09
        ) AS chain
        INNER JOIN gridmap.zone_unit AS u ON u.unit_code = chain.code
        INNER JOIN law ON law.zone_id = u.zone_id AND law.kind = k.kind
        ORDER BY u.zone_id, length(u.unit_code) DESC
    ) AS verdict
) AS named
LEFT JOIN LATERAL (
    SELECT ST_Union(law.geom_m) AS cover, max(law.position_error_m) AS error_m
    FROM law
    WHERE law.kind = k.kind AND law.is_bounded
        AND NOT coalesce(law.zone_id = ANY(named.zone_ids), false)
        AND ST_DWithin(law.geom_m, coalesce(v.territory_m, v.geom_m), v.position_error_m + law.position_error_m)
) AS bounded ON NOT coalesce(named.is_in, false);
COMMENT ON VIEW snapshot.village_cover IS 'One row per village and kind of zone: how much of it the kind covers, against all zones of the kind dissolved.';
COMMENT ON COLUMN snapshot.village_cover.covered_pct IS 'Share of the territory covered, per cent; for a village known by a point 100 or 0.';
COMMENT ON COLUMN snapshot.village_cover.by_name IS 'A decree names the village, its township or its county; then near_boundary is false.';
COMMENT ON COLUMN snapshot.village_cover.near_boundary IS 'The boundary is nearer than the position errors of village and zone together.';

CREATE VIEW snapshot.kind_cover WITH (security_invoker = true) AS
SELECT z.kind, ST_Union(z.geom_m) AS geom_m, max(z.position_error_m) AS position_error_m
FROM snapshot.zone AS z
WHERE z.geom_m IS NOT NULL
GROUP BY z.kind;
COMMENT ON VIEW snapshot.kind_cover IS 'All zones of a kind in force, dissolved.';

-- Remote mountain villages are exempt: their territories, or their township where all its villages are.
CREATE VIEW snapshot.kind_gap WITH (security_invoker = true) AS
WITH exempt AS (
    SELECT v.county_code, v.territory_m AS geom_m
    FROM snapshot.village_all AS v
    WHERE v.terrain = 'remote_mountain' AND v.territory_m IS NOT NULL
    UNION ALL
    SELECT r.county_code, r.geom_m
    FROM snapshot.region AS r
    WHERE r.level = 'township' AND r.geom_m IS NOT NULL
        AND EXISTS (SELECT 1 FROM snapshot.village_all AS v WHERE v.township_code = r.code)
        AND NOT EXISTS (
            SELECT 1 FROM snapshot.village_all AS v
            WHERE v.township_code = r.code AND v.terrain <> 'remote_mountain'
        )
), exempt_county AS (
    SELECT exempt.county_code, ST_Union(exempt.geom_m) AS geom_m FROM exempt GROUP BY exempt.county_code
)
SELECT
    r.county_code, k.kind, piece.geom AS geom_m,
    -- a valid piece may touch itself once its metres are rounded into degrees
    ST_CollectionExtract(ST_MakeValid(ST_Transform(piece.geom, 4490)), 3) AS geom,
    ST_Area(piece.geom) AS area_m2,
    'E' || floor(ST_XMin(piece.geom) / 1000)::bigint || 'N' || floor(ST_YMin(piece.geom) / 1000)::bigint AS part,
    2 * (ST_MaximumInscribedCircle(piece.geom)).radius
        <= greatest(coalesce(c.position_error_m, 0), coalesce(r.position_error_m, 0)) AS near_boundary
FROM snapshot.region AS r
CROSS JOIN gridmap.zone_kind AS k
LEFT JOIN snapshot.kind_cover AS c ON c.kind = k.kind
LEFT JOIN exempt_county AS x ON x.county_code = r.county_code
CROSS JOIN LATERAL (
    SELECT gridmap.lay_on(gridmap.lay_on(r.geom_m, NULL, c.geom_m), NULL, x.geom_m) AS geom_m
) AS bare
-- outlines that should meet leave threads between them: what is narrower than 2 m is no gap and joins none
CROSS JOIN LATERAL ST_Dump(ST_Buffer(ST_Buffer(bare.geom_m, -1, 'join=mitre'), 1, 'join=mitre')) AS piece
WHERE r.level = 'county' AND r.geom_m IS NOT NULL
    AND (snapshot.counties() IS NULL OR r.county_code = ANY(snapshot.counties()))
    AND ST_Dimension(piece.geom) = 2 AND ST_Area(piece.geom) >= 1;
COMMENT ON VIEW snapshot.kind_gap IS 'Land of a county that no zone of the kind covers, piece by piece, remote mountain taken out.';
COMMENT ON COLUMN snapshot.kind_gap.part IS 'Code of the 1 km square at the piece''s south-west corner.';
COMMENT ON COLUMN snapshot.kind_gap.area_m2 IS 'Area in square metres.';
COMMENT ON COLUMN snapshot.kind_gap.near_boundary IS 'The piece is nowhere wider than the error of the outlines: it may be no gap at all.';

CREATE VIEW snapshot.finding WITH (security_invoker = true) AS
SELECT
    f.key, f.rule_id, f.county_code, f.feature_kind, f.feature_id, f.part, f.name, f.certainty, f.severity,
    f.status, f.facts, f.geom, f.geom_3857, f.opened_on, f.last_run_id AS run_id
FROM gridmap.finding AS f
WHERE snapshot.as_of() = gridmap.today() AND snapshot.draft() IS NULL AND f.status <> 'gone'
UNION ALL
SELECT
    r.key, r.rule_id, r.county_code, r.feature_kind, r.feature_id, r.part, r.name, r.certainty, r.severity,
    'open' AS status, r.facts, r.geom, r.geom_3857, NULL AS opened_on, r.run_id
FROM gridmap.run_finding AS r
WHERE r.run_id = (
    SELECT max(u.run_id) FROM gridmap.run AS u
    WHERE u.kind = 'report' AND u.as_of = snapshot.as_of() AND u.status <> 'running' AND u.counties IS NULL AND u.rules IS NULL
        AND u.draft_zone_id IS NOT DISTINCT FROM snapshot.draft()
) AND NOT (snapshot.as_of() = gridmap.today() AND snapshot.draft() IS NULL);
COMMENT ON VIEW snapshot.finding IS 'Findings of the day: the living ones on today, else those of the last full report on that day.';

-- A view's column means what the table's column of that name means: carry the comments over where none is given.
DO $$
DECLARE
    missing record;
BEGIN
    FOR missing IN
        SELECT c.relname, a.attname, coalesce(
            (SELECT d.description FROM pg_description AS d
             JOIN pg_class AS b ON b.oid = d.objoid AND b.relnamespace = 'gridmap'::regnamespace
             JOIN pg_attribute AS ba ON ba.attrelid = b.oid AND ba.attnum = d.objsubid AND ba.attname = a.attname
             WHERE d.classoid = 'pg_class'::regclass
             ORDER BY b.relname = replace(c.relname, '_all', '') DESC,
                 b.relname = CASE WHEN c.relname LIKE 'kind%' OR c.relname LIKE 'zone%' THEN 'zone' ELSE 'site' END DESC,
                 b.relname LIMIT 1),
            CASE a.attname
                WHEN 'zone_name' THEN 'Name of the zone.'
                WHEN 'village_name' THEN 'Name of the village.'
                WHEN 'same_township' THEN 'The candidate lies in the township that the document names.'
                WHEN 'name_distance' THEN 'Edits between the two names; letters merely swapped count as one.'
            END) AS wording
        FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'snapshot'::regnamespace AND c.relkind = 'v'
            AND col_description(c.oid, a.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN snapshot.%I.%I IS %L', missing.relname, missing.attname, missing.wording);
    END LOOP;
END
$$;
