CREATE TABLE number (
    number TEXT NOT NULL,               -- of a complaint or of one of its orders, whole, in lower case
    complaint INTEGER NOT NULL REFERENCES complaint ON DELETE CASCADE,
    PRIMARY KEY (number, complaint)
) STRICT, WITHOUT ROWID;
CREATE INDEX number_complaint ON number (complaint);

-- A word is in the text only if its bits are set here. NULL: there is no text.
ALTER TABLE complaint ADD COLUMN signature BLOB;
DROP INDEX complaint_by_deadline;
CREATE INDEX complaint_by_deadline ON complaint (urgency, channel, merchant, id, state, product, signature);

-- The next reading does the same better. A closed complaint is not read again.
UPDATE complaint SET signature = search_signature((SELECT text FROM searched WHERE searched.complaint = row))
WHERE row IN (SELECT complaint FROM searched);
INSERT OR IGNORE INTO number (number, complaint)
SELECT lower(number), complaint FROM (
    SELECT row AS complaint, id AS number FROM complaint WHERE read_at IS NOT NULL
    UNION ALL
    SELECT row, member.value FROM complaint, json_each(iif(json_valid(document), document, '{}')) AS list,
        json_each(iif(list.type = 'array', list.value, '[]')) AS one,
        json_each(iif(one.type = 'object', one.value, '{}')) AS member
    WHERE list.key IN ('complaint_order_info', 'service_order_info', 'complaint_trade_info_list')
        AND member.key IN ('transaction_id', 'out_trade_no', 'wxa_out_trade_no', 'wx_order_id',
                           'order_id', 'out_order_no', 'trade_no', 'out_no')
        AND member.type IN ('text', 'integer')
    UNION ALL
    SELECT row, value FROM complaint, json_each(iif(json_valid(document), json_array(
        document ->> '$.complaintOrder.orderId', document ->> '$.complaintOrder.outTradeNo',
        document ->> '$.trade_no', document ->> '$.id'), '[]'))
    WHERE type IN ('text', 'integer'))
WHERE octet_length(number) BETWEEN 1 AND 128;
