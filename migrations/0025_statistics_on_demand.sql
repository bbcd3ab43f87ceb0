-- A change of one zone is judged in tenths of a second; counting every cell anew after it took two seconds at 100,000
-- sites. So only whole audits write the numbers at once; after a smaller run whoever asks for them first has them written.

CREATE TABLE gridmap.cell_statistic_run (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    run_id bigint NOT NULL DEFAULT 0
);
INSERT INTO gridmap.cell_statistic_run (only_row) VALUES (true);
COMMENT ON TABLE gridmap.cell_statistic_run IS 'Up to which run cell_statistic holds the numbers of today.';
COMMENT ON COLUMN gridmap.cell_statistic_run.only_row IS 'True: there is one row.';
COMMENT ON COLUMN gridmap.cell_statistic_run.run_id IS 'The newest living run that was counted; 0 before the first.';
