-- Judging many sites reads an index instead of the table, on several processors at once, and asks nearness of lines kept
-- with each square instead of looking them up for every pair.

CREATE FUNCTION gridmap.cell_part_m(x double precision, y double precision) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT (floor(x / 125)::bigint % 8 + 8 * (floor(y / 125)::bigint % 8))::integer
$$;
COMMENT ON FUNCTION gridmap.cell_part_m(double precision, double precision) IS 'Which of the 64 parts, 125 m on a side, of its 1 km square of EPSG:4547 holds (easting, northing) in metres: counted from the south-west, eastward first, from 0.';
ALTER TABLE gridmap.site
ADD COLUMN cell_part integer GENERATED ALWAYS AS (
    gridmap.cell_part_m(ST_X(ST_Transform(geom, 4547)), ST_Y(ST_Transform(geom, 4547)))
) STORED;
COMMENT ON COLUMN gridmap.site.cell_part IS 'Which of the 64 parts of its square holds it, as gridmap.cell_part_m() computes it.';

-- all that site_in_zone asks of a site, in the order of the squares, whatever the order of the table
DROP INDEX gridmap.site_cell_key_idx;
CREATE INDEX site_cell_key_idx ON gridmap.site (cell_key)
INCLUDE (
    site_id, county_code, geom_m, position_error_m, region_code, reported_region_code, opened_on, closed_on, cell_part
);

-- Squares are derived: those kept so far lack the lines, and are built anew right after the migrations. Until then
-- zones are judged by their geometry.
TRUNCATE gridmap.zone_cell, gridmap.zone_grid;
ALTER TABLE gridmap.zone_cell
ADD COLUMN error_m double precision NOT NULL,
ADD COLUMN edge_m geometry(MultiLineString, 4547),
ADD COLUMN inside_parts bigint NOT NULL,
ADD COLUMN edge_parts bigint NOT NULL;
ALTER TABLE gridmap.zone_cell ALTER COLUMN edge_m SET STORAGE EXTERNAL;
-- small beside the work it makes: by its size the planner would count one worker only
ALTER TABLE gridmap.zone_cell SET (parallel_workers = 2);
COMMENT ON COLUMN gridmap.zone_cell.error_m IS 'The zone''s position error, metres.';
COMMENT ON COLUMN gridmap.zone_cell.inside_parts IS 'Bit n is set when the whole n-th part of the square (see cell_part_m) lies inside.';
COMMENT ON COLUMN gridmap.zone_cell.edge_parts IS 'Bit n is set when the boundary touches the n-th part of the square: there, and only there, piece_m is asked.';
COMMENT ON COLUMN gridmap.zone_cell.edge_m IS 'Lines of zone_edge, whole from vertex to vertex, that can be nearest to a site in the square, as far as they are within the zone''s error and 100 m of it; NULL where none is, or where the zone''s error is so large that nearness is looked up in zone_edge.';

CREATE FUNCTION gridmap.distance_to_edge(zone bigint, place geometry, at_most_m double precision)
RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT min(ST_Distance(e.geom_m, place))
    FROM gridmap.zone_edge AS e
    WHERE e.zone_id = zone AND ST_DWithin(e.geom_m, place, at_most_m)
$$;
COMMENT ON FUNCTION gridmap.distance_to_edge(bigint, geometry, double precision) IS 'Metres from a place (EPSG:4547) to the boundary of a version of a zone, or NULL when that is more than at_most_m. A function, because a subquery for each row keeps the whole question to one processor.';

-- Two views for site_in_zone alone, which rules cannot name.
-- Settings are asked once for a whole question and travel as columns. Written into the conditions they would be asked for
-- every site; as subqueries they would keep the question to one processor. OFFSET keeps the planner from writing them
-- back into the conditions, and is a text because a number would be cast, which it takes for a limit that must be
-- counted on one processor. All rows pass it, so that their order does not matter.
-- noqa: disable=AM09
CREATE VIEW gridmap.narrowing WITH (security_invoker = true) AS
SELECT
    snapshot.as_of() AS as_of,
    -- see snapshot.site for the way this is said: NULL unless all are judged
    nullif(snapshot.counties() IS NULL, false) AS any_county, snapshot.counties() AS counties,
    nullif(snapshot.cells() IS NULL, false) AS any_cell, snapshot.cells() AS cells
