-- What was imported, by whom, from which file, and every row as it was before: so that a batch can be undone.

CREATE TABLE gridmap.import_batch (
    batch_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    layer_id text NOT NULL CHECK (layer_id ~ '^[a-z][a-z0-9_]*$'),
    kind text,
    file_name text NOT NULL CHECK (file_name <> '' AND length(file_name) <= 255),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    sheet text NOT NULL,
    crs text,
    on_day date NOT NULL,
    is_replacing boolean NOT NULL DEFAULT false,
    mapping jsonb NOT NULL,
    counts jsonb NOT NULL,
    column_names jsonb NOT NULL,
    county_codes text [] NOT NULL,
    account_id bigint,
    actor text NOT NULL CHECK (actor <> ''),
    imported_on date NOT NULL DEFAULT gridmap.today(),
    imported_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    undone_by text,
    undone_at timestamptz,
    CONSTRAINT import_batch_undone_by_somebody CHECK ((undone_by IS NULL) = (undone_at IS NULL))
);
CREATE INDEX import_batch_file_idx ON gridmap.import_batch (sha256);
COMMENT ON TABLE gridmap.import_batch IS 'Files that were imported: each changed something, all of it or nothing.';
COMMENT ON COLUMN gridmap.import_batch.batch_id IS 'Key, in the order of imports.';
COMMENT ON COLUMN gridmap.import_batch.layer_id IS 'The layer.';
COMMENT ON COLUMN gridmap.import_batch.kind IS 'The kind, where the layer is imported kind by kind.';
COMMENT ON COLUMN gridmap.import_batch.file_name IS 'Name of the file, without its folder.';
COMMENT ON COLUMN gridmap.import_batch.sha256 IS 'SHA-256 of the file.';
COMMENT ON COLUMN gridmap.import_batch.sheet IS 'The sheet or layer of the file that was read.';
COMMENT ON COLUMN gridmap.import_batch.crs IS 'Coordinate system that its positions were read in; NULL when it had none.';
COMMENT ON COLUMN gridmap.import_batch.on_day IS 'First day of the versions that it wrote.';
COMMENT ON COLUMN gridmap.import_batch.is_replacing IS 'What the file no longer had was ended.';
COMMENT ON COLUMN gridmap.import_batch.mapping IS 'Title of the file -> column; null for what was not read.';
COMMENT ON COLUMN gridmap.import_batch.counts IS 'Rows read; objects new, moved, changed, same, gone.';
COMMENT ON COLUMN gridmap.import_batch.column_names IS 'Table -> columns by which its rows are known to be as the import left them.';
COMMENT ON COLUMN gridmap.import_batch.county_codes IS 'Counties whose objects it changed.';
COMMENT ON COLUMN gridmap.import_batch.account_id IS 'Account that imported; NULL for the command line. No reference: the record outlives the account.';
COMMENT ON COLUMN gridmap.import_batch.actor IS 'Login name, or command line.';
COMMENT ON COLUMN gridmap.import_batch.imported_on IS 'The platform''s day.';
COMMENT ON COLUMN gridmap.import_batch.imported_at IS 'When it was written.';
COMMENT ON COLUMN gridmap.import_batch.undone_by IS 'Who undid it; NULL while it holds.';
COMMENT ON COLUMN gridmap.import_batch.undone_at IS 'When it was undone.';

CREATE TABLE gridmap.import_batch_row (
    batch_id bigint NOT NULL REFERENCES gridmap.import_batch ON DELETE CASCADE,
    relation text NOT NULL,
    row_pk text NOT NULL,
    object_key text NOT NULL,
    county_code text,
    action text NOT NULL CHECK (action IN ('insert', 'update', 'delete')),
    before jsonb,
    after_md5 uuid,
    PRIMARY KEY (batch_id, relation, row_pk),
    CONSTRAINT import_batch_row_was_there CHECK ((action = 'insert') = (before IS NULL)),
    CONSTRAINT import_batch_row_is_there CHECK ((action = 'delete') = (after_md5 IS NULL))
);
CREATE INDEX import_batch_row_of_idx ON gridmap.import_batch_row (relation, row_pk, batch_id);
COMMENT ON TABLE gridmap.import_batch_row IS 'Rows that a batch wrote, each as it was before.';
COMMENT ON COLUMN gridmap.import_batch_row.batch_id IS 'The batch.';
COMMENT ON COLUMN gridmap.import_batch_row.relation IS 'The table.';
COMMENT ON COLUMN gridmap.import_batch_row.row_pk IS 'Primary key of the row.';
COMMENT ON COLUMN gridmap.import_batch_row.object_key IS 'Identifier of the object that the row tells of.';
COMMENT ON COLUMN gridmap.import_batch_row.county_code IS 'County of the object afterwards.';
COMMENT ON COLUMN gridmap.import_batch_row.action IS 'insert, update or delete.';
COMMENT ON COLUMN gridmap.import_batch_row.before IS 'The whole row before, positions as hexadecimal EWKB; NULL when it was new.';
COMMENT ON COLUMN gridmap.import_batch_row.after_md5 IS 'MD5 of the row as the batch left it, over the batch''s column_names: who changed it since is found by it.';

CREATE TABLE gridmap.import_mapping (
    layer_id text NOT NULL,
    kind text NOT NULL,
    header_key text NOT NULL,
    actor text NOT NULL,
    county_code text,
    mapping jsonb NOT NULL,
    crs text,
    saved_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    PRIMARY KEY (layer_id, kind, header_key, actor)
);
COMMENT ON TABLE gridmap.import_mapping IS 'Which title was which column when a file with these titles was last imported.';
COMMENT ON COLUMN gridmap.import_mapping.layer_id IS 'The layer.';
COMMENT ON COLUMN gridmap.import_mapping.kind IS 'The kind, empty where the layer has none.';
COMMENT ON COLUMN gridmap.import_mapping.header_key IS 'Signature of the titles in their order.';
COMMENT ON COLUMN gridmap.import_mapping.actor IS 'Who imported: login name, or command line.';
COMMENT ON COLUMN gridmap.import_mapping.county_code IS 'County of whoever imported, whose other accounts read it too; NULL for the city.';
COMMENT ON COLUMN gridmap.import_mapping.mapping IS 'Title -> column; null for what is not read.';
COMMENT ON COLUMN gridmap.import_mapping.crs IS 'Coordinate system that was said; NULL when none was.';
COMMENT ON COLUMN gridmap.import_mapping.saved_at IS 'When it was last used.';

-- A batch over several counties tells of each: a county sees those that are wholly its own.
SELECT gridmap.keep_to_area(t.name, t.condition) FROM (VALUES
    ('import_batch', 'county_codes <@ (SELECT gridmap.area_counties())::text[]'),
    ('import_batch_row', 'county_code = ANY((SELECT gridmap.area_counties())::text[]) AND EXISTS ('
        'SELECT FROM gridmap.import_batch AS b WHERE b.batch_id = import_batch_row.batch_id)'),
    ('import_mapping', 'county_code = ANY((SELECT gridmap.area_counties())::text[])')
) AS t (name, condition);
