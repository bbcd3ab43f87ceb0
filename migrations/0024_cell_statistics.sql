-- How the responsibility cells stand, day by day: what rankings, county and city pages are made of. Cells compare by
-- these numbers, so every reader may see them; what they count stays under row-level security.

CREATE TABLE gridmap.cell_statistic (
    day date NOT NULL,
    cell_code text NOT NULL,
    measure text NOT NULL CHECK (measure ~ '^[a-z]+(_[a-z0-9]+)*(:[a-z]+)?$'),
    value integer NOT NULL CHECK (value >= 0),
    PRIMARY KEY (day, cell_code, measure)
);
CREATE INDEX cell_statistic_trend_idx ON gridmap.cell_statistic (cell_code, measure, day);
COMMENT ON TABLE gridmap.cell_statistic IS 'Numbers of each responsibility cell with all cells below it, and of the city, one day after another; written at the end of a living audit.';
COMMENT ON COLUMN gridmap.cell_statistic.day IS 'The day that the platform stood on.';
COMMENT ON COLUMN gridmap.cell_statistic.cell_code IS 'The cell; the code of the city counts what lies in no cell too.';
COMMENT ON COLUMN gridmap.cell_statistic.measure IS 'What is counted: a term of the glossary (cell_measure), or breach:<theme of rules>. A cell that stood that day has the measure cell.';
COMMENT ON COLUMN gridmap.cell_statistic.value IS 'The number. A measure without a row is 0.';

-- Cells are few beside squares, and asked for all at once.
CREATE INDEX grid_cell_responsibility_idx ON gridmap.grid_cell (cell_code) WHERE kind = 'responsibility';

-- Which squares a road passes, and where their middle lies, changes with roads and grid only: asking anew at the end of
-- each audit took more than half of its statistics' time.
CREATE TABLE gridmap.road_square (
    cell_key bigint PRIMARY KEY,
    square_code text NOT NULL,
    county_code text,
    cell_code text,
    version bigint NOT NULL,
    day date NOT NULL
);
COMMENT ON TABLE gridmap.road_square IS 'The 1 km squares that a road passes, placed in the responsibility cells; derived, kept for cell_statistic.';
COMMENT ON COLUMN gridmap.road_square.cell_key IS 'The square.';
COMMENT ON COLUMN gridmap.road_square.square_code IS 'Code of the square.';
COMMENT ON COLUMN gridmap.road_square.county_code IS 'County of its middle.';
COMMENT ON COLUMN gridmap.road_square.cell_code IS 'The responsibility cell that holds its middle; NULL outside all.';
COMMENT ON COLUMN gridmap.road_square.version IS 'Data version of roads and grid that it was asked with.';
COMMENT ON COLUMN gridmap.road_square.day IS 'Day that it was asked for: cells come into force.';
