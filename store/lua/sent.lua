-- Ends the attempt to send the first message of an outbox: it leaves the list, and
-- the next one is handed to the same sender under a new lease. A sender whose lease
-- is no longer the current one changes nothing.
--
-- KEYS    [1] list: the person's outbox, [2] sorted set: people with messages to send,
--         [3] list: the platform's ids of what was sent
-- ARGV    [1] person, [2] the lease held, [3] the next lease, [4] how many messages
--         leave the list (0 = all of them), [5] the platform's id of what was sent
--         ('' = none), [6] how many ids are kept, [7] for how long, in milliseconds
-- RETURN  {'lost'}, {'idle'} or {'next', message}

local held = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not held or tonumber(held) ~= tonumber(ARGV[2]) then
  return { 'lost' }
end
if ARGV[5] ~= '' then
  redis.call('RPUSH', KEYS[3], ARGV[5])
  redis.call('LTRIM', KEYS[3], -tonumber(ARGV[6]), -1)
  redis.call('PEXPIRE', KEYS[3], ARGV[7])
end
if ARGV[4] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('LPOP', KEYS[1])
end
local message = redis.call('LINDEX', KEYS[1], 0)
if not message then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return { 'idle' }
end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
return { 'next', message }