FROM gridmap.setting -- one row: what has no FROM is left to one processor too
OFFSET '0';
-- nobody else counts a table of one row, and the planner would take it for hundreds
ANALYZE gridmap.setting;
COMMENT ON VIEW gridmap.narrowing IS 'One row: the day and the part that this transaction judges; for site_in_zone.';
COMMENT ON COLUMN gridmap.narrowing.as_of IS 'The day.';
COMMENT ON COLUMN gridmap.narrowing.any_county IS 'True when counties do not matter, else NULL.';
COMMENT ON COLUMN gridmap.narrowing.counties IS 'Codes of the counties being judged.';
COMMENT ON COLUMN gridmap.narrowing.any_cell IS 'True when squares do not matter, else NULL.';
COMMENT ON COLUMN gridmap.narrowing.cells IS 'Keys of the squares being judged.';

-- asked for each square, not for each site: joined with the one row of narrowing, it would be read by one processor
CREATE VIEW gridmap.zone_square WITH (security_invoker = true) AS
SELECT
    c.zone_id, c.cell_key, c.is_filled, c.clear_of_m, c.piece_m, c.error_m, c.edge_m, c.inside_parts, c.edge_parts,
    snapshot.as_of() AS as_of,
    nullif(snapshot.counties() IS NULL, false) AS any_county, snapshot.counties() AS counties
FROM gridmap.zone_cell AS c
WHERE c.cell_key >= snapshot.cell_low() AND c.cell_key <= snapshot.cell_high()
    AND (nullif(snapshot.cells() IS NULL, false) IS NOT NULL OR c.cell_key = ANY(snapshot.cells()))
OFFSET '0';
COMMENT ON VIEW gridmap.zone_square IS 'Squares of all versions of zones, the part being judged, with what a site must meet to be judged; for site_in_zone.';
COMMENT ON COLUMN gridmap.zone_square.zone_id IS 'The version of the zone.';
COMMENT ON COLUMN gridmap.zone_square.cell_key IS 'Key of the square.';
COMMENT ON COLUMN gridmap.zone_square.is_filled IS 'The whole square lies inside.';
COMMENT ON COLUMN gridmap.zone_square.clear_of_m IS 'As in zone_cell.';
COMMENT ON COLUMN gridmap.zone_square.piece_m IS 'As in zone_cell.';
COMMENT ON COLUMN gridmap.zone_square.error_m IS 'The zone''s position error, metres.';
COMMENT ON COLUMN gridmap.zone_square.edge_m IS 'As in zone_cell.';
COMMENT ON COLUMN gridmap.zone_square.inside_parts IS 'As in zone_cell.';
COMMENT ON COLUMN gridmap.zone_square.edge_parts IS 'As in zone_cell.';
COMMENT ON COLUMN gridmap.zone_square.as_of IS 'The day.';
COMMENT ON COLUMN gridmap.zone_square.any_county IS 'True when counties do not matter, else NULL.';
COMMENT ON COLUMN gridmap.zone_square.counties IS 'Codes of the counties being judged.';

-- Inside and outside are asked here and nowhere else. Zones are closed: a point on the boundary is inside.
-- A question for `inside` alone runs the first and the fourth part only, and one that does not ask about the boundary
-- never looks at an edge. The sites are those of snapshot.site. In the first two parts conditions tie sites to squares
-- and squares to zones, never sites to zones, so that nobody pairs all sites with all zones.
CREATE OR REPLACE VIEW snapshot.site_in_zone WITH (security_invoker = true) AS
-- 1. inside, by squares
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    true AS inside,
    CASE
        WHEN c.clear_of_m > s.position_error_m THEN NULL
        WHEN c.edge_m IS NULL OR s.position_error_m > 100
            THEN gridmap.distance_to_edge(c.zone_id, s.geom_m, s.position_error_m + c.error_m)
        WHEN ST_DWithin(c.edge_m, s.geom_m, s.position_error_m + c.error_m) THEN ST_Distance(c.edge_m, s.geom_m)
    END AS distance_to_boundary_m,
    CASE
        WHEN c.clear_of_m > s.position_error_m THEN false
        WHEN c.edge_m IS NULL OR s.position_error_m > 100
            THEN gridmap.distance_to_edge(c.zone_id, s.geom_m, s.position_error_m + c.error_m) IS NOT NULL
        ELSE ST_DWithin(c.edge_m, s.geom_m, s.position_error_m + c.error_m)
    END OR coalesce(s.region_code = ANY(n.codes), false) OR coalesce(s.reported_region_code = ANY(n.codes), false)
    AS near_boundary
