-- Takes a one-time ticket: an address leads to its person from now on, and the ticket
-- is gone. Of several who opened the same one, the first gets it.
--
-- KEYS    [1] string: the ticket, [2] string: the alias of the address
-- ARGV    [1] the ticket's value as it was read, [2] the alias's value, [3] how long the
--         alias lives, in milliseconds
-- RETURN  1 when it was taken, 0 when there is no such ticket any more

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[1])
return 1
