DROP TABLE request;
CREATE TABLE request (
    id         TEXT PRIMARY KEY,
    digest     TEXT NOT NULL,
    call       BIGINT NOT NULL,
    task       TEXT NOT NULL,
    agent      TEXT NOT NULL,
    capability TEXT NOT NULL,
    policy     TEXT NOT NULL,
    asks       TEXT NOT NULL,
    asked_for  TEXT,
    state      TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'refused', 'expired', 'cancelled')),
    asked      BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    answered   BIGINT,
    message    TEXT
);
CREATE INDEX request_of_digest ON request (digest, asked);
CREATE INDEX request_by_state ON request (state, call);
CREATE INDEX request_of_task ON request (task, expires) WHERE state = 'pending';
CREATE INDEX request_of_agent ON request (agent, expires) WHERE state = 'pending';
CREATE INDEX request_by_end ON request (expires) WHERE state = 'pending';

CREATE TABLE verdict (
    id         TEXT PRIMARY KEY,
    request    TEXT NOT NULL,
    digest     TEXT NOT NULL,
    task       TEXT NOT NULL,
    capability TEXT NOT NULL,
    person     TEXT NOT NULL,
    roles      TEXT NOT NULL,
    verdict    TEXT NOT NULL CHECK (verdict IN ('approve', 'refuse')),
    at         BIGINT NOT NULL,
    used       BIGINT,
    caller     TEXT NOT NULL
);
CREATE INDEX verdict_of_task ON verdict (task, capability);
CREATE INDEX verdict_of_request ON verdict (request);

CREATE TABLE person (
    id     TEXT PRIMARY KEY,
    roles  TEXT NOT NULL,
    source TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    at     BIGINT NOT NULL,
    folded TEXT NOT NULL,
    until  BIGINT,
    out    BIGINT
);
CREATE UNIQUE INDEX person_folded ON person (folded);

CREATE TABLE passkey (
    id         TEXT PRIMARY KEY,
    person     TEXT NOT NULL,
    credential TEXT NOT NULL UNIQUE,
    public_key TEXT NOT NULL,
    count      BIGINT NOT NULL,
    site       TEXT NOT NULL,
    origin     TEXT NOT NULL,
    code       TEXT UNIQUE,
    at         BIGINT NOT NULL,
    removed    BIGINT
);
CREATE INDEX passkey_of_person ON passkey (person);

CREATE TABLE lease (
    id           TEXT PRIMARY KEY,
    seq          BIGINT NOT NULL,
    task         TEXT NOT NULL,
    agent        TEXT NOT NULL,
    caller       TEXT NOT NULL,
    capabilities TEXT NOT NULL,
    asked_for    TEXT NOT NULL,
    policy       TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('active', 'revoked', 'expired')),
    issued       BIGINT NOT NULL,
    decided      BIGINT NOT NULL,
    expires      BIGINT NOT NULL,
    renewed      BIGINT NOT NULL,
    renew        BIGINT NOT NULL,
    agreed       BOOLEAN NOT NULL,
    chained      BOOLEAN NOT NULL,
    proved       TEXT,
    ended        BIGINT,
    cause        TEXT,
    end_seq      BIGINT,
    person       TEXT,
    acts_for     TEXT,
    change_seq   BIGINT
);
CREATE INDEX lease_by_end ON lease (end_seq);
CREATE INDEX lease_by_change ON lease (change_seq) WHERE end_seq IS NULL;
CREATE INDEX lease_in_chain ON lease (id) WHERE chained AND state = 'active';
CREATE INDEX lease_of_agent ON lease (agent) WHERE state = 'active';
CREATE INDEX lease_of_person ON lease (lower(person)) WHERE state = 'active';
CREATE INDEX lease_for_others ON lease (id) WHERE acts_for IS NOT NULL AND state = 'active';
CREATE INDEX lease_by_seq ON lease (seq);
CREATE INDEX lease_of_task ON lease (task, state, expires);
CREATE INDEX lease_of_people ON lease (agreed, state);
CREATE INDEX lease_by_policy ON lease (state, policy);
CREATE INDEX lease_by_expiry ON lease (state, expires);

CREATE TABLE notice (
    channel TEXT PRIMARY KEY,
    upto    BIGINT NOT NULL
);

CREATE TABLE session (
    id      TEXT PRIMARY KEY,
    person  TEXT NOT NULL,
    methods TEXT NOT NULL,
    at      BIGINT NOT NULL,
    ends    BIGINT NOT NULL
);
CREATE INDEX session_of_person ON session (person, ends);

CREATE TABLE receiver (
    name TEXT PRIMARY KEY,
    upto BIGINT NOT NULL
);

CREATE TABLE proof (
    id    TEXT PRIMARY KEY,
    until BIGINT NOT NULL
);
CREATE INDEX proof_by_end ON proof (until);
