-- Version 2. What lists show of a photo is beside it and in `briefs`, so that a hundred thousand are read in a blink; and
-- what people say: verdicts by hand, and answers to proposals.
ALTER TABLE photos ADD COLUMN changed INTEGER NOT NULL DEFAULT 0; -- number of its last change, by `clock`
ALTER TABLE photos ADD COLUMN rules   TEXT;                       -- JSON: the rules that fired
ALTER TABLE photos ADD COLUMN hand    TEXT;                       -- the last verdict by hand
ALTER TABLE photos ADD COLUMN noted   INTEGER NOT NULL DEFAULT 0; -- there is a note with it
ALTER TABLE photos ADD COLUMN acted   INTEGER NOT NULL DEFAULT 0; -- actions done and not undone
ALTER TABLE photos ADD COLUMN pending INTEGER NOT NULL DEFAULT 0; -- proposals that nobody answered

-- Counts changes. Clocks are set back and transactions end in another order than they took the time; this never does.
CREATE TABLE clock (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  now     INTEGER NOT NULL,
  removed INTEGER NOT NULL               -- photos that were taken out
) STRICT;

-- A report in a few bytes, apart from it: what lies behind a long text in a row costs as much as the text.
CREATE TABLE briefs (
  blake3   TEXT NOT NULL,
  key      TEXT NOT NULL,
  score    REAL NOT NULL,
  level    TEXT NOT NULL,
  look     INTEGER,
  summary  TEXT NOT NULL,                -- JSON: worst severities, values of metrics, when it was taken
  PRIMARY KEY (blake3, key)
) STRICT, WITHOUT ROWID;

-- What was in a file, over time.
CREATE TABLE contents (
  photo    INTEGER NOT NULL,
  blake3   TEXT NOT NULL,
  at       INTEGER NOT NULL,             -- ms since 1970
  PRIMARY KEY (photo, blake3)
) STRICT, WITHOUT ROWID;

-- Verdicts by hand; all of them are kept, the last one counts.
CREATE TABLE verdicts (
  id       INTEGER PRIMARY KEY,
  photo    INTEGER NOT NULL,
  blake3   TEXT,                         -- of what the person saw
  decision TEXT CHECK (decision IN ('accept', 'review', 'reject')), -- NULL takes an earlier one back
  note     TEXT NOT NULL,
  who      TEXT NOT NULL,
  at       INTEGER NOT NULL              -- ms since 1970
) STRICT;
CREATE INDEX verdicts_by_photo ON verdicts (photo, id);

-- Actions that wait for a person's word. Ids are those of the planned actions, so none is there twice.
CREATE TABLE proposals (
  id       TEXT PRIMARY KEY,
  seq      INTEGER NOT NULL,
  photo    INTEGER NOT NULL,
  run      TEXT NOT NULL,
  root     BLOB NOT NULL,                -- the watched folder
  planned  TEXT NOT NULL,                -- JSON: the action
  blake3   TEXT NOT NULL,                -- of the content that it was proposed for
  key      TEXT NOT NULL,
  verdict  TEXT NOT NULL,                -- JSON: what it came from
  made     INTEGER NOT NULL,             -- ms since 1970
  answered INTEGER,                      -- ms since 1970
  refused  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX proposals_by_photo ON proposals (photo, seq);

UPDATE photos SET changed = aged.place
  FROM (SELECT id, row_number() OVER (ORDER BY updated, id) AS place FROM photos) AS aged WHERE aged.id = photos.id;
UPDATE photos SET acted = (SELECT count(*) FROM journal WHERE photo = photos.id AND outcome IS NOT NULL AND undone IS NULL);
INSERT INTO clock VALUES (1, (SELECT count(*) FROM photos), 0);
INSERT INTO contents SELECT id, blake3, updated FROM photos WHERE blake3 IS NOT NULL AND state = 'done';
CREATE INDEX photos_by_change ON photos (changed);

CREATE TRIGGER photo_came AFTER INSERT ON photos BEGIN
  UPDATE clock SET now = now + 1;
  UPDATE photos SET changed = (SELECT now FROM clock) WHERE id = NEW.id;
END;
CREATE TRIGGER photo_changed AFTER UPDATE ON photos WHEN NEW.changed = OLD.changed BEGIN
  UPDATE clock SET now = now + 1;
  UPDATE photos SET changed = (SELECT now FROM clock) WHERE id = NEW.id;
END;
-- Numbers of photos may be given again: nothing of the old one must be left.
CREATE TRIGGER photo_went AFTER DELETE ON photos BEGIN
  UPDATE clock SET removed = removed + 1;
  DELETE FROM contents WHERE photo = OLD.id;
  DELETE FROM verdicts WHERE photo = OLD.id;
  DELETE FROM proposals WHERE photo = OLD.id;
END;
CREATE TRIGGER action_ended AFTER UPDATE OF outcome, undone ON journal BEGIN
  UPDATE photos SET acted =
    (SELECT count(*) FROM journal WHERE photo = NEW.photo AND outcome IS NOT NULL AND undone IS NULL) WHERE id = NEW.photo;
END;
CREATE TRIGGER judged AFTER INSERT ON verdicts BEGIN
  UPDATE photos SET hand = NEW.decision, noted = (NEW.note <> '') WHERE id = NEW.photo;
END;
CREATE TRIGGER proposed AFTER INSERT ON proposals BEGIN
  UPDATE photos SET pending = (SELECT count(*) FROM proposals WHERE photo = NEW.photo AND answered IS NULL)
    WHERE id = NEW.photo;
END;
CREATE TRIGGER answered AFTER UPDATE OF answered ON proposals BEGIN
  UPDATE photos SET pending = (SELECT count(*) FROM proposals WHERE photo = NEW.photo AND answered IS NULL)
    WHERE id = NEW.photo;
END;
