-- Keeps that an exchange is paused, or that it is not any more, unless another instance has claimed it since.
--
-- KEYS: epoch, pause
-- ARGV: epoch, the pause or '' for none
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('CLAIMLOST epoch ' .. ARGV[1] .. ' is over')
end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[2])
else
  redis.call('SET', KEYS[2], ARGV[2])
end
return 1
