-- Large files are checked and written apart from the request that brought them: here is which, how far, what became of it.
-- And the imports that changed one object are asked for on its page, by its identifier.

CREATE TABLE gridmap.import_job (
    job_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token text NOT NULL CHECK (token ~ '^[0-9a-f]{16}$'),
    account_id bigint NOT NULL REFERENCES gridmap.account ON DELETE CASCADE,
    address text,
    file_name text NOT NULL,
    task text NOT NULL CHECK (task IN ('check', 'write')),
    shown text,
    state text NOT NULL DEFAULT 'queued'
    CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
    step text NOT NULL DEFAULT 'reading' CHECK (step IN ('reading', 'comparing', 'keeping', 'writing')),
    done bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
    total bigint CHECK (total >= 0),
    is_cancel_asked boolean NOT NULL DEFAULT false,
    told_zh text,
    told_en text,
    batch_id bigint,
    queued_at timestamptz NOT NULL DEFAULT gridmap.instant(),
    started_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT import_job_knows_what_was_shown CHECK ((task = 'write') = (shown IS NOT NULL)),
    CONSTRAINT import_job_ended CHECK ((state IN ('queued', 'running')) = (ended_at IS NULL))
);
CREATE UNIQUE INDEX import_job_one_at_a_time_idx ON gridmap.import_job (token) WHERE ended_at IS NULL;
CREATE INDEX import_job_token_idx ON gridmap.import_job (token, job_id);
COMMENT ON TABLE gridmap.import_job IS 'Files that are checked or written apart from a request: waiting, under way, ended.';
COMMENT ON COLUMN gridmap.import_job.job_id IS 'Key, in the order of asking. While it runs its process holds the advisory lock (320040, job_id): no lock, no process.';
COMMENT ON COLUMN gridmap.import_job.token IS 'Names the file that waits below the state folder.';
COMMENT ON COLUMN gridmap.import_job.account_id IS 'Who asked. What he may import is looked up when it runs.';
COMMENT ON COLUMN gridmap.import_job.address IS 'From where, for the log.';
COMMENT ON COLUMN gridmap.import_job.file_name IS 'Name of the file, without its folder.';
COMMENT ON COLUMN gridmap.import_job.task IS 'check: judge it and keep what was found; write: import what was shown.';
COMMENT ON COLUMN gridmap.import_job.shown IS 'What was shown and is to be written; anything else is shown anew instead.';
COMMENT ON COLUMN gridmap.import_job.state IS 'queued, running, done, failed, cancelled, or interrupted: its process ended before it did.';
COMMENT ON COLUMN gridmap.import_job.step IS 'What it is at.';
COMMENT ON COLUMN gridmap.import_job.done IS 'Rows of this step that are done.';
COMMENT ON COLUMN gridmap.import_job.total IS 'Rows of this step, estimated while a file is first read; NULL when nobody knows.';
COMMENT ON COLUMN gridmap.import_job.is_cancel_asked IS 'It is to stop.';
COMMENT ON COLUMN gridmap.import_job.told_zh IS 'Why it failed, in Chinese.';
COMMENT ON COLUMN gridmap.import_job.told_en IS 'Why it failed, in English.';
COMMENT ON COLUMN gridmap.import_job.batch_id IS 'The batch that was written; NULL when there was nothing new.';
COMMENT ON COLUMN gridmap.import_job.queued_at IS 'When it was asked for.';
COMMENT ON COLUMN gridmap.import_job.started_at IS 'When its process began.';
COMMENT ON COLUMN gridmap.import_job.ended_at IS 'When it ended, or was found to have.';

-- names of files and reasons are their sender's: the platform asks on his behalf
REVOKE ALL ON gridmap.import_job FROM gridmap_city, gridmap_area;

CREATE INDEX import_batch_row_object_idx ON gridmap.import_batch_row (object_key, batch_id);
