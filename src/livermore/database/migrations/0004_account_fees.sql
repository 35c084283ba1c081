-- What trading on an exchange has cost a person, as it was read last: what is charged, and fees in several views.

CREATE TABLE livermore.account_fees (
    user_exchange_id bigint PRIMARY KEY REFERENCES livermore.user_exchanges (id) ON DELETE CASCADE,
    document jsonb NOT NULL CHECK (jsonb_typeof(document) = 'object'),
    read_at bigint NOT NULL
);
