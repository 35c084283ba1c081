-- Puts readings where there are none yet, as a store that an older version has left has none in its hash, unless another
-- instance has claimed the exchange since.
--
-- KEYS: epoch, readings
-- ARGV: epoch, then field, reading …
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('CLAIMLOST epoch ' .. ARGV[1] .. ' is over')
end
for field = 2, #ARGV, 2 do
  redis.call('HSETNX', KEYS[2], ARGV[field], ARGV[field + 1])
end
return 1
