-- Deletes keys, unless another instance has claimed the exchange since.
--
-- KEYS: epoch, then the keys to delete
-- ARGV: epoch
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('CLAIMLOST epoch ' .. ARGV[1] .. ' is over')
end
return redis.call('UNLINK', unpack(KEYS, 2))
