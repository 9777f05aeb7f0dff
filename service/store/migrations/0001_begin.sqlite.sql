CREATE TABLE head (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    seq        INTEGER NOT NULL,
    time       INTEGER NOT NULL,
    edge       BLOB NOT NULL,
    generation TEXT,
    mac        BLOB NOT NULL,
    turn       INTEGER NOT NULL
);
INSERT INTO head VALUES (1, 0, 0, x'', NULL, x'', 0);

CREATE TABLE task (
    id      TEXT PRIMARY KEY,
    run     TEXT NOT NULL,
    parent  TEXT,
    agent   TEXT NOT NULL,
    "user"  TEXT,
    intent  TEXT NOT NULL,
    fields  TEXT NOT NULL,
    state   TEXT NOT NULL CHECK (state IN ('active', 'ended', 'drifted')),
    caller  TEXT NOT NULL,
    context TEXT NOT NULL,
    seq     INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended   INTEGER
);
CREATE INDEX task_of_run ON task (run);
CREATE INDEX task_by_seq ON task (seq);
CREATE INDEX task_by_state ON task (state, seq);

CREATE TABLE call (
    seq        INTEGER PRIMARY KEY,
    caller     TEXT NOT NULL,
    task       TEXT,
    run        TEXT,
    agent      TEXT NOT NULL,
    capability TEXT,
    effect     TEXT NOT NULL CHECK (effect IN ('permit', 'challenge', 'deny')),
    at         INTEGER NOT NULL,
    outcome    TEXT CHECK (outcome IN ('done', 'failed', 'withdrawn')),
    refused    INTEGER NOT NULL,
    digest     TEXT NOT NULL,
    redacted   INTEGER NOT NULL,
    shares     TEXT
);
CREATE INDEX call_of_task ON call (task, seq);
CREATE INDEX call_without_outcome ON call (seq) WHERE effect = 'permit' AND outcome IS NULL;

CREATE TABLE seen (
    id     TEXT PRIMARY KEY,
    body   TEXT NOT NULL,
    answer TEXT,
    seq    INTEGER NOT NULL,
    mac    BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE request (
    id      TEXT PRIMARY KEY,
    call    INTEGER NOT NULL,
    task    TEXT,
    state   TEXT NOT NULL,
    asked   INTEGER NOT NULL,
    expires INTEGER NOT NULL
);

CREATE TABLE event (
    seq   INTEGER PRIMARY KEY,
    time  INTEGER NOT NULL,
    kind  TEXT NOT NULL,
    task  TEXT,
    call  INTEGER,
    entry BLOB NOT NULL,
    body  BLOB
);
CREATE INDEX event_of_task ON event (task, seq) WHERE task IS NOT NULL;

CREATE TABLE generation (
    digest    TEXT PRIMARY KEY,
    seq       INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    ir        BLOB NOT NULL,
    mapping   BLOB NOT NULL,
    directory BLOB NOT NULL
);

CREATE TABLE checkpoint (
    size INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    note TEXT NOT NULL
);

CREATE TABLE tile (
    id     TEXT PRIMARY KEY,
    hashes BLOB NOT NULL
);

CREATE TABLE meter (
    id         TEXT PRIMARY KEY,
    number     INTEGER NOT NULL,
    known_from INTEGER,
    since      INTEGER,
    active     INTEGER NOT NULL,
    needs      TEXT
);

CREATE TABLE cell (
    id     TEXT PRIMARY KEY,
    state  TEXT NOT NULL,
    broken INTEGER NOT NULL,
    since  INTEGER
) WITHOUT ROWID;

CREATE TABLE share (
    id      TEXT PRIMARY KEY,
    value   TEXT,
    written TEXT,
    broken  INTEGER NOT NULL,
    counts  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE peak (
    id      TEXT PRIMARY KEY,
    at      INTEGER NOT NULL,
    written TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE different (
    id    TEXT PRIMARY KEY,
    times INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE run (
    id         TEXT PRIMARY KEY,
    epoch      INTEGER NOT NULL,
    lines      INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    lost       INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE line (
    id   TEXT PRIMARY KEY,
    text TEXT NOT NULL
) WITHOUT ROWID;
