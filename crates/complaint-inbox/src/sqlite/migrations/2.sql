CREATE TABLE picture (
    row INTEGER PRIMARY KEY,
    complaint INTEGER NOT NULL REFERENCES complaint ON DELETE CASCADE,
    number INTEGER NOT NULL,            -- from 1, in the order in which they were first seen
    place TEXT NOT NULL,                -- what names it in the complaint; its link changes at each reading
    fence INTEGER NOT NULL DEFAULT 0,
    leased INTEGER NOT NULL DEFAULT 0,
    later INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0,
    reason TEXT,                        -- of the last failure
    failed_read INTEGER,                -- the complaint's `read` at the last failure
    finished_at INTEGER,                -- when it was kept or given up
    content BLOB,                       -- unchanged; NULL unless it is kept
    UNIQUE (complaint, number),
    UNIQUE (complaint, place)
) STRICT;
CREATE INDEX picture_wanted ON picture (row, complaint) WHERE finished_at IS NULL;

CREATE TABLE phone_look (               -- a person was shown the payer's telephone number
    number INTEGER PRIMARY KEY,
    complaint INTEGER NOT NULL REFERENCES complaint ON DELETE CASCADE,
    by TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX phone_look_complaint ON phone_look (complaint, number);
