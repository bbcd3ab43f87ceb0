-- The grid of supervision is the index: a site knows its 1 km square by arithmetic, a zone is kept as the squares it
-- fills and the pieces of those that its boundary touches. Judging sites is then a join of integers, with a geometry
-- asked only in the squares of a boundary.

CREATE TABLE gridmap.zone_cell (
    zone_id bigint NOT NULL REFERENCES gridmap.zone ON DELETE CASCADE,
    cell_key bigint NOT NULL,
    is_filled boolean NOT NULL,
    clear_of_m double precision NOT NULL,
    piece_m geometry(MultiPolygon, 4547),
    PRIMARY KEY (cell_key, zone_id),
    CONSTRAINT zone_cell_filled_has_no_piece CHECK (NOT is_filled OR piece_m IS NULL)
);
CREATE INDEX zone_cell_zone_idx ON gridmap.zone_cell (zone_id);
-- pieces are read whole and often: unpacked and beside their row they cost least
ALTER TABLE gridmap.zone_cell ALTER COLUMN piece_m SET STORAGE EXTERNAL;
ALTER TABLE gridmap.zone_cell SET (toast_tuple_target = 8160);
COMMENT ON TABLE gridmap.zone_cell IS 'Effective geometries by 1 km squares: filled, touched by the boundary, or outside and nearer to it than the zone''s error and 1 km. Derived: rebuilt with the zone.';
COMMENT ON COLUMN gridmap.zone_cell.zone_id IS 'The version of the zone.';
COMMENT ON COLUMN gridmap.zone_cell.cell_key IS 'Key of the square, as gridmap.cell_key_m() computes it.';
COMMENT ON COLUMN gridmap.zone_cell.is_filled IS 'The whole square, edges included, lies inside.';
COMMENT ON COLUMN gridmap.zone_cell.clear_of_m IS 'A site in the square whose own error is less than this many metres cannot be near the boundary: distance from the square to the boundary less the zone''s error, at most 1000; below 0 where the zone''s error reaches the square.';
COMMENT ON COLUMN gridmap.zone_cell.piece_m IS 'Where the boundary touches the square: a geometry in metres, EPSG:4547, that holds the same points of the square as the zone does, and means nothing outside it; NULL elsewhere.';

CREATE TABLE gridmap.zone_grid (
    zone_id bigint PRIMARY KEY REFERENCES gridmap.zone ON DELETE CASCADE,
    cells integer NOT NULL CHECK (cells >= 0)
);
COMMENT ON TABLE gridmap.zone_grid IS 'Versions of zones whose squares are complete; the others are judged by their geometry. Derived: rebuilt with the zone.';
COMMENT ON COLUMN gridmap.zone_grid.zone_id IS 'The version of the zone.';
COMMENT ON COLUMN gridmap.zone_grid.cells IS 'How many squares it has.';

-- for nearness: the edges of one zone about one place
CREATE INDEX zone_edge_zone_geom_idx ON gridmap.zone_edge USING gist (zone_id, geom_m);
DROP INDEX gridmap.zone_edge_zone_idx;
-- the few sites that may be anywhere within more than a kilometre
CREATE INDEX site_wide_idx ON gridmap.site (site_id) WHERE position_error_m > 1000;

CREATE FUNCTION gridmap.forget_zone_cells() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    DELETE FROM gridmap.zone_grid WHERE zone_id = NEW.zone_id;
    DELETE FROM gridmap.zone_cell WHERE zone_id = NEW.zone_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION gridmap.forget_zone_cells() IS 'Row trigger: squares of an outline or error that is no more are dropped; the zone is judged by its geometry until they are rebuilt.';
CREATE TRIGGER zone_forgets_cells AFTER UPDATE ON gridmap.zone FOR EACH ROW
WHEN (old.geom IS DISTINCT FROM new.geom OR old.position_error_m <> new.position_error_m)
EXECUTE FUNCTION gridmap.forget_zone_cells();

