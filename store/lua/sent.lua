#!lua flags=allow-oom
-- Ends the attempt to send the first message of an outbox: it leaves the list, and what
-- is left is handed to the same sender under a new lease. A sender whose lease is no
-- longer the current one changes nothing. What frees memory comes first, and works while
-- Redis has none left.
--
-- KEYS    [1] list: the person's outbox, [2] sorted set: people with messages to send,
--         [3] list: the platform's ids of what was sent
-- ARGV    [1] person, [2] the lease held, [3] what it may have been renewed to (0 = nothing),
--         [4] the next lease, [5] the seal of the message, which leaves the list only if it
--         is the first ('all' = the list goes), [6] how many are handed out at
--         most, [7] the platform's id of what was sent ('' = none), [8] how many ids are
--         kept, [9] for how long, in milliseconds
-- RETURN  {'lost'}, {'idle'} or {'next', message, those behind it ...}

local held = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or -1)
if held ~= tonumber(ARGV[2]) and held ~= tonumber(ARGV[3]) then
  return { 'lost' }
end
local seal = 16
if ARGV[5] == 'all' then
  redis.call('DEL', KEYS[1])
elseif string.sub(redis.call('LINDEX', KEYS[1], 0) or '', -seal) == ARGV[5] then
  redis.call('LPOP', KEYS[1])
end
local reply = redis.call('LRANGE', KEYS[1], 0, ARGV[6] - 1)
if #reply == 0 then
  redis.call('ZREM', KEYS[2], ARGV[1])
  table.insert(reply, 'idle')
else
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
  table.insert(reply, 1, 'next')
end
if ARGV[7] ~= '' then
  redis.call('RPUSH', KEYS[3], ARGV[7])
  redis.call('LTRIM', KEYS[3], -tonumber(ARGV[8]), -1)
  redis.call('PEXPIRE', KEYS[3], ARGV[9])
end
return reply