FROM gridmap.zone_square AS c
INNER JOIN gridmap.site AS s ON s.cell_key = c.cell_key
INNER JOIN snapshot.zone AS z ON z.zone_id = c.zone_id
LEFT JOIN (
    SELECT u.zone_id, array_agg(u.unit_code) AS codes FROM gridmap.zone_unit AS u
    WHERE u.by_name_only
    GROUP BY u.zone_id
) AS n ON n.zone_id = z.zone_id
WHERE (c.is_filled OR c.piece_m IS NOT NULL)
    AND (
        c.is_filled OR (c.inside_parts >> s.cell_part) & 1 = 1
        OR ((c.edge_parts >> s.cell_part) & 1 = 1 AND ST_Intersects(c.piece_m, s.geom_m))
    )
    AND (s.opened_on IS NULL OR s.opened_on <= c.as_of) AND (s.closed_on IS NULL OR s.closed_on > c.as_of)
    AND (c.any_county IS NOT NULL OR s.county_code = ANY(c.counties))
UNION ALL
-- 2. outside and near the boundary, by squares: sites known to a kilometre
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    false AS inside,
    CASE
        WHEN c.edge_m IS NULL OR s.position_error_m > 100
            THEN gridmap.distance_to_edge(c.zone_id, s.geom_m, s.position_error_m + c.error_m)
        ELSE ST_Distance(c.edge_m, s.geom_m)
    END AS distance_to_boundary_m,
    true AS near_boundary
FROM gridmap.zone_square AS c
INNER JOIN gridmap.site AS s ON s.cell_key = c.cell_key
INNER JOIN snapshot.zone AS z ON z.zone_id = c.zone_id
WHERE NOT c.is_filled AND s.position_error_m <= 1000
    AND c.clear_of_m <= s.position_error_m
    AND CASE
        WHEN c.edge_m IS NULL OR s.position_error_m > 100
            THEN gridmap.distance_to_edge(c.zone_id, s.geom_m, s.position_error_m + c.error_m) IS NOT NULL
        ELSE ST_DWithin(c.edge_m, s.geom_m, s.position_error_m + c.error_m)
    END
    AND (c.inside_parts >> s.cell_part) & 1 = 0
    AND ((c.edge_parts >> s.cell_part) & 1 = 0 OR NOT ST_Intersects(c.piece_m, s.geom_m))
    AND (s.opened_on IS NULL OR s.opened_on <= c.as_of) AND (s.closed_on IS NULL OR s.closed_on > c.as_of)
    AND (c.any_county IS NOT NULL OR s.county_code = ANY(c.counties))
UNION ALL
-- 3. outside and near the boundary: sites not even known to a kilometre
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    false AS inside,
    gridmap.distance_to_edge(z.zone_id, s.geom_m, s.position_error_m + z.position_error_m) AS distance_to_boundary_m,
    true AS near_boundary
FROM gridmap.narrowing AS q
INNER JOIN gridmap.site AS s ON (s.opened_on IS NULL OR s.opened_on <= q.as_of) AND (s.closed_on IS NULL OR s.closed_on > q.as_of)
    AND (q.any_county IS NOT NULL OR s.county_code = ANY(q.counties))
    AND (q.any_cell IS NOT NULL OR s.cell_key = ANY(q.cells))
INNER JOIN snapshot.zone AS z ON ST_DWithin(z.geom_m, s.geom_m, s.position_error_m + z.position_error_m)
WHERE s.position_error_m > 1000 AND NOT ST_Intersects(z.geom_m, s.geom_m)
    AND gridmap.distance_to_edge(z.zone_id, s.geom_m, s.position_error_m + z.position_error_m) IS NOT NULL
