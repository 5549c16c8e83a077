#!lua flags=allow-oom
-- Puts the next attempt to send to a person off, or makes a lease end later. A sender
-- whose lease is no longer the current one changes nothing. It works while Redis has no
-- memory left: without it nothing would be sent, and nothing be freed.
--
-- KEYS    [1] sorted set: people with messages to send, [2] list: the person's outbox
-- ARGV    [1] person, [2] the lease held, [3] what it may have been renewed to (0 = nothing),
--         [4] when to try again, or the new lease
-- RETURN  1 and the number of messages when that stands, 0 when the lease was lost

local held = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or -1)
if held ~= tonumber(ARGV[2]) and held ~= tonumber(ARGV[3]) then
  return 0
end
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[1])
return 1 + redis.call('LLEN', KEYS[2])
