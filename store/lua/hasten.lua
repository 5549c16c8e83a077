#!lua flags=allow-oom
-- Takes a person's messages before their time, for one among them that is urgent. It does
-- not take them from whoever sends them just now, nor before a time that their platform
-- asked for.
--
-- KEYS    [1] sorted set: people with messages to send, [2] list: the person's outbox,
--         [3] string: the person's wrapped data key
-- ARGV    [1] person, [2] now, [3] when the lease ends, [4] how many messages are handed
--         out at most
-- RETURN  {} when they were not taken, or {the wrapped data key, message ...}

local due = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or -1)
local anybody = due % 10 == 0
if due < 0 or due > tonumber(ARGV[2]) and not anybody then
  return {}
end
local key = redis.call('GET', KEYS[3])
local reply = redis.call('LRANGE', KEYS[2], 0, ARGV[4] - 1)
if not key or #reply == 0 then
  return {}
end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
table.insert(reply, 1, key)
return reply
