-- Writes the status of an instance that serves, and that it is alive, if the claim is still its own.
--
-- Each live instance has a field of the instances, '<instant until which it counts as alive> <its status>'. The fields
-- that are past it go as others are written, the whole key when nobody writes any more.
--
-- KEYS: status, instances
-- ARGV: instance id, epoch, time to live in ms, the status to write or '' to delete it
-- Answers 1, or 0 when the claim has gone to another or has run out; {'unreadable', value} for a foreign value.
local stored = redis.call('GET', KEYS[1])
if not stored then
  return 0
end
local is_json, holder = pcall(cjson.decode, stored)
if not is_json or type(holder) ~= 'table' or type(holder.instanceId) ~= 'string' then
  return {'unreadable', stored}
end
if holder.instanceId ~= ARGV[1] or holder.epoch ~= tonumber(ARGV[2]) then
  return 0
end
if ARGV[4] == '' then
  redis.call('DEL', KEYS[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
  return 1
end
redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('HSET', KEYS[2], ARGV[1], string.format('%.0f ', now + tonumber(ARGV[3])) .. ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
