-- The catalogue grows by kinds of site: a new kind is a row from now on, not a change of a check.

CREATE TABLE gridmap.site_kind (
    kind text PRIMARY KEY CHECK (kind ~ '^[a-z_]+$'),
    name_zh text NOT NULL,
    name_en text NOT NULL,
    sort_order smallint NOT NULL
);
COMMENT ON TABLE gridmap.site_kind IS 'The kinds of supervised site. A new kind is a row and a typed table.';
COMMENT ON COLUMN gridmap.site_kind.kind IS 'Identifier, the same in tables, URLs and classes.';
COMMENT ON COLUMN gridmap.site_kind.name_zh IS 'Term in Chinese.';
COMMENT ON COLUMN gridmap.site_kind.name_en IS 'Term in English.';
COMMENT ON COLUMN gridmap.site_kind.sort_order IS 'Order in legends.';
INSERT INTO gridmap.site_kind (kind, name_zh, name_en, sort_order) VALUES
    ('enterprise', '企业', 'enterprise', 1),
    ('power_plant', '电厂', 'power plant', 2),
    ('machine', '非道路移动机械', 'non-road machine', 3),
    ('coal_outlet', '煤炭销售点', 'coal outlet', 4),
    ('construction_site', '施工工地', 'construction site', 5);

ALTER TABLE gridmap.site DROP CONSTRAINT site_kind_check;
ALTER TABLE gridmap.site ADD CONSTRAINT site_kind_fkey FOREIGN KEY (kind) REFERENCES gridmap.site_kind;
