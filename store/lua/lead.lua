#!lua flags=allow-oom
-- Makes a process the one that receives, or keeps it so. Nobody else becomes it
-- until the lease is over.
--
-- KEYS    [1] string: who receives
-- ARGV    [1] the process, [2] how long the lease is, in milliseconds (0 = give it up)
-- RETURN  1 when the process has the lease (or gave it up), 0 when another has it

local has = redis.call('GET', KEYS[1])
if has and has ~= ARGV[1] then
  return 0
end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1
