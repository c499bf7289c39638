-- Times are seconds since 1970. A lease or a wait of 0 has ended.

CREATE TABLE message (
    key TEXT NOT NULL PRIMARY KEY,      -- the deduplication key of a message that is done
    at INTEGER NOT NULL,
    complaint TEXT,                     -- channel, merchant and id, as a JSON array
    kind TEXT,                          -- the platform's word for its kind
    content BLOB                        -- unchanged, if it is kept
) STRICT;
CREATE INDEX message_at ON message (at);

CREATE TABLE signed (
    digest BLOB NOT NULL PRIMARY KEY,   -- of the string that a push was signed over
    message TEXT NOT NULL,              -- the key of the message that is done with it
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX signed_at ON signed (at);

CREATE TABLE letter (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    channel TEXT NOT NULL,
    merchant TEXT NOT NULL,
    complaint_id TEXT,                  -- if it can be told
    reason TEXT NOT NULL,
    content BLOB NOT NULL,              -- unchanged
    UNIQUE (channel, merchant, content)
) STRICT;

CREATE TABLE complaint (
    row INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    merchant TEXT NOT NULL,
    id TEXT NOT NULL,
    accused TEXT,                       -- the merchant below an agent, as a list or a message named it
    urgency INTEGER NOT NULL,           -- its place in the list: unknown, lapsed, the next deadline, met, closed
    heard INTEGER NOT NULL,             -- how often there was reason to read it
    read INTEGER NOT NULL DEFAULT 0,    -- how many of these reasons the document reflects
    read_at INTEGER,
    fence INTEGER NOT NULL DEFAULT 0,   -- the claim; 0 once it ended
    leased INTEGER NOT NULL DEFAULT 0,  -- the end of the claim's lease
    later INTEGER NOT NULL DEFAULT 0,   -- not to be claimed before
    refused INTEGER NOT NULL DEFAULT 0, -- how often the platform refused it since it was heard of or read
    version INTEGER NOT NULL DEFAULT 0, -- the number of its last event
    payers INTEGER NOT NULL DEFAULT 0,  -- the number of the payer's last event
    changed INTEGER NOT NULL,           -- the time of the last event or message
    alarm INTEGER,                      -- when a deadline becomes near or over next
    closed INTEGER NOT NULL DEFAULT 0,
    state TEXT,
    filed INTEGER,
    reply_due INTEGER,                  -- NULL if it is met or unknown
    finish_due INTEGER,
    amount INTEGER,                     -- fen
    deadlines TEXT,                     -- both, whole, JSON
    standing TEXT,                      -- how it stood, for a sweep to compare
    document TEXT,                      -- JSON, unchanged; NULL before the first reading
    UNIQUE (channel, merchant, id)
) STRICT;
CREATE INDEX complaint_by_deadline ON complaint (urgency, channel, merchant, id);
CREATE INDEX complaint_due ON complaint (channel, merchant, urgency, id) WHERE read < heard;
CREATE INDEX complaint_unread ON complaint (channel, merchant, read_at, id) WHERE read = heard AND closed = 0;
CREATE INDEX complaint_alarm ON complaint (alarm) WHERE alarm IS NOT NULL;
CREATE INDEX complaint_changed ON complaint (changed);

CREATE TABLE entry (
    complaint INTEGER NOT NULL REFERENCES complaint ON DELETE CASCADE,
    place INTEGER NOT NULL,             -- in the platform's order
    id TEXT NOT NULL,
    kind TEXT,
    at INTEGER,
    document TEXT NOT NULL,             -- JSON, unchanged
    PRIMARY KEY (complaint, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    complaint INTEGER NOT NULL REFERENCES complaint ON DELETE CASCADE,
    kind TEXT NOT NULL,
    once TEXT,                          -- a complaint has one event of the kind with this text
    at INTEGER NOT NULL,
    data TEXT NOT NULL                  -- ids and states, JSON
) STRICT;
CREATE INDEX event_complaint ON event (complaint);
CREATE UNIQUE INDEX event_once ON event (complaint, kind, once) WHERE once IS NOT NULL;

CREATE TABLE act (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,           -- the asker's idempotency key
    complaint INTEGER NOT NULL REFERENCES complaint ON DELETE CASCADE,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,              -- the act, JSON
    seen INTEGER NOT NULL,              -- the last event that the asker had seen
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    stage TEXT NOT NULL,                -- asked, sending, done, found, refused, unknown
    state TEXT,                         -- what has to survive a crash, JSON; NULL: certainly not sent
    finished_at INTEGER,
    words TEXT,                         -- the platform's
    fence INTEGER NOT NULL DEFAULT 0,
    leased INTEGER NOT NULL DEFAULT 0,
    later INTEGER NOT NULL DEFAULT 0,
    refused INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX act_complaint ON act (complaint, number);
CREATE INDEX act_in_hand ON act (number, complaint) WHERE finished_at IS NULL;

CREATE TABLE endpoint (
    name TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL           -- the last event that has a row below, or had one
) STRICT, WITHOUT ROWID;

CREATE TABLE handover (
    endpoint TEXT NOT NULL REFERENCES endpoint ON DELETE CASCADE,
    event INTEGER NOT NULL REFERENCES event ON DELETE CASCADE,
    complaint INTEGER NOT NULL,
    failed INTEGER NOT NULL DEFAULT 0,  -- attempts
    fence INTEGER NOT NULL DEFAULT 0,
    leased INTEGER NOT NULL DEFAULT 0,
    later INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0,    -- given up
    PRIMARY KEY (endpoint, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX handover_event ON handover (event);
CREATE INDEX handover_complaint ON handover (endpoint, complaint, event) WHERE dead = 0;

CREATE TABLE claim (last INTEGER NOT NULL) STRICT;  -- one row: the fence that was given last
INSERT INTO claim (last) VALUES (0);
