-- Puts the next attempt to send to a person off. A sender whose lease is no longer
-- the current one changes nothing.
--
-- KEYS    [1] sorted set: people with messages to send
-- ARGV    [1] person, [2] the lease held, [3] when to try again
-- RETURN  1 when it was put off, 0 when the lease was lost

local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not held or tonumber(held) ~= tonumber(ARGV[2]) then
  return 0
end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1
