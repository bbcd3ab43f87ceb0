-- What is repeated at a site is asked for every list of sites and findings: by the few rows that say so, never by
-- walking the sites.

CREATE INDEX finding_resurgence_idx ON gridmap.finding (feature_id) WHERE resurgence_count > 0;
CREATE INDEX inspection_measure_unmet_idx ON gridmap.inspection_measure (inspection_id) WHERE NOT is_met;
