-- Takes a one-time ticket: an address leads to its person from now on, and the ticket
-- is gone.
--
-- KEYS    [1] string: the ticket, [2] string: the alias of the address
-- ARGV    [1] how long the alias lives, in milliseconds
-- RETURN  the person, or false when there is no such ticket

local person = redis.call('GETDEL', KEYS[1])
if not person then
  return false
end
redis.call('SET', KEYS[2], person, 'PX', ARGV[1])
return person
