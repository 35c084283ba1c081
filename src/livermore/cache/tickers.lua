-- Shows the latest prices, unless another instance has claimed the exchange since.
--
-- KEYS: epoch, then one for each ticker
-- ARGV: epoch, time to live in ms, then for each ticker: channel, ticker
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('CLAIMLOST epoch ' .. ARGV[1] .. ' is over')
end
for ticker = 2, #KEYS do
  local text = ARGV[2 * ticker]
  redis.call('SET', KEYS[ticker], text, 'PX', ARGV[2])
  redis.call('PUBLISH', ARGV[2 * ticker - 1], text)
end
return #KEYS - 1
