-- Writes one commit, or nothing when another instance has claimed the exchange since, or when it is written already.
--
-- A writer numbers its commits from 1. What comes again after an unknown outcome, be it from a connection that was given
-- up long ago, has a number that was there, and what comes after a commit that failed has one that is too high.
--
-- Its first one follows what the writer has read: where the store came back older since, that was not what there is.
--
-- KEYS: epoch, latest commit, alert stream, alert ids, readings, then for each series: candles, indicator
-- ARGV: epoch, writer, number of the commit, the latest one ('writer number') that was read, or '*', candles to keep,
--   alerts channel, number of series, then
--   for each series: field of its reading, close channel, indicator channel, revision channel, value, state, 1 if it
--     replaces all before, number of runs, then for each run (candles without a hole between them, oldest first): number of candles, then
--     opening, candle …
--   for each alert: id, status, token of the commit, close, alert
-- Answers the number of alerts that were new.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return redis.error_reply('CLAIMLOST epoch ' .. ARGV[1] .. ' is over')
end

local latest = redis.call('HMGET', KEYS[2], 'writer', 'number')
local number = tonumber(ARGV[3])
local written = latest[1] == ARGV[2] and tonumber(latest[2]) or 0
if number <= written then
  return 0
elseif number > written + 1 then
  return redis.error_reply('OUTOFORDER commit ' .. ARGV[3] .. ' comes after ' .. string.format('%.0f', written))
elseif latest[1] ~= ARGV[2] and ARGV[4] ~= '*' and ARGV[4] ~= (latest[1] or '') .. ' ' .. (latest[2] or '') then
  return redis.error_reply('OUTOFORDER the latest commit is not the one that was read')
end

-- The openings from one to another that a set of candles has.
local function scores_between(candles, first, last)
  local scores, members = {}, redis.call('ZRANGEBYSCORE', candles, first, last, 'WITHSCORES')
  for score = 2, #members, 2 do
    scores[members[score]] = true
  end
  return scores
end

local RETENTION_SECONDS = 90 * 86400
local oldest_rank = -tonumber(ARGV[5]) - 1
local at = 8
local values, readings = {}, {}

for series = 1, tonumber(ARGV[7]) do
  local candles = KEYS[4 + 2 * series]
  local close_channel, indicator_channel, revision_channel = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local value, state = ARGV[at + 4], ARGV[at + 5]
  readings[2 * series - 1], readings[2 * series] = ARGV[at], value
  local is_whole = ARGV[at + 6] == '1'
  if is_whole then
    redis.call('ZREMRANGEBYRANK', candles, 0, -1)
  end
  local runs = tonumber(ARGV[at + 7])
  at = at + 8
  for _ = 1, runs do
    local count = tonumber(ARGV[at])
    local first, last = at + 1, at + 2 * count
    local known = is_whole and {} or scores_between(candles, ARGV[first], ARGV[last - 1])
    if next(known) then
      redis.call('ZREMRANGEBYSCORE', candles, ARGV[first], ARGV[last - 1])
    end
    redis.call('ZADD', candles, unpack(ARGV, first, last))
    -- What was there already is shown again, but not as a close: that was said once. Of a history nothing but its
    -- newest candle is news.
    for opening = is_whole and last - 1 or first, last - 1, 2 do
      redis.call('PUBLISH', known[ARGV[opening]] and revision_channel or close_channel, ARGV[opening + 1])
    end
    at = last + 1
  end
  if runs > 0 then
    redis.call('ZREMRANGEBYRANK', candles, 0, oldest_rank)
  end
  values[2 * series - 1] = KEYS[5 + 2 * series]
  values[2 * series] = string.sub(value, 1, -2) .. ',"state":' .. state .. '}'
  redis.call('PUBLISH', indicator_channel, value)
end
if #values > 0 then
  redis.call('MSET', unpack(values))
  redis.call('HSET', KEYS[5], unpack(readings))
end

-- An alert is news when no commit has raised it yet, or when the last word on it was a retraction; a change of an alert
-- is news always. It is noted after it was appended: a script that fails on the way can be given again.
local function is_news(id, status)
  local ids = KEYS[4]
  return status ~= 'fired' and status ~= 'late'
    or not redis.call('ZSCORE', ids, id)
    or redis.call('ZSCORE', ids, id .. ' withdrawn')
end

local function note(id, status, word, close)
  local ids = KEYS[4]
  redis.call('ZADD', ids, close, word)
  if status == 'retracted' then
    redis.call('ZADD', ids, close, id .. ' withdrawn')
  else
    redis.call('ZREM', ids, id .. ' withdrawn')
    redis.call('ZADD', ids, 'NX', close, id)
  end
end

local appended = 0
if at <= #ARGV then
  local oldest = string.format('%.0f', (tonumber(redis.call('TIME')[1]) - RETENTION_SECONDS) * 1000)
  for alert = at, #ARGV, 5 do
    local id, status, close, text = ARGV[alert], ARGV[alert + 1], ARGV[alert + 3], ARGV[alert + 4]
    local word = id .. ' ' .. status .. ' ' .. ARGV[alert + 2]
    if not redis.call('ZSCORE', KEYS[4], word) then
      if is_news(id, status) then
        redis.call('XADD', KEYS[3], 'MINID', '~', oldest, '*', 'alert', text, 'id', id, 'status', status, 'epoch', ARGV[1])
        redis.call('PUBLISH', ARGV[6], text)
        appended = appended + 1
      end
      note(id, status, word, close)
    end
  end
  local forgotten = string.format('(%.0f', tonumber(ARGV[at + 3]) - RETENTION_SECONDS * 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', forgotten)
end

-- Last: what failed on the way is not written.
redis.call('HSET', KEYS[2], 'writer', ARGV[2], 'number', ARGV[3])
return appended
