-- Objects of which only the township or county was known are placed by hand on the map: what somebody went by is kept
-- beside the batch that holds the row as it was before, and a village may say that it was placed so.
ALTER TABLE gridmap.village
DROP CONSTRAINT village_placed_by_check,
ADD CONSTRAINT village_placed_by_check
CHECK (placed_by IN ('survey', 'geocode', 'hand', 'township', 'county', 'city'));
COMMENT ON COLUMN gridmap.village.placed_by IS 'survey, geocode, hand (on the map, see placement), or the smallest region it is known to lie in: township, county, city.';

CREATE TABLE gridmap.placement (
    batch_id bigint PRIMARY KEY REFERENCES gridmap.import_batch ON DELETE CASCADE,
    relation text NOT NULL CHECK (relation IN ('site', 'village')),
    object_key text NOT NULL CHECK (object_key <> ''),
    county_code text NOT NULL CHECK (county_code ~ '^[0-9]{6}$'),
    basis text NOT NULL CHECK (basis IN ('address', 'imagery', 'field', 'told', 'other')),
    note text CHECK (note <> '' AND length(note) <= 200),
    typed text NOT NULL CHECK (length(typed) <= 250),
    confirmed text,
    placed_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT placement_other_basis_is_said CHECK (basis <> 'other' OR note IS NOT NULL)
);
CREATE INDEX placement_object_idx ON gridmap.placement (relation, object_key, batch_id);
COMMENT ON TABLE gridmap.placement IS 'Objects placed by hand on the map: what was gone by. The row before and who did it stand with the batch.';
COMMENT ON COLUMN gridmap.placement.batch_id IS 'The batch of this one object, by which it is undone.';
COMMENT ON COLUMN gridmap.placement.relation IS 'The table.';
COMMENT ON COLUMN gridmap.placement.object_key IS 'Identifier of the object.';
COMMENT ON COLUMN gridmap.placement.county_code IS 'County of the object afterwards.';
COMMENT ON COLUMN gridmap.placement.basis IS 'What was gone by: address, imagery (or another map), field (been there), told (by its operator), other.';
COMMENT ON COLUMN gridmap.placement.note IS 'What else was said of it.';
COMMENT ON COLUMN gridmap.placement.typed IS 'The position as it was given, with its coordinate system.';
COMMENT ON COLUMN gridmap.placement.confirmed IS 'Doubts that were shown and confirmed; NULL when there were none.';
COMMENT ON COLUMN gridmap.placement.placed_at IS 'When it was written.';

SELECT gridmap.keep_to_area('placement', 'county_code = ANY((SELECT gridmap.area_counties())::text[])');
SELECT gridmap.keep_log('placement', 'object_key');