-- Squares of a published version may be added while it has none (a database older than this table), never changed.
CREATE FUNCTION gridmap.keep_published_zone_cells() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
DECLARE
    kept bigint;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT min(z.zone_id) INTO kept
        FROM gridmap.zone AS z
        WHERE z.status = 'published' AND EXISTS (SELECT FROM removed WHERE removed.zone_id = z.zone_id);
    END IF;
    IF TG_OP <> 'DELETE' AND kept IS NULL THEN
        SELECT min(g.zone_id) INTO kept
        FROM gridmap.zone_grid AS g
        INNER JOIN gridmap.zone AS z ON z.zone_id = g.zone_id AND z.status = 'published'
        WHERE EXISTS (SELECT FROM added WHERE added.zone_id = g.zone_id);
    END IF;
    IF kept IS NOT NULL THEN
        RAISE EXCEPTION 'zone % is published: its squares are fixed', kept USING ERRCODE = 'object_in_use';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION gridmap.keep_published_zone_cells() IS 'Statement trigger: squares of a published version are fixed once they are complete.';
CREATE TRIGGER zone_cell_published_is_not_added_to AFTER INSERT ON gridmap.zone_cell
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION gridmap.keep_published_zone_cells();
CREATE TRIGGER zone_cell_published_is_not_changed AFTER UPDATE ON gridmap.zone_cell
REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION gridmap.keep_published_zone_cells();
CREATE TRIGGER zone_cell_published_is_kept AFTER DELETE ON gridmap.zone_cell
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION gridmap.keep_published_zone_cells();
CREATE TRIGGER zone_grid_published_is_not_changed AFTER UPDATE ON gridmap.zone_grid
REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION gridmap.keep_published_zone_cells();
CREATE TRIGGER zone_grid_published_is_kept AFTER DELETE ON gridmap.zone_grid
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION gridmap.keep_published_zone_cells();

-- Inside and outside are asked here and nowhere else. Zones are closed: a point on the boundary is inside.
-- Five parts, so that a question for `inside` alone runs the first and the fourth only, and one that does not ask
-- about the boundary never looks at an edge. Each part starts with sites and can be narrowed to one.
CREATE OR REPLACE VIEW snapshot.site_in_zone WITH (security_invoker = true) AS
-- 1. inside, by squares
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    true AS inside,
    edge.distance_to_boundary_m,
    edge.distance_to_boundary_m IS NOT NULL OR EXISTS (
        SELECT 1 FROM gridmap.zone_unit AS u
        WHERE u.zone_id = z.zone_id AND u.by_name_only AND u.unit_code IN (s.region_code, s.reported_region_code)
    ) AS near_boundary
FROM snapshot.site AS s
INNER JOIN gridmap.zone_cell AS c ON c.cell_key = s.cell_key
INNER JOIN snapshot.zone AS z ON z.zone_id = c.zone_id
LEFT JOIN LATERAL (
    SELECT min(ST_Distance(e.geom_m, s.geom_m)) AS distance_to_boundary_m
    FROM gridmap.zone_edge AS e
    WHERE c.clear_of_m <= s.position_error_m AND e.zone_id = z.zone_id
        AND ST_DWithin(e.geom_m, s.geom_m, s.position_error_m + z.position_error_m)
) AS edge ON true
WHERE (c.is_filled OR c.piece_m IS NOT NULL) AND (c.is_filled OR ST_Intersects(c.piece_m, s.geom_m))
UNION ALL
-- 2. outside and near the boundary, by squares: sites known to a kilometre
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    false AS inside, edge.distance_to_boundary_m, true AS near_boundary
FROM snapshot.site AS s
INNER JOIN gridmap.zone_cell AS c ON c.cell_key = s.cell_key
INNER JOIN snapshot.zone AS z ON z.zone_id = c.zone_id
CROSS JOIN LATERAL (
    SELECT min(ST_Distance(e.geom_m, s.geom_m)) AS distance_to_boundary_m
    FROM gridmap.zone_edge AS e
    WHERE e.zone_id = z.zone_id AND ST_DWithin(e.geom_m, s.geom_m, s.position_error_m + z.position_error_m)
) AS edge
WHERE NOT c.is_filled AND s.position_error_m <= 1000
    AND c.clear_of_m <= s.position_error_m
    AND NOT coalesce(ST_Intersects(c.piece_m, s.geom_m), false)
    AND edge.distance_to_boundary_m IS NOT NULL
