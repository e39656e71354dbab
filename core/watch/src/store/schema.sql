-- Version 1. One row a file: what became of it. Its result is found by what was in it and what inspected it.
CREATE TABLE photos (
  id          INTEGER PRIMARY KEY,
  path        BLOB NOT NULL UNIQUE,      -- as the system has it: names need not be UTF-8
  root        BLOB NOT NULL,             -- the watched folder that it came from
  bytes       INTEGER NOT NULL,
  modified_ns TEXT NOT NULL,             -- 128 bits: clocks may be set to anything
  inode       INTEGER NOT NULL,
  device      INTEGER NOT NULL,
  blake3      TEXT,                      -- of its content, once it was read
  key         TEXT,                      -- what inspected it, once it was done
  state       TEXT NOT NULL CHECK (state IN ('seen', 'waiting', 'running', 'done', 'failed', 'skipped')),
  fresh       INTEGER NOT NULL DEFAULT 0,-- came while watching, so goes before what was there already
  attempts    INTEGER NOT NULL DEFAULT 0,
  not_before  INTEGER NOT NULL DEFAULT 0,-- ms since 1970: a retry waits
  reason      TEXT,                      -- why it failed, was skipped, or waits
  planned     TEXT,                      -- JSON: what the rules decided, until all of it is done
  decision    TEXT,
  gone        INTEGER NOT NULL DEFAULT 0,
  updated     INTEGER NOT NULL           -- ms since 1970
) STRICT;
CREATE INDEX photos_by_state ON photos (state, attempts, fresh DESC, id);
CREATE INDEX photos_by_content ON photos (blake3);

-- One row a content and set of components: the report.
CREATE TABLE results (
  blake3   TEXT NOT NULL,
  key      TEXT NOT NULL,
  report   TEXT NOT NULL,                -- giqa.report/1; its path is where the content was seen first
  camera   TEXT NOT NULL,                -- JSON
  look     INTEGER,                      -- perceptual hash
  score    REAL NOT NULL,
  level    TEXT NOT NULL,
  created  INTEGER NOT NULL,
  PRIMARY KEY (blake3, key)
) STRICT, WITHOUT ROWID;

-- Every action, written before it is begun.
CREATE TABLE journal (
  id       TEXT PRIMARY KEY,
  seq      INTEGER NOT NULL,
  run      TEXT NOT NULL,
  photo    INTEGER NOT NULL,
  kind     TEXT NOT NULL,
  target   BLOB,                         -- the file that it makes, which is no photo that arrived
  intent   TEXT NOT NULL,                -- JSON
  outcome  TEXT,                         -- JSON, once it was done
  error    TEXT,
  undone   INTEGER,                      -- ms since 1970
  begun    INTEGER NOT NULL,
  ended    INTEGER
) STRICT;
CREATE INDEX journal_by_photo ON journal (photo, seq);
CREATE INDEX journal_by_target ON journal (target) WHERE target IS NOT NULL;
CREATE INDEX journal_by_run ON journal (run, seq);
