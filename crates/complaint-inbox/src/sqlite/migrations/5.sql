-- Beside the words of a reason: the code by which people's words are chosen, and the platform's own words.
-- Rows of earlier versions have words alone.
ALTER TABLE act ADD COLUMN code TEXT;
ALTER TABLE act ADD COLUMN quote TEXT;
ALTER TABLE letter ADD COLUMN code TEXT;
ALTER TABLE letter ADD COLUMN quote TEXT;
ALTER TABLE picture ADD COLUMN code TEXT;
ALTER TABLE picture ADD COLUMN quote TEXT;
