CREATE TABLE head (
    one        BIGINT PRIMARY KEY CHECK (one = 1),
    seq        BIGINT NOT NULL,
    time       BIGINT NOT NULL,
    edge       BYTEA NOT NULL,
    generation TEXT,
    mac        BYTEA NOT NULL,
    turn       BIGINT NOT NULL
);
INSERT INTO head VALUES (1, 0, 0, '', NULL, '', 0);

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
    seq     BIGINT NOT NULL,
    started BIGINT NOT NULL,
    ended   BIGINT
);
CREATE INDEX task_of_run ON task (run);
CREATE INDEX task_by_seq ON task (seq);
CREATE INDEX task_by_state ON task (state, seq);

CREATE TABLE call (
    seq        BIGINT PRIMARY KEY,
    caller     TEXT NOT NULL,
    task       TEXT,
    run        TEXT,
    agent      TEXT NOT NULL,
    capability TEXT,
    effect     TEXT NOT NULL CHECK (effect IN ('permit', 'challenge', 'deny')),
    at         BIGINT NOT NULL,
    outcome    TEXT CHECK (outcome IN ('done', 'failed', 'withdrawn')),
    refused    BOOLEAN NOT NULL,
    digest     TEXT NOT NULL,
    redacted   BOOLEAN NOT NULL,
    shares     TEXT
);
CREATE INDEX call_of_task ON call (task, seq);
CREATE INDEX call_without_outcome ON call (seq) WHERE effect = 'permit' AND outcome IS NULL;

CREATE TABLE seen (
    id     TEXT PRIMARY KEY,
    body   TEXT NOT NULL,
    answer TEXT,
    seq    BIGINT NOT NULL,
    mac    BYTEA NOT NULL
);

CREATE TABLE request (
    id      TEXT PRIMARY KEY,
    call    BIGINT NOT NULL,
    task    TEXT,
    state   TEXT NOT NULL,
    asked   BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE TABLE event (
    seq   BIGINT PRIMARY KEY,
    time  BIGINT NOT NULL,
    kind  TEXT NOT NULL,
    task  TEXT,
    call  BIGINT,
    entry BYTEA NOT NULL,
    body  BYTEA
);
CREATE INDEX event_of_task ON event (task, seq) WHERE task IS NOT NULL;

CREATE TABLE generation (
    digest    TEXT PRIMARY KEY,
    seq       BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    ir        BYTEA NOT NULL,
    mapping   BYTEA NOT NULL,
    directory BYTEA NOT NULL
);

CREATE TABLE checkpoint (
    size BIGINT PRIMARY KEY,
    at   BIGINT NOT NULL,
    note TEXT NOT NULL
);

CREATE TABLE tile (
    id     TEXT PRIMARY KEY,
    hashes BYTEA NOT NULL
);

CREATE TABLE meter (
    id         TEXT PRIMARY KEY,
    number     BIGINT NOT NULL,
    known_from BIGINT,
    since      BIGINT,
    active     BOOLEAN NOT NULL,
    needs      TEXT
);

CREATE TABLE cell (
    id     TEXT COLLATE "C" PRIMARY KEY,
    state  TEXT NOT NULL,
    broken BIGINT NOT NULL,
    since  BIGINT
);

CREATE TABLE share (
    id      TEXT COLLATE "C" PRIMARY KEY,
    value   TEXT,
    written TEXT,
    broken  BOOLEAN NOT NULL,
    counts  BOOLEAN NOT NULL
);

CREATE TABLE peak (
    id      TEXT COLLATE "C" PRIMARY KEY,
    at      BIGINT NOT NULL,
    written TEXT NOT NULL
);

CREATE TABLE different (
    id    TEXT COLLATE "C" PRIMARY KEY,
    times BIGINT NOT NULL
);

CREATE TABLE run (
    id         TEXT PRIMARY KEY,
    epoch      BIGINT NOT NULL,
    lines      BIGINT NOT NULL,
    characters BIGINT NOT NULL,
    lost       BOOLEAN NOT NULL
);

CREATE TABLE line (
    id   TEXT COLLATE "C" PRIMARY KEY,
    text TEXT NOT NULL
);
