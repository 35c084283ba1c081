-- What PostgreSQL holds for Livermore: people, their settings and symbols, what they own, and every alert ever raised.
--
-- This file is the truth; `migrations/` leads an older database here, and a test asserts that both give the same
-- catalogue. All of it lies in a schema of its own, for the database may be shared: nothing else is ever touched.
-- Instants are bigint milliseconds since the Unix epoch, UTC (to_timestamp(x / 1000.0) shows them). Prices and money
-- are numeric without a fixed scale. Secrets are never stored: only the names of environment variables.

CREATE SCHEMA livermore;

CREATE TABLE livermore.schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at bigint NOT NULL
);

-- One row at most: whether this database is of a simulated or of the live market; never of both.
CREATE TABLE livermore.market (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    is_simulated boolean NOT NULL,
    decided_at bigint NOT NULL
);

CREATE TABLE livermore.users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username text NOT NULL UNIQUE CHECK (char_length(username) BETWEEN 1 AND 100),
    email text NOT NULL CHECK (char_length(email) BETWEEN 3 AND 255),
    identity_provider text CHECK (char_length(identity_provider) BETWEEN 1 AND 255),
    identity_sub text CHECK (char_length(identity_sub) BETWEEN 1 AND 255),
    display_name text,
    identity_picture_url text,
    role text NOT NULL DEFAULT 'user' CHECK (role IN ('admin', 'user', 'subscriber_basic', 'subscriber_pro')),
    is_active boolean NOT NULL DEFAULT true,
    last_login_at bigint,
    settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
    settings_version integer NOT NULL DEFAULT 0 CHECK (settings_version >= 0),
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CHECK ((identity_provider IS NULL) = (identity_sub IS NULL))
);
CREATE UNIQUE INDEX users_email ON livermore.users (lower(email));
CREATE UNIQUE INDEX users_identity ON livermore.users (identity_provider, identity_sub) WHERE identity_sub IS NOT NULL;

-- Every document of settings there ever was; the newest stands in users as well.
CREATE TABLE livermore.settings_history (
    user_id bigint NOT NULL REFERENCES livermore.users (id) ON DELETE CASCADE,
    version integer NOT NULL CHECK (version > 0),
    settings jsonb NOT NULL CHECK (jsonb_typeof(settings) = 'object'),
    reason text NOT NULL CHECK (reason IN ('update', 'patch', 'import', 'restore')),
    changed_by text NOT NULL,
    changed_at bigint NOT NULL,
    PRIMARY KEY (user_id, version)
);

CREATE TABLE livermore.exchanges (
    id integer PRIMARY KEY,
    name text NOT NULL UNIQUE,
    display_name text NOT NULL,
    ws_url text,
    rest_url text,
    supported_timeframes text[] NOT NULL,
    api_limits jsonb NOT NULL CHECK (jsonb_typeof(api_limits) = 'object'),
    maker_fee numeric NOT NULL CHECK (maker_fee BETWEEN 0 AND 1),
    taker_fee numeric NOT NULL CHECK (taker_fee BETWEEN 0 AND 1),
    geo_restrictions jsonb NOT NULL CHECK (jsonb_typeof(geo_restrictions) = 'object'),
    has_adapter boolean NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);

-- The fencing token that was claimed last; Redis may forget, this does not.
CREATE TABLE livermore.exchange_epochs (
    exchange_id integer PRIMARY KEY REFERENCES livermore.exchanges (id),
    epoch bigint NOT NULL CHECK (epoch > 0),
    instance_id text NOT NULL,
    claimed_at bigint NOT NULL
);

CREATE TABLE livermore.user_exchanges (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES livermore.users (id) ON DELETE CASCADE,
    exchange_id integer NOT NULL REFERENCES livermore.exchanges (id),
    display_name text,
    api_key_env_var text,
    api_secret_env_var text,
    additional_credentials_env_vars jsonb NOT NULL DEFAULT '{}'
        CHECK (jsonb_typeof(additional_credentials_env_vars) = 'object'),
    is_active boolean NOT NULL DEFAULT true,
    is_default boolean NOT NULL DEFAULT false,
    connection_status text NOT NULL DEFAULT 'unknown'
        CHECK (connection_status IN ('unknown', 'connected', 'failed', 'disabled')),
    connection_error text,
    can_trade boolean,
    can_transfer boolean,
    last_checked_at bigint,
    last_connected_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    UNIQUE (user_id, exchange_id)
);
CREATE UNIQUE INDEX user_exchanges_default ON livermore.user_exchanges (user_id) WHERE is_default;
CREATE INDEX user_exchanges_exchange ON livermore.user_exchanges (exchange_id);

