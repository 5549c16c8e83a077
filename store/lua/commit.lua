-- Applies the writes of one turn or one staff action: all of them, or none.
--
-- KEYS    every key that is checked or written, each once
-- ARGV    [1] how many checks; then for each: index into KEYS, the revision that the
--         string there must begin with ("" = the key must not exist)
--         [n] how many writes; then for each: command, index into KEYS, how many
--         arguments, the arguments
-- RETURN  {0, reply of each write ...} when all is written
--         {i} when check i failed and nothing was written
--
-- A script does not roll back on a run-time error, so everything that could fail is
-- looked at before the first write.

local shape = {
  SET = 'string', PEXPIRE = 'any', PERSIST = 'any', DEL = 'any',
  RPUSH = 'list', HSET = 'hash', HDEL = 'hash', HINCRBY = 'hash', ZADD = 'zset', ZREM = 'zset', XADD = 'stream',
}

local revision = 16
local at = 2
for check = 1, tonumber(ARGV[1]) do
  local key, want = KEYS[tonumber(ARGV[at])], ARGV[at + 1]
  local have = redis.call('EXISTS', key) == 1 and redis.call('GETRANGE', key, 0, revision - 1) or ''
  if have ~= want then
    return { check }
  end
  at = at + 2
end

local writes = {}
for i = 1, tonumber(ARGV[at]) do
  local command, key, count = ARGV[at + 1], KEYS[tonumber(ARGV[at + 2])], tonumber(ARGV[at + 3])
  local want = shape[command]
  local have = redis.call('TYPE', key)['ok']
  if not want or not key or not count then
    return redis.error_reply('FRONTDOOR malformed write ' .. i)
  end
  if want ~= 'any' and command ~= 'SET' and have ~= 'none' and have ~= want then
    return redis.error_reply('FRONTDOOR write ' .. i .. ' meets a ' .. have)
  end
  local call = { command, key }
  for j = 1, count do
    call[j + 2] = ARGV[at + 3 + j]
  end
  writes[i] = call
  at = at + 3 + count
end

local replies = { 0 }
for i, call in ipairs(writes) do
  replies[i + 1] = redis.call(unpack(call))
end
return replies
