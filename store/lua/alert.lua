#!lua flags=allow-oom
-- Notes that staff were alerted to a referral, and when to look at it again. Somebody
-- who no longer holds it does not change when; a referral that nobody has to be
-- alerted to any more changes not at all.
--
-- KEYS    [1] sorted set: references to alert to, when
--         [2] hash: what is known about alerting to this one
-- ARGV    [1] reference, [2] the lease held, [3] when to look again ('' = not any more),
--         [4] how many marks; then for each: field, value
-- RETURN  1 when all is noted, 0 when something else came first

local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not held then
  return 0
end
for i = 1, tonumber(ARGV[4]) do
  redis.call('HSET', KEYS[2], ARGV[3 + 2 * i], ARGV[4 + 2 * i])
end
if tonumber(held) ~= tonumber(ARGV[2]) then
  return 0
end
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
end
return 1