UNION ALL
-- 4. zones without squares, by their geometry: inside, or near for sites known to a kilometre; as a rule there are none
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    ST_Intersects(z.geom_m, s.geom_m) AS inside,
    gridmap.distance_to_edge(z.zone_id, s.geom_m, s.position_error_m + z.position_error_m) AS distance_to_boundary_m,
    gridmap.distance_to_edge(z.zone_id, s.geom_m, s.position_error_m + z.position_error_m) IS NOT NULL
    OR coalesce(s.region_code = ANY(z.codes), false) OR coalesce(s.reported_region_code = ANY(z.codes), false)
    AS near_boundary
FROM (
    SELECT z.zone_id, z.lineage, z.kind, z.name, z.position_error_m, z.geom_m, n.codes, q.*
    FROM snapshot.zone AS z
    CROSS JOIN gridmap.narrowing AS q
    LEFT JOIN (
        SELECT u.zone_id, array_agg(u.unit_code) AS codes FROM gridmap.zone_unit AS u
        WHERE u.by_name_only
        GROUP BY u.zone_id
    ) AS n ON n.zone_id = z.zone_id
    WHERE NOT EXISTS (SELECT FROM gridmap.zone_grid AS g WHERE g.zone_id = z.zone_id)
    OFFSET '0'
) AS z
INNER JOIN gridmap.site AS s ON s.geom_m && ST_Expand(z.geom_m, z.position_error_m + 1000)
WHERE (
    ST_Intersects(z.geom_m, s.geom_m)
    OR (
        s.position_error_m <= 1000
        AND gridmap.distance_to_edge(z.zone_id, s.geom_m, s.position_error_m + z.position_error_m) IS NOT NULL
    )
)
    AND (s.opened_on IS NULL OR s.opened_on <= z.as_of) AND (s.closed_on IS NULL OR s.closed_on > z.as_of)
    AND (z.any_county IS NOT NULL OR s.county_code = ANY(z.counties))
    AND (z.any_cell IS NOT NULL OR s.cell_key = ANY(z.cells))
UNION ALL
-- 5. in a village that the zone knows by name only, and nowhere near what it draws
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    false AS inside, NULL AS distance_to_boundary_m, true AS near_boundary
FROM (
    SELECT u.zone_id, u.unit_code, q.*
    FROM gridmap.zone_unit AS u
    CROSS JOIN gridmap.narrowing AS q
    WHERE u.by_name_only AND u.side = 'in'
    OFFSET '0'
) AS u
INNER JOIN gridmap.site AS s ON s.region_code = u.unit_code
INNER JOIN snapshot.zone AS z ON z.zone_id = u.zone_id
WHERE NOT coalesce(ST_DWithin(z.geom_m, s.geom_m, s.position_error_m + z.position_error_m), false)
    AND (s.opened_on IS NULL OR s.opened_on <= u.as_of) AND (s.closed_on IS NULL OR s.closed_on > u.as_of)
    AND (u.any_county IS NOT NULL OR s.county_code = ANY(u.counties))
    AND (u.any_cell IS NOT NULL OR s.cell_key = ANY(u.cells))
UNION ALL
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    false AS inside, NULL AS distance_to_boundary_m, true AS near_boundary
FROM (
    SELECT u.zone_id, u.unit_code, q.*
    FROM gridmap.zone_unit AS u
    CROSS JOIN gridmap.narrowing AS q
    WHERE u.by_name_only AND u.side = 'in'
    OFFSET '0'
) AS u
INNER JOIN gridmap.site AS s ON s.reported_region_code = u.unit_code
INNER JOIN snapshot.zone AS z ON z.zone_id = u.zone_id
WHERE s.reported_region_code IS DISTINCT FROM s.region_code
    AND NOT coalesce(ST_DWithin(z.geom_m, s.geom_m, s.position_error_m + z.position_error_m), false)
    AND (s.opened_on IS NULL OR s.opened_on <= u.as_of) AND (s.closed_on IS NULL OR s.closed_on > u.as_of)
    AND (u.any_county IS NOT NULL OR s.county_code = ANY(u.counties))
    AND (u.any_cell IS NOT NULL OR s.cell_key = ANY(u.cells));
SELECT gridmap.describe_views();
