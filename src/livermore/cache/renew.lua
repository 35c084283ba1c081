-- Writes the status of an instance, or deletes it, if the claim is still its own.
--
-- KEYS: status
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
else
  redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[3])
end
return 1
