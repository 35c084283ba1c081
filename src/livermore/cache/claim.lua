-- Claims an exchange, unless an instance that is neither idle nor stopped serves it.
--
-- An instance that is known to be gone does not serve it, if it is still that very one, with the same epoch.
--
-- KEYS: status, epoch, instances
-- ARGV: instance id, time to live in ms, least epoch before the claim, instance id and epoch of who is gone or '' and
--   '', the status to write, but for its epoch
-- Answers {'claimed', epoch}, {'refused', status of the holder, its time left in ms} or {'unreadable', value}.
local stored = redis.call('GET', KEYS[1])
if stored then
  local is_json, holder = pcall(cjson.decode, stored)
  if not is_json or type(holder) ~= 'table' or type(holder.instanceId) ~= 'string'
      or type(holder.connectionState) ~= 'string' then
    return {'unreadable', stored}
  end
  local is_free = holder.connectionState == 'idle' or holder.connectionState == 'stopped'
  local is_gone = ARGV[4] ~= '' and holder.instanceId == ARGV[4] and holder.epoch == tonumber(ARGV[5])
  if holder.instanceId ~= ARGV[1] and not is_free and not is_gone then
    return {'refused', stored, redis.call('PTTL', KEYS[1])}
  end
  if is_gone then
    redis.call('HDEL', KEYS[3], ARGV[4])
  end
end
local epoch = tonumber(redis.call('GET', KEYS[2]) or '0')
if epoch < tonumber(ARGV[3]) then
  redis.call('SET', KEYS[2], ARGV[3])
end
epoch = string.format('%.0f', redis.call('INCR', KEYS[2]))
redis.call('SET', KEYS[1], '{"epoch":' .. epoch .. ARGV[6], 'PX', ARGV[2])
return {'claimed', epoch}
