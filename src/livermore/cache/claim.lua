-- Claims an exchange, unless an instance that is neither idle nor stopped serves it.
--
-- KEYS: status, epoch
-- ARGV: instance id, time to live in ms, least epoch before the claim, the status to write, but for its epoch
-- Answers {'claimed', epoch}, {'refused', status of the holder, its time left in ms} or {'unreadable', value}.
local stored = redis.call('GET', KEYS[1])
if stored then
  local is_json, holder = pcall(cjson.decode, stored)
  if not is_json or type(holder) ~= 'table' or type(holder.instanceId) ~= 'string'
      or type(holder.connectionState) ~= 'string' then
    return {'unreadable', stored}
  end
  local is_free = holder.connectionState == 'idle' or holder.connectionState == 'stopped'
  if holder.instanceId ~= ARGV[1] and not is_free then
    return {'refused', stored, redis.call('PTTL', KEYS[1])}
  end
end
local epoch = tonumber(redis.call('GET', KEYS[2]) or '0')
if epoch < tonumber(ARGV[3]) then
  redis.call('SET', KEYS[2], ARGV[3])
end
epoch = string.format('%.0f', redis.call('INCR', KEYS[2]))
redis.call('SET', KEYS[1], '{"epoch":' .. epoch .. ARGV[4], 'PX', ARGV[2])
return {'claimed', epoch}
