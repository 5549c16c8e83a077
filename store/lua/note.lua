-- Notes something in a hash about a referral, unless the referral is gone: a hash that
-- began after it went would never go itself.
--
-- KEYS    [1] string: the person of the referral, [2] hash: what is noted about it
-- ARGV    [1] field, [2] value
-- RETURN  1 when it is noted, 0 when there is no such referral

if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1
