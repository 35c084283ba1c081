-- Lets one instance of an exchange have a command: the one that it names, or that whose status is shown.
--
-- KEYS: status, who has taken the command
-- ARGV: instance id, for how long the taking is remembered in ms, the instance that the command names or ''
-- Answers 'taken', 'again' (it has it already), 'other' (it is somebody else's) or {'gone', who had taken it}: the
-- command is ours to answer, but another instance, which is not there any more, had it.
local is_mine
if ARGV[3] ~= '' then
  is_mine = ARGV[3] == ARGV[1]
else
  local stored = redis.call('GET', KEYS[1])
  local is_json, shown = pcall(cjson.decode, stored or '')
  is_mine = is_json and type(shown) == 'table' and shown.instanceId == ARGV[1]
end
local taken_by = redis.call('GET', KEYS[2])
if taken_by == ARGV[1] then
  return 'again'
elseif not is_mine then
  return 'other'
elseif taken_by then
  return {'gone', taken_by}
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return 'taken'
