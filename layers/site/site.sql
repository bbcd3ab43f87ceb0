-- What only one kind of site has is fetched site by site, so that a tile, which shows none of it, never joins for it.
SELECT
    s.site_id AS feature_id, s.geom, s.geom_3857, s.cell_key, s.name, s.kind, s.credit_code, s.address, s.county_code,
    (SELECT r.name FROM region AS r WHERE r.code = s.county_code) AS county_name,
    s.region_code, s.reported_region_code, s.cell_code, s.square_code,
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
    CASE s.kind WHEN 'enterprise' THEN (
        SELECT t.trade FROM enterprise AS t WHERE t.site_id = s.site_id
    ) END AS trade,
    CASE s.kind WHEN 'enterprise' THEN (
        SELECT t.polluter_class FROM enterprise AS t WHERE t.site_id = s.site_id
    ) END AS polluter_class,
    CASE s.kind WHEN 'power_plant' THEN (
        SELECT t.closing_due_on FROM power_plant AS t WHERE t.site_id = s.site_id
    ) END AS closing_due_on,
    CASE s.kind WHEN 'restaurant' THEN (
        SELECT t.type FROM restaurant AS t WHERE t.site_id = s.site_id
    ) END AS restaurant_type,
    CASE s.kind WHEN 'restaurant' THEN (
        SELECT t.area_m2 FROM restaurant AS t WHERE t.site_id = s.site_id
    ) END AS restaurant_area_m2,
    CASE s.kind WHEN 'restaurant' THEN (
        SELECT t.has_purifier FROM restaurant AS t WHERE t.site_id = s.site_id
    ) END AS has_purifier,
    CASE s.kind WHEN 'machine' THEN (
        SELECT t.machine_number FROM machine AS t WHERE t.site_id = s.site_id
    ) END AS machine_number,
    CASE s.kind WHEN 'vehicle' THEN (
        SELECT t.vehicle_type FROM vehicle AS t WHERE t.site_id = s.site_id
    ) END AS vehicle_type,
    CASE s.kind WHEN 'vehicle' THEN (
        SELECT t.seen_on FROM vehicle AS t WHERE t.site_id = s.site_id
    ) END AS seen_on,
    CASE s.kind WHEN 'market' THEN (
        SELECT t.trade FROM market AS t WHERE t.site_id = s.site_id
    ) END AS market_trade,
    CASE s.kind WHEN 'market' THEN (
        SELECT t.serves_heavy_diesel FROM market AS t WHERE t.site_id = s.site_id
    ) END AS serves_heavy_diesel,
    CASE s.kind WHEN 'gas_station' THEN (
        SELECT t.role FROM gas_station AS t WHERE t.site_id = s.site_id
    ) END AS fuel_role,
    CASE s.kind WHEN 'gas_station' THEN (
        SELECT t.sells_urea FROM gas_station AS t WHERE t.site_id = s.site_id
    ) END AS sells_urea,
    CASE s.kind WHEN 'gas_station' THEN (
        SELECT t.petrol_t_year FROM gas_station AS t WHERE t.site_id = s.site_id
    ) END AS petrol_t_year,
    CASE s.kind WHEN 'gas_station' THEN (
        SELECT t.vapour_recovery_pct FROM gas_station AS t WHERE t.site_id = s.site_id
    ) END AS vapour_recovery_pct,
    CASE s.kind WHEN 'remote_sensor' THEN (
        SELECT t.is_mobile FROM remote_sensor AS t WHERE t.site_id = s.site_id
    ) END AS is_mobile_sensor,
    CASE s.kind
        WHEN 'boiler' THEN (SELECT b.fuel FROM boiler AS b WHERE b.site_id = s.site_id)
        WHEN 'burning_facility' THEN (SELECT f.fuel FROM burning_facility AS f WHERE f.site_id = s.site_id)
    END AS heat_fuel,
    CASE s.kind WHEN 'boiler' THEN (
        SELECT b.capacity_t_h FROM boiler AS b WHERE b.site_id = s.site_id
    ) END AS capacity_t_h,
    CASE s.kind WHEN 'boiler' THEN (
        SELECT b.is_running FROM boiler AS b WHERE b.site_id = s.site_id
    ) END AS is_running,
    CASE s.kind WHEN 'burning_facility' THEN (
        SELECT f.facility FROM burning_facility AS f WHERE f.site_id = s.site_id
    ) END AS facility,
    s.opened_on, s.position_error_m, s.placed_by, s.is_demo, s.source, s.note
FROM site AS s
