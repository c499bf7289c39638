CREATE TABLE session (
    digest BLOB NOT NULL PRIMARY KEY,   -- of the token that a person's browser holds
    user TEXT NOT NULL,
    opened INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user);
CREATE INDEX session_expires ON session (expires);

CREATE TABLE deed (                     -- a person did something
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    user TEXT NOT NULL,
    word TEXT NOT NULL,
    complaint INTEGER REFERENCES complaint ON DELETE CASCADE,
    detail TEXT                         -- no personal data
) STRICT;
CREATE INDEX deed_complaint ON deed (complaint, word) WHERE complaint IS NOT NULL;
CREATE INDEX deed_at ON deed (at) WHERE complaint IS NULL;

INSERT INTO deed (at, user, word, complaint) SELECT at, by, 'phone-shown', complaint FROM phone_look ORDER BY number;
DROP TABLE phone_look;

ALTER TABLE complaint ADD COLUMN product TEXT;
-- The columns that a filter compares.
DROP INDEX complaint_by_deadline;
CREATE INDEX complaint_by_deadline ON complaint (urgency, channel, merchant, id, state, product);
CREATE INDEX complaint_state ON complaint (state) WHERE state IS NOT NULL;
CREATE INDEX complaint_product ON complaint (product) WHERE product IS NOT NULL;

CREATE TABLE searched (                 -- the text by which a complaint is found
    complaint INTEGER PRIMARY KEY REFERENCES complaint ON DELETE CASCADE,
    text TEXT NOT NULL                  -- order numbers and a payer's words, in lower case
) STRICT;

-- The next reading does the same better. A closed complaint is not read again.
UPDATE complaint SET product = substr(document ->> '$.complaintOrder.productName', 1, 64)
WHERE json_valid(document) AND json_type(document, '$.complaintOrder.productName') = 'text';
INSERT INTO searched (complaint, text)
SELECT row, lower(substr(concat_ws(char(10),
    (SELECT group_concat(concat_ws(char(10), value ->> 'transaction_id', value ->> 'out_trade_no',
                                   value ->> 'wxa_out_trade_no', value ->> 'wx_order_id'), char(10))
     FROM json_each(document, '$.complaint_order_info') WHERE type = 'object'),
    document ->> '$.complaintOrder.orderId', document ->> '$.complaintOrder.outTradeNo', document ->> '$.trade_no',
    document ->> '$.complaintOrder.productName', document ->> '$.problem_description',
    document ->> '$.complaint_detail', document ->> '$.complaintOrder.customerMaterial.content',
    document ->> '$.complain_content'), 1, 1024))
FROM complaint WHERE json_valid(document);

-- When the merchant replied and finished first: NULL is unknown, 0 not yet, -1 at an unknown time.
ALTER TABLE complaint ADD COLUMN reply INTEGER;
ALTER TABLE complaint ADD COLUMN finish INTEGER;
ALTER TABLE complaint ADD COLUMN times INTEGER;                         -- how often the payer filed it
ALTER TABLE complaint ADD COLUMN overdue INTEGER NOT NULL DEFAULT 0;    -- a deadline has passed
UPDATE complaint SET
    reply = (SELECT iif(count(*) = count(at), min(at), -1) FROM entry WHERE complaint = row AND kind IN (
        'MERCHANT_RESPONSE', 'MERCHANT_CONFIRM_COMPLETE', 'MERCHANT_LAUNCH_CONFIRM_PROCESS',
        'MERCHANT_APPROVE_REFUND', 'MERCHANT_REFUSE_RERUND')),
    finish = (SELECT iif(count(*) = count(at), min(at), -1) FROM entry WHERE complaint = row
        AND kind = 'MERCHANT_CONFIRM_COMPLETE'),
    overdue = EXISTS (SELECT 1 FROM event WHERE event.complaint = complaint.row AND kind = 'deadline.over');
UPDATE complaint SET times = document ->> '$.user_complaint_times'
WHERE json_valid(document) AND document ->> '$.user_complaint_times' BETWEEN 1 AND 4294967295
AND json_type(document, '$.user_complaint_times') = 'integer';
CREATE INDEX complaint_numbers ON complaint (filed, channel, merchant, reply, finish, times, overdue)
WHERE filed IS NOT NULL;

-- The newest number comes first, and one that was never read before all: a first sweep finds many old ones.
DROP INDEX complaint_due;
CREATE INDEX complaint_due ON complaint (channel, merchant, urgency, read_at IS NOT NULL, length(id) DESC, id DESC)
WHERE read < heard;
