/**
 * The journal's schema, forward only: each entry is run once, in order, inside one transaction, and `user_version`
 * counts those done. Never edit an entry that was released: append another. Times are Unix seconds of the cycle's
 * clock; bigints are decimal text.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE identity (only INTEGER PRIMARY KEY CHECK (only = 1), chain_id INTEGER NOT NULL, contract TEXT NOT NULL) STRICT;

  CREATE TABLE ticks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    now INTEGER NOT NULL,
    block_number TEXT,
    finished_at INTEGER,
    outcome TEXT,
    detail TEXT
  ) STRICT;
  CREATE INDEX ticks_now ON ticks (now);

  CREATE TABLE assessments (
    tick INTEGER NOT NULL REFERENCES ticks (id),
    market_id INTEGER NOT NULL,
    market TEXT NOT NULL,
    now INTEGER NOT NULL,
    action TEXT,
    initial_bps INTEGER,
    maintenance_target_bps INTEGER,
    error TEXT,
    summary TEXT,
    PRIMARY KEY (tick, market)
  ) STRICT;

  CREATE TABLE depth_samples (
    market_id INTEGER NOT NULL, time INTEGER NOT NULL, usd REAL NOT NULL, PRIMARY KEY (market_id, time)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE implied_samples (
    market_id INTEGER NOT NULL, time INTEGER NOT NULL, vol REAL NOT NULL, PRIMARY KEY (market_id, time)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE marks (
    market_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('breaker', 'loosening')),
    time INTEGER NOT NULL,
    PRIMARY KEY (market_id, kind, time)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE intents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tick INTEGER NOT NULL REFERENCES ticks (id),
    planned_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (
      status IN ('PLANNED', 'SENT', 'UNKNOWN', 'CONFIRMED', 'REVERTED', 'DROPPED', 'SUPERSEDED')
    ),
    sequence TEXT NOT NULL,
    evidence TEXT NOT NULL,
    batch TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    gas_limit TEXT NOT NULL,
    max_fee_per_gas TEXT NOT NULL,
    max_priority_fee_per_gas TEXT NOT NULL,
    transaction_hash TEXT NOT NULL UNIQUE,
    raw_transaction TEXT NOT NULL,
    block_number TEXT,
    detail TEXT
  ) STRICT;
  CREATE INDEX intents_open ON intents (status) WHERE status IN ('PLANNED', 'SENT', 'UNKNOWN');
  CREATE TABLE intent_markets (
    intent INTEGER NOT NULL REFERENCES intents (id),
    market_id INTEGER NOT NULL,
    initial_bps INTEGER NOT NULL,
    maintenance_target_bps INTEGER NOT NULL,
    as_of INTEGER NOT NULL,
    PRIMARY KEY (intent, market_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX intent_markets_market ON intent_markets (market_id);
  `,
  // Replacement: several transactions may compete for one nonce, never for two at a time, and what ended stays ended.
  `
  ALTER TABLE intents ADD COLUMN kind TEXT NOT NULL DEFAULT 'BATCH' CHECK (kind IN ('BATCH', 'CANCEL'));
  ALTER TABLE intents ADD COLUMN replaces INTEGER REFERENCES intents (id);

  CREATE TRIGGER intents_one_nonce_open BEFORE INSERT ON intents
  WHEN EXISTS (
    SELECT 1 FROM intents
    WHERE status IN ('PLANNED', 'SENT', 'UNKNOWN') AND sender = NEW.sender AND nonce <> NEW.nonce
  )
  BEGIN SELECT RAISE(ABORT, 'an intent of another nonce is open'); END;

  CREATE TRIGGER intents_replace_same_nonce BEFORE INSERT ON intents
  WHEN NEW.replaces IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM intents WHERE id = NEW.replaces AND sender = NEW.sender AND nonce = NEW.nonce
  )
  BEGIN SELECT RAISE(ABORT, 'an intent replaces only one of its own nonce'); END;

  CREATE TRIGGER intents_end_stays BEFORE UPDATE OF status ON intents
  WHEN OLD.status NOT IN ('PLANNED', 'SENT', 'UNKNOWN') AND NEW.status <> OLD.status
  BEGIN SELECT RAISE(ABORT, 'an intent that ended is not changed'); END;
  `,
  // Every volatility that may be held, not implied alone.
  `
  CREATE TABLE volatility_samples (
    market_id INTEGER NOT NULL,
    source TEXT NOT NULL,
    time INTEGER NOT NULL,
    vol REAL NOT NULL,
    PRIMARY KEY (market_id, source, time)
  ) STRICT, WITHOUT ROWID;
  `,
  // Kill switches: each change of each, with its reason; null when it was cleared.
  `
  CREATE TABLE switch_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    reason TEXT
  ) STRICT;
  CREATE INDEX switch_changes_name ON switch_changes (name, id);
  `,
  // Confirmations: what is in a block stays watched until it is final, and may be reopened; what it cost; who was given it.
  `
  ALTER TABLE intents ADD COLUMN block_hash TEXT;
  ALTER TABLE intents ADD COLUMN fee_wei TEXT;
  ALTER TABLE intents ADD COLUMN final INTEGER NOT NULL DEFAULT 0 CHECK (final IN (0, 1));
  ALTER TABLE intents ADD COLUMN tightens INTEGER NOT NULL DEFAULT 1 CHECK (tightens IN (0, 1));
  ALTER TABLE intents ADD COLUMN route TEXT NOT NULL DEFAULT 'public' CHECK (route IN ('public', 'private'));
  ALTER TABLE intents ADD COLUMN planned_block TEXT;
  UPDATE intents SET final = 1 WHERE status NOT IN ('PLANNED', 'SENT', 'UNKNOWN');
  CREATE INDEX intents_watched ON intents (final) WHERE final = 0;

  DROP TRIGGER intents_end_stays;
  CREATE TRIGGER intents_end_stays BEFORE UPDATE OF status ON intents
  WHEN OLD.final = 1 AND NEW.status <> OLD.status
  BEGIN SELECT RAISE(ABORT, 'an intent that is final is not changed'); END;

  DROP TRIGGER intents_one_nonce_open;
  CREATE TRIGGER intents_one_nonce_open BEFORE INSERT ON intents
  WHEN EXISTS (
    SELECT 1 FROM intents
    WHERE status IN ('PLANNED', 'SENT', 'UNKNOWN') AND sender = NEW.sender AND nonce < NEW.nonce
  )
  BEGIN SELECT RAISE(ABORT, 'an intent of an earlier nonce is open'); END;
  `,
  // What was signed for the signer quorum: never two batches of one sequence for a relayer to choose from.
  `
  CREATE TABLE consents (
    digest TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    sequence TEXT NOT NULL,
    deadline INTEGER NOT NULL,
    haircuts TEXT NOT NULL
  ) STRICT;
  CREATE INDEX consents_sequence ON consents (sequence);
  `,
  // Depth after a fall, compared with its own last hour; null in rows written before.
  `
  ALTER TABLE depth_samples ADD COLUMN shocked_usd REAL;
  `,
  // Renamed: what was cleared under the old name stays cleared.
  `
  UPDATE switch_changes SET name = 'submissionHalt' WHERE name = 'breaker';
  `,
  // Exchange rates of claims: what is read is held against a week of it.
  `
  CREATE TABLE rate_samples (
    market_id INTEGER NOT NULL, time INTEGER NOT NULL, rate REAL NOT NULL, PRIMARY KEY (market_id, time)
  ) STRICT, WITHOUT ROWID;
  `,
  // What stood behind both haircuts at the end of each hour, for as long as transactions are kept: live calibration.
  `
  CREATE TABLE promises (
    market_id INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    time INTEGER NOT NULL,
    price_usd REAL NOT NULL,
    initial_volatility REAL NOT NULL,
    maintenance_volatility REAL NOT NULL,
    horizon_hours REAL NOT NULL,
    PRIMARY KEY (market_id, hour)
  ) STRICT, WITHOUT ROWID;
  `,
  // Transactions that bring lenders up to the contract, and how each lender stands. The kind of an old table allows no third.
  `
  ALTER TABLE intents ADD COLUMN lenders INTEGER NOT NULL DEFAULT 0 CHECK (lenders IN (0, 1));
  CREATE TABLE lender_states (
    place INTEGER PRIMARY KEY, state TEXT NOT NULL
  ) STRICT;
  `,
  // Accounts that a lender's events named, and how far those were read: the block to go on from, and the hash of the one before.
  `
  CREATE TABLE lender_cursors (lender TEXT PRIMARY KEY, next TEXT NOT NULL, hash TEXT) STRICT, WITHOUT ROWID;
  CREATE TABLE lender_accounts (
    lender TEXT NOT NULL, account TEXT NOT NULL, PRIMARY KEY (lender, account)
  ) STRICT, WITHOUT ROWID;
  `,
  // How often the journal was taken over: a worker of a fleet writes only while nobody did so after it.
  `
  ALTER TABLE identity ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;
  `,
];
