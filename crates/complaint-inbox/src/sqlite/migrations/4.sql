-- The oldest event of its complaint that is neither delivered nor dead: the others wait for it.
ALTER TABLE handover ADD COLUMN is_oldest INTEGER NOT NULL DEFAULT 0;
UPDATE handover SET is_oldest = 1 WHERE dead = 0 AND NOT EXISTS (
    SELECT 1 FROM handover AS older WHERE older.endpoint = handover.endpoint AND older.dead = 0
    AND older.complaint = handover.complaint AND older.event < handover.event);
CREATE INDEX handover_due ON handover (endpoint, later, event) WHERE is_oldest = 1 AND leased = 0;
CREATE INDEX handover_leased ON handover (endpoint, leased) WHERE leased <> 0;
