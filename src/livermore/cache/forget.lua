-- Deletes keys, and the readings that belong to them, unless another instance has claimed the exchange since.
--
-- KEYS: epoch, readings, then the keys to delete
-- ARGV: epoch, then the fields of the readings
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('CLAIMLOST epoch ' .. ARGV[1] .. ' is over')
end
redis.call('HDEL', KEYS[2], unpack(ARGV, 2))
return redis.call('UNLINK', unpack(KEYS, 3))
