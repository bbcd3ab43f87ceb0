-- What only one kind of site has is fetched site by site, so that a tile, which shows none of it, never joins for it.
SELECT
    s.site_id AS feature_id, s.geom, s.geom_3857, s.name, s.kind, s.credit_code, s.address, s.county_code,
    (SELECT r.name FROM region AS r WHERE r.code = s.county_code) AS county_name,
    s.region_code, s.reported_region_code,
    CASE s.kind WHEN 'enterprise' THEN (
        SELECT e.industry FROM enterprise AS e WHERE e.site_id = s.site_id
    ) END AS industry,
    CASE s.kind WHEN 'enterprise' THEN (
        SELECT e.is_industrial FROM enterprise AS e WHERE e.site_id = s.site_id
    ) END AS is_industrial,
    CASE s.kind WHEN 'power_plant' THEN (
        SELECT p.fuel FROM power_plant AS p WHERE p.site_id = s.site_id
    ) END AS fuel,
    CASE s.kind WHEN 'power_plant' THEN (
        SELECT p.capacity_mw FROM power_plant AS p WHERE p.site_id = s.site_id
    ) END AS capacity_mw,
    CASE s.kind WHEN 'machine' THEN (
        SELECT m.machine_type FROM machine AS m WHERE m.site_id = s.site_id
    ) END AS machine_type,
    CASE s.kind WHEN 'machine' THEN (
        SELECT m.emission_stage FROM machine AS m WHERE m.site_id = s.site_id
    ) END AS emission_stage,
    CASE s.kind WHEN 'machine' THEN (
        SELECT m.made_on FROM machine AS m WHERE m.site_id = s.site_id
    ) END AS made_on,
    CASE s.kind WHEN 'machine' THEN (
        SELECT m.has_particulate_filter FROM machine AS m WHERE m.site_id = s.site_id
    ) END AS has_particulate_filter,
    CASE s.kind WHEN 'coal_outlet' THEN (
        SELECT o.sells FROM coal_outlet AS o WHERE o.site_id = s.site_id
    ) END AS sells,
    CASE s.kind WHEN 'coal_outlet' THEN (
        SELECT o.role FROM coal_outlet AS o WHERE o.site_id = s.site_id
    ) END AS outlet_role,
    CASE s.kind WHEN 'construction_site' THEN (
        SELECT c.works FROM construction_site AS c WHERE c.site_id = s.site_id
    ) END AS works,
    CASE s.kind WHEN 'construction_site' THEN (
        SELECT c.floor_area_m2 FROM construction_site AS c WHERE c.site_id = s.site_id
    ) END AS floor_area_m2,
    s.opened_on, s.position_error_m, s.placed_by, s.is_demo, s.source, s.note
FROM site AS s
