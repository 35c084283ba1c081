-- The exchanges we know, with what they publish of their limits and their fees at the lowest tier.

INSERT INTO livermore.exchanges
    (id, name, display_name, ws_url, rest_url, supported_timeframes, api_limits, maker_fee, taker_fee,
     geo_restrictions, has_adapter, created_at, updated_at)
SELECT
    id, name, display_name, ws_url, rest_url, supported_timeframes, api_limits, maker_fee, taker_fee,
    geo_restrictions, has_adapter, now_ms, now_ms
FROM (VALUES
    (1, 'coinbase', 'Coinbase', 'wss://advanced-trade-ws.coinbase.com', 'https://api.coinbase.com',
     ARRAY['1m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '1d'],
     '{"restRequestsPerSecond": 10, "wsConnectionsPerIp": 750, "wsMessagesPerSecond": 8}'::jsonb,
     0.006, 0.012, '{}'::jsonb, true),
    (2, 'binance', 'Binance', 'wss://stream.binance.com:9443', 'https://api.binance.com',
     ARRAY['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h', '1d'],
     '{"restWeightPerMinute": 6000, "wsConnectionsPer5Minutes": 300, "ordersPer10Seconds": 50}'::jsonb,
     0.001, 0.001, '{"blocked": ["US"], "httpStatus": 451}'::jsonb, true),
    (3, 'binance_us', 'Binance US', 'wss://stream.binance.us:9443', 'https://api.binance.us',
     ARRAY['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h', '1d'],
     '{"restWeightPerMinute": 1200, "ordersPer10Seconds": 10}'::jsonb,
     0.004, 0.006, '{"only": ["US"]}'::jsonb, true),
    (4, 'kraken', 'Kraken', 'wss://ws.kraken.com/v2', 'https://api.kraken.com',
     ARRAY['1m', '5m', '15m', '30m', '1h', '4h', '1d'],
     '{"restRequestsPerSecond": 1, "decayPerSecond": 0.33}'::jsonb,
     0.0016, 0.0026, '{}'::jsonb, false),
    (5, 'kucoin', 'KuCoin', 'wss://ws-api-spot.kucoin.com', 'https://api.kucoin.com',
     ARRAY['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h', '1d'],
     '{"restRequestsPerSecond": 10}'::jsonb,
     0.001, 0.001, '{"blocked": ["US"]}'::jsonb, false),
    (6, 'mexc', 'MEXC', 'wss://wbs-api.mexc.com/ws', 'https://api.mexc.com',
     ARRAY['1m', '5m', '15m', '30m', '1h', '4h', '1d'],
     '{"restRequestsPerSecond": 20}'::jsonb,
     0, 0.001, '{"blocked": ["US"]}'::jsonb, false)
) AS known (id, name, display_name, ws_url, rest_url, supported_timeframes, api_limits, maker_fee, taker_fee,
            geo_restrictions, has_adapter)
CROSS JOIN (SELECT (extract(epoch FROM transaction_timestamp()) * 1000)::bigint AS now_ms) AS clock;
