-- Ledgers number what they list as their office does: 豫A-001号, 巩企0012. Such identifiers were refused row by row.
ALTER TABLE gridmap.site
DROP CONSTRAINT site_site_id_check,
ADD CONSTRAINT site_site_id_check CHECK (site_id ~ '^[A-Za-z0-9\u4e00-\u9fff._-]+$');
ALTER TABLE gridmap.conflict_of_interest
DROP CONSTRAINT conflict_of_interest_site_id_check,
ADD CONSTRAINT conflict_of_interest_site_id_check CHECK (site_id ~ '^[A-Za-z0-9\u4e00-\u9fff._-]+$');
ALTER TABLE gridmap.case_file
DROP CONSTRAINT case_file_case_id_check,
ADD CONSTRAINT case_file_case_id_check CHECK (case_id ~ '^[A-Za-z0-9\u4e00-\u9fff._-]+$');
ALTER TABLE gridmap.stack
DROP CONSTRAINT stack_stack_no_check,
ADD CONSTRAINT stack_stack_no_check CHECK (stack_no ~ '^[A-Za-z0-9\u4e00-\u9fff._-]+$');
ALTER TABLE gridmap.road_damage
DROP CONSTRAINT road_damage_damage_id_check,
ADD CONSTRAINT road_damage_damage_id_check CHECK (damage_id ~ '^[A-Za-z0-9\u4e00-\u9fff._-]+$');
ALTER TABLE gridmap.hotspot
DROP CONSTRAINT hotspot_hotspot_id_check,
ADD CONSTRAINT hotspot_hotspot_id_check CHECK (hotspot_id ~ '^[A-Za-z0-9\u4e00-\u9fff._-]+$');
