-- A zone may end without a successor (废止). The decree that ends it is a version of its own which draws nothing: its document, number
-- and first day are kept as those of any version, it goes the same way to publication, and a later version takes the place of a wrong one.
ALTER TABLE gridmap.zone ADD COLUMN is_repeal boolean NOT NULL DEFAULT false;
ALTER TABLE gridmap.zone ADD CONSTRAINT zone_repeal_draws_nothing CHECK (NOT is_repeal OR (boundary IS NULL AND geom IS NULL));
COMMENT ON COLUMN gridmap.zone.is_repeal IS 'This version ends the zone without a successor: it draws nothing, and from its first day on there is no such zone.';

CREATE OR REPLACE VIEW snapshot.zone WITH (security_invoker = true) AS
SELECT
    z.zone_id, z.lineage, z.version, z.kind, z.class, z.name, z.county_code, z.issuer, z.document,
    z.document_number, z.signed_on, z.in_force, z.status, z.phase, z.boundary_wording, z.road_included,
    z.exemptions, z.deadline_on, z.reason, z.boundary, z.geom, z.geom_m, z.geom_3857, z.is_sketch,
    z.position_error_m, z.source, z.note, z.is_repeal
FROM gridmap.zone AS z
LEFT JOIN gridmap.zone AS d ON d.zone_id = snapshot.draft()
WHERE NOT z.is_repeal
    AND (
        (z.status = 'published' AND z.in_force @> snapshot.as_of() AND d.lineage IS DISTINCT FROM z.lineage)
        OR z.zone_id = snapshot.draft()
    );

-- What a repeal gave up is lost as much as what a smaller successor did: here it counts as the version that follows.
CREATE OR REPLACE VIEW snapshot.zone_previous WITH (security_invoker = true) AS
SELECT
    z.zone_id, z.lineage, z.kind, z.name, z.county_code, z.version, z.document, z.document_number, z.reason,
    lower(z.in_force) AS begins_on, z.position_error_m,
    p.zone_id AS previous_zone_id, p.version AS previous_version, p.name AS previous_name,
    p.position_error_m AS previous_error_m, p.geom_m AS previous_geom_m, p.boundary IS NOT NULL AS previous_is_bounded
FROM gridmap.zone AS z
LEFT JOIN gridmap.zone AS d ON d.zone_id = snapshot.draft()
INNER JOIN gridmap.zone AS p ON p.lineage = z.lineage AND p.status = 'published' AND p.version = (
    SELECT max(b.version) FROM gridmap.zone AS b
    WHERE b.lineage = z.lineage AND b.status = 'published' AND b.version < z.version
)
WHERE (z.status = 'published' AND z.in_force @> snapshot.as_of() AND d.lineage IS DISTINCT FROM z.lineage)
    OR z.zone_id = snapshot.draft();

CREATE OR REPLACE FUNCTION gridmap.publish_zone(wanted bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = 'public'
AS $$
DECLARE
    mine gridmap.zone;
BEGIN
    SELECT * INTO mine FROM gridmap.zone WHERE zone_id = wanted FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'zone % does not exist', wanted USING ERRCODE = 'no_data_found';
    END IF;
    IF mine.status = 'published' THEN
        RAISE EXCEPTION 'zone % (%) is published already', wanted, mine.lineage USING ERRCODE = 'object_in_use';
    END IF;
    IF NOT mine.is_repeal AND mine.boundary IS NULL
        AND NOT EXISTS (SELECT FROM gridmap.zone_unit WHERE zone_id = wanted AND side = 'in') THEN
        RAISE EXCEPTION 'zone % (%) has neither a boundary nor a unit inside', wanted, mine.lineage
            USING ERRCODE = 'check_violation';
    END IF;
    IF mine.is_repeal AND EXISTS (SELECT FROM gridmap.zone_unit WHERE zone_id = wanted) THEN
        RAISE EXCEPTION 'zone % (%) is a repeal and lists units', wanted, mine.lineage USING ERRCODE = 'check_violation';
    END IF;
    IF mine.is_repeal AND NOT EXISTS (
        SELECT FROM gridmap.zone AS z
        WHERE z.lineage = mine.lineage AND z.status = 'published' AND NOT z.is_repeal
            AND z.in_force @> lower(mine.in_force) AND lower(z.in_force) < lower(mine.in_force)) THEN
        RAISE EXCEPTION 'zone % (%) repeals nothing: no version is in force on %', wanted, mine.lineage, lower(mine.in_force)
            USING ERRCODE = 'object_in_use';
    END IF;
    PERFORM gridmap.settle_zone(wanted);
    -- the predecessor ends the day this one begins; a predecessor that begins later is left to the exclusion constraint
    UPDATE gridmap.zone AS z
    SET in_force = daterange(lower(z.in_force), lower(mine.in_force), '[)')
    WHERE z.lineage = mine.lineage AND z.status = 'published'
      AND z.in_force @> lower(mine.in_force) AND lower(z.in_force) < lower(mine.in_force);
    UPDATE gridmap.zone SET status = 'published' WHERE zone_id = wanted;
END
$$;
COMMENT ON FUNCTION gridmap.publish_zone(bigint) IS 'Makes a draft law: settles it, ends its predecessor the day it begins, and freezes it. A repeal ends its predecessor and draws nothing.';

SELECT gridmap.describe_views();
