-- Shows an instance that does not serve: among the live ones, and as the status where nobody serves and none is newer.
--
-- KEYS: status, instances
-- ARGV: instance id, time to live in ms, since when it is there, the status to write, its epoch
-- Answers 1 where it is the status, 0 where another one is, or a claim of its own that it does not know of yet; {'unreadable', value} for a foreign value.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local alive = redis.call('HGETALL', KEYS[2])
for field = 1, #alive, 2 do
  local alive_until = tonumber(string.match(alive[field + 1], '^(%d+) '))
  if not alive_until or alive_until < now then
    redis.call('HDEL', KEYS[2], alive[field])
  end
end
redis.call('HSET', KEYS[2], ARGV[1], string.format('%.0f ', now + tonumber(ARGV[2])) .. ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[2])

local stored = redis.call('GET', KEYS[1])
if stored then
  local is_json, shown = pcall(cjson.decode, stored)
  if not is_json or type(shown) ~= 'table' or type(shown.instanceId) ~= 'string'
      or type(shown.connectionState) ~= 'string' or type(shown.registeredAt) ~= 'number' then
    return {'unreadable', stored}
  end
  local is_serving = shown.connectionState ~= 'idle' and shown.connectionState ~= 'stopped'
  local is_newer = shown.registeredAt >= tonumber(ARGV[3])
  local is_mine = shown.instanceId == ARGV[1]
  if not is_mine and (is_serving or is_newer) then
    return 0
  elseif is_mine and (tonumber(shown.epoch) or 0) > tonumber(ARGV[5]) then
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[2])
return 1
