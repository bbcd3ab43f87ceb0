SELECT
    z.lineage AS feature_id, z.geom, z.geom_3857, z.name, z.zone_id, z.version, z.kind, z.class, z.county_code, z.issuer,
    z.document, z.document_number, z.signed_on, lower(z.in_force) AS begins_on, upper(z.in_force) AS ends_on,
    z.phase, z.boundary_wording, z.road_included, z.exemptions, z.deadline_on, z.reason, z.is_sketch,
    z.position_error_m, z.source, z.note
FROM zone AS z