UNION ALL
-- 3. outside and near the boundary: sites not even known to a kilometre
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    false AS inside, edge.distance_to_boundary_m, true AS near_boundary
FROM snapshot.site AS s
INNER JOIN snapshot.zone AS z ON ST_DWithin(z.geom_m, s.geom_m, s.position_error_m + z.position_error_m)
INNER JOIN gridmap.zone_grid AS g ON g.zone_id = z.zone_id
CROSS JOIN LATERAL (
    SELECT min(ST_Distance(e.geom_m, s.geom_m)) AS distance_to_boundary_m
    FROM gridmap.zone_edge AS e
    WHERE e.zone_id = z.zone_id AND ST_DWithin(e.geom_m, s.geom_m, s.position_error_m + z.position_error_m)
) AS edge
WHERE s.position_error_m > 1000 AND NOT ST_Intersects(z.geom_m, s.geom_m)
    AND edge.distance_to_boundary_m IS NOT NULL
UNION ALL
-- 4. zones without squares, by their geometry; found first and once: as a rule there are none
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    place.inside,
    edge.distance_to_boundary_m,
    edge.distance_to_boundary_m IS NOT NULL OR EXISTS (
        SELECT 1 FROM gridmap.zone_unit AS u
        WHERE u.zone_id = z.zone_id AND u.by_name_only AND u.unit_code IN (s.region_code, s.reported_region_code)
    ) AS near_boundary
FROM (
    WITH bare AS MATERIALIZED (
        SELECT z.zone_id, z.lineage, z.kind, z.name, z.position_error_m, z.geom_m
        FROM snapshot.zone AS z
        WHERE NOT EXISTS (SELECT FROM gridmap.zone_grid AS g WHERE g.zone_id = z.zone_id)
    )
    SELECT bare.* FROM bare
) AS z
INNER JOIN snapshot.site AS s ON ST_DWithin(z.geom_m, s.geom_m, s.position_error_m + z.position_error_m)
CROSS JOIN LATERAL (SELECT ST_Intersects(z.geom_m, s.geom_m) AS inside) AS place
CROSS JOIN LATERAL (
    SELECT min(ST_Distance(e.geom_m, s.geom_m)) AS distance_to_boundary_m
    FROM gridmap.zone_edge AS e
    WHERE e.zone_id = z.zone_id AND ST_DWithin(e.geom_m, s.geom_m, s.position_error_m + z.position_error_m)
) AS edge
WHERE place.inside OR edge.distance_to_boundary_m IS NOT NULL
UNION ALL
-- 5. in a village that the zone knows by name only, and nowhere near what it draws
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    false AS inside, NULL AS distance_to_boundary_m, true AS near_boundary
FROM snapshot.site AS s
INNER JOIN gridmap.zone_unit AS u ON u.unit_code = s.region_code
INNER JOIN snapshot.zone AS z ON z.zone_id = u.zone_id
WHERE u.by_name_only AND u.side = 'in'
    AND NOT coalesce(ST_DWithin(z.geom_m, s.geom_m, s.position_error_m + z.position_error_m), false)
UNION ALL
SELECT
    s.county_code, s.site_id, z.zone_id, z.lineage, z.kind, z.name AS zone_name,
    false AS inside, NULL AS distance_to_boundary_m, true AS near_boundary
FROM snapshot.site AS s
INNER JOIN gridmap.zone_unit AS u ON u.unit_code = s.reported_region_code
INNER JOIN snapshot.zone AS z ON z.zone_id = u.zone_id
WHERE u.by_name_only AND u.side = 'in' AND s.reported_region_code IS DISTINCT FROM s.region_code
    AND NOT coalesce(ST_DWithin(z.geom_m, s.geom_m, s.position_error_m + z.position_error_m), false);
SELECT gridmap.describe_views();
