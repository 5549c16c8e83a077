#!lua flags=allow-oom
-- Takes what is due from a sorted set and puts it off, so that nobody else takes it
-- until the lease is over. Whoever finishes the work removes it, or sets a new time.
--
-- KEYS    [1] sorted set: member, when it is due
-- ARGV    [1] now, [2] when the lease ends, [3] how many at most
-- RETURN  the members taken

local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, member in ipairs(due) do
  redis.call('ZADD', KEYS[1], ARGV[2], member)
end
return due