-- Tier 1: what everybody watches on an exchange.
CREATE TABLE livermore.exchange_symbols (
    exchange_id integer NOT NULL REFERENCES livermore.exchanges (id),
    symbol text NOT NULL CHECK (char_length(symbol) BETWEEN 3 AND 40),
    base text NOT NULL,
    quote text NOT NULL,
    rank integer CHECK (rank > 0),
    volume_24h numeric CHECK (volume_24h >= 0),
    is_active boolean NOT NULL DEFAULT true,
    changed_by text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (exchange_id, symbol)
);
CREATE INDEX exchange_symbols_base ON livermore.exchange_symbols (base);

-- Tier 2: what a person watches beyond that.
CREATE TABLE livermore.watchlist_symbols (
    user_id bigint NOT NULL REFERENCES livermore.users (id) ON DELETE CASCADE,
    exchange_id integer NOT NULL REFERENCES livermore.exchanges (id),
    symbol text NOT NULL CHECK (char_length(symbol) BETWEEN 3 AND 40),
    created_at bigint NOT NULL,
    PRIMARY KEY (user_id, exchange_id, symbol)
);
CREATE INDEX watchlist_symbols_exchange ON livermore.watchlist_symbols (exchange_id, symbol);

-- What a person holds on an exchange, and what its fills say of it; costs are in dollars.
CREATE TABLE livermore.positions (
    user_exchange_id bigint NOT NULL REFERENCES livermore.user_exchanges (id) ON DELETE CASCADE,
    currency text NOT NULL CHECK (char_length(currency) BETWEEN 1 AND 40),
    symbol text CHECK (char_length(symbol) BETWEEN 3 AND 40),
    quantity numeric NOT NULL,
    available numeric NOT NULL,
    covered numeric NOT NULL DEFAULT 0,
    cost numeric,
    realised numeric NOT NULL DEFAULT 0,
    last_fill_at bigint,
    synced_at bigint NOT NULL,
    PRIMARY KEY (user_exchange_id, currency)
);
CREATE INDEX positions_symbol ON livermore.positions (symbol);

-- What trading on an exchange has cost a person, as it was read last: what is charged, and fees in several views.
CREATE TABLE livermore.account_fees (
    user_exchange_id bigint PRIMARY KEY REFERENCES livermore.user_exchanges (id) ON DELETE CASCADE,
    document jsonb NOT NULL CHECK (jsonb_typeof(document) = 'object'),
    read_at bigint NOT NULL
);

-- The ledger: one row for each alert as it stands, whatever was said of it in whichever order.
CREATE TABLE livermore.alerts (
    id uuid PRIMARY KEY,
    exchange_id integer NOT NULL REFERENCES livermore.exchanges (id),
    symbol text NOT NULL,
    timeframe text NOT NULL CHECK (timeframe IN ('5m', '15m', '1h', '4h', '1d')),
    open_time bigint NOT NULL,
    close_time bigint NOT NULL CHECK (close_time > open_time),
    label text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('up', 'down')),
    value double precision NOT NULL,
    previous_value double precision NOT NULL,
    signal double precision,
    histogram double precision,
    price numeric NOT NULL CHECK (price > 0),
    stage text NOT NULL,
    bias text NOT NULL,
    timeframes jsonb NOT NULL CHECK (jsonb_typeof(timeframes) = 'array'),
    quality jsonb NOT NULL CHECK (jsonb_typeof(quality) = 'object'),
    times jsonb NOT NULL CHECK (jsonb_typeof(times) = 'object'),
    rule_version text NOT NULL,
    status text NOT NULL CHECK (status IN ('fired', 'late', 'amended', 'retracted')),
    is_simulated boolean NOT NULL,
    epoch bigint NOT NULL,
    stream_ms bigint NOT NULL,
    stream_seq bigint NOT NULL,
    revision integer NOT NULL DEFAULT 0 CHECK (revision >= 0),
    ledgered_at bigint NOT NULL
);
CREATE INDEX alerts_newest ON livermore.alerts (close_time DESC, id DESC);
CREATE INDEX alerts_exchange ON livermore.alerts (exchange_id, close_time DESC, id DESC);
CREATE INDEX alerts_symbol ON livermore.alerts (symbol, close_time DESC, id DESC);
CREATE INDEX alerts_label ON livermore.alerts (label, close_time DESC, id DESC);
CREATE INDEX alerts_timeframe ON livermore.alerts (timeframe, close_time DESC, id DESC);
CREATE INDEX alerts_status ON livermore.alerts (status, close_time DESC, id DESC);

