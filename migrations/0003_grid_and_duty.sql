-- The grid of supervision: responsibility cells, 1 km squares of EPSG:4547, and who answers for each.

CREATE TABLE gridmap.grid_cell (
    grid_cell_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cell_code text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('responsibility', 'square')),
    level text NOT NULL CHECK (level IN ('city', 'county', 'township', 'village', 'unit', 'km')),
    name text NOT NULL,
    parent_code text,
    county_code text CHECK (county_code ~ '^[0-9]{6}$'),
    cell_key bigint,
    in_force daterange NOT NULL DEFAULT '(,)' CHECK (NOT isempty(in_force)),
    geom geometry(MultiPolygon, 4490) NOT NULL CHECK (gridmap.is_sound(geom)),
    geom_m geometry(MultiPolygon, 4547) GENERATED ALWAYS AS (ST_Transform(geom, 4547)) STORED,
    geom_3857 geometry(MultiPolygon, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    position_error_m double precision NOT NULL CHECK (position_error_m >= 0 AND position_error_m < 200000),
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT grid_cell_one_version_a_day EXCLUDE USING gist (cell_code WITH =, in_force WITH &&),
    CONSTRAINT grid_cell_square_has_key CHECK ((kind = 'square') = (cell_key IS NOT NULL AND level = 'km'))
);
CREATE INDEX grid_cell_geom_m_idx ON gridmap.grid_cell USING gist (geom_m);
CREATE INDEX grid_cell_geom_3857_idx ON gridmap.grid_cell USING gist (geom_3857);
CREATE INDEX grid_cell_key_idx ON gridmap.grid_cell (cell_key) WHERE cell_key IS NOT NULL;
COMMENT ON TABLE gridmap.grid_cell IS 'Cells of supervision: responsibility cells (administrative) and 1 km squares.';
COMMENT ON COLUMN gridmap.grid_cell.grid_cell_id IS 'Key of this version.';
COMMENT ON COLUMN gridmap.grid_cell.cell_code IS 'Code: the division code for administrative cells, E<km>N<km> of EPSG:4547 for squares.';
COMMENT ON COLUMN gridmap.grid_cell.kind IS 'responsibility: somebody answers for it; square: a 1 km square of the national grid.';
COMMENT ON COLUMN gridmap.grid_cell.level IS 'city, county, township, village, unit, or km for squares.';
COMMENT ON COLUMN gridmap.grid_cell.name IS 'Name for reading.';
COMMENT ON COLUMN gridmap.grid_cell.parent_code IS 'Code of the cell above.';
COMMENT ON COLUMN gridmap.grid_cell.county_code IS 'County it belongs to; for a square the county of its centre.';
COMMENT ON COLUMN gridmap.grid_cell.cell_key IS 'For squares: floor(E/1000)*100000 + floor(N/1000).';
COMMENT ON COLUMN gridmap.grid_cell.in_force IS 'Days on which the cell stands, [from, to).';
COMMENT ON COLUMN gridmap.grid_cell.geom IS 'Outline, EPSG:4490.';
COMMENT ON COLUMN gridmap.grid_cell.geom_m IS 'Outline in metres, EPSG:4547.';
COMMENT ON COLUMN gridmap.grid_cell.geom_3857 IS 'Outline for tiles, EPSG:3857.';
COMMENT ON COLUMN gridmap.grid_cell.position_error_m IS 'How far the outline may be off, metres; 0 for squares, which are exact by definition.';
COMMENT ON COLUMN gridmap.grid_cell.source IS 'Where the outline comes from.';
COMMENT ON COLUMN gridmap.grid_cell.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('grid_cell');

CREATE TABLE gridmap.duty (
    duty_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cell_code text NOT NULL,
    role text NOT NULL CHECK (role IN ('chief', 'officer', 'patroller', 'supervisor')),
    post text NOT NULL CHECK (post <> ''),
    in_force daterange NOT NULL CHECK (NOT isempty(in_force)),
    recorded_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    CONSTRAINT duty_one_post_a_role EXCLUDE USING gist (cell_code WITH =, role WITH =, post WITH =, in_force WITH &&)
);
CREATE INDEX duty_cell_idx ON gridmap.duty (cell_code);
COMMENT ON TABLE gridmap.duty IS 'Who answers for a cell, in which role, from when to when.';
COMMENT ON COLUMN gridmap.duty.duty_id IS 'Key.';
COMMENT ON COLUMN gridmap.duty.cell_code IS 'The cell.';
COMMENT ON COLUMN gridmap.duty.role IS 'chief 网格长, officer 网格员, patroller 巡查员 or supervisor 监督员.';
COMMENT ON COLUMN gridmap.duty.post IS 'The post, never a person''s name (网格长-410181113-01).';
COMMENT ON COLUMN gridmap.duty.in_force IS 'Days of the duty, [from, to).';
COMMENT ON COLUMN gridmap.duty.recorded_at IS 'When this row was written; judging never reads it.';
SELECT gridmap.watch('duty');
