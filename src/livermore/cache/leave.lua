-- Takes an instance that ends from among the live ones; a status of its own that says idle goes with it.
--
-- KEYS: status, instances
-- ARGV: instance id
redis.call('HDEL', KEYS[2], ARGV[1])
local stored = redis.call('GET', KEYS[1])
local is_json, shown = pcall(cjson.decode, stored or '')
if is_json and type(shown) == 'table' and shown.instanceId == ARGV[1] and shown.connectionState == 'idle' then
  redis.call('DEL', KEYS[1])
end
return 1