-- What was said of an alert, in the order of the stream: it fired, it was amended, it was retracted.
CREATE TABLE livermore.alert_revisions (
    alert_id uuid NOT NULL REFERENCES livermore.alerts (id) ON DELETE CASCADE,
    epoch bigint NOT NULL,
    stream_ms bigint NOT NULL,
    stream_seq bigint NOT NULL,
    status text NOT NULL CHECK (status IN ('fired', 'late', 'amended', 'retracted')),
    value double precision NOT NULL,
    previous_value double precision NOT NULL,
    signal double precision,
    histogram double precision,
    price numeric NOT NULL CHECK (price > 0),
    stage text NOT NULL,
    bias text NOT NULL,
    timeframes jsonb NOT NULL CHECK (jsonb_typeof(timeframes) = 'array'),
    quality jsonb NOT NULL CHECK (jsonb_typeof(quality) = 'object'),
    times jsonb NOT NULL CHECK (jsonb_typeof(times) = 'object'),
    ledgered_at bigint NOT NULL,
    PRIMARY KEY (alert_id, epoch, stream_ms, stream_seq)
);

-- Entries of the alert stream that could not be read, set aside where they can be seen.
CREATE TABLE livermore.alert_rejects (
    exchange_id integer NOT NULL REFERENCES livermore.exchanges (id),
    stream_ms bigint NOT NULL,
    stream_seq bigint NOT NULL,
    reason text NOT NULL,
    raw bytea NOT NULL,
    rejected_at bigint NOT NULL,
    PRIMARY KEY (exchange_id, stream_ms, stream_seq)
);

-- The outbox: what is to be told to whom on which channel, and what became of it.
CREATE TABLE livermore.alert_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id uuid NOT NULL REFERENCES livermore.alerts (id) ON DELETE CASCADE,
    status_told text NOT NULL CHECK (status_told IN ('fired', 'late', 'amended', 'retracted')),
    user_id bigint NOT NULL REFERENCES livermore.users (id) ON DELETE CASCADE,
    channel text NOT NULL CHECK (char_length(channel) BETWEEN 1 AND 100),
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed', 'suppressed')),
    reason text,
    is_silent boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at bigint NOT NULL,
    claimed_by text,
    claimed_until bigint,
    message_id uuid,
    created_at bigint NOT NULL,
    finished_at bigint,
    -- An alert that is taken back and raised again is told anew: 0 the first time, then 1, 2, …
    turn integer NOT NULL DEFAULT 0 CHECK (turn >= 0),
    UNIQUE (alert_id, status_told, user_id, channel, turn),
    CHECK ((status = 'pending') = (finished_at IS NULL)),
    CHECK (status NOT IN ('failed', 'suppressed') OR reason IS NOT NULL)
);
CREATE INDEX alert_deliveries_due ON livermore.alert_deliveries (due_at, id) WHERE status = 'pending';
CREATE INDEX alert_deliveries_newest ON livermore.alert_deliveries (created_at);
CREATE INDEX alert_deliveries_user ON livermore.alert_deliveries (user_id, id DESC);

CREATE TABLE livermore.api_keys (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES livermore.users (id) ON DELETE CASCADE,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    prefix text NOT NULL,
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    requests_per_minute integer NOT NULL CHECK (requests_per_minute > 0),
    created_at bigint NOT NULL,
    expires_at bigint,
    last_used_at bigint,
    revoked_at bigint
);
CREATE INDEX api_keys_user ON livermore.api_keys (user_id);
