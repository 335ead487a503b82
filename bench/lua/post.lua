-- A new proposal each time, with a key of its own.
local token = os.getenv("BENCH_TOKEN")
local counter = 0
local id = 0

setup = function(thread)
  thread:set("id", id)
  id = id + 1
end

local function encode(text)
  return (text:gsub("[^%w]", function(c) return string.format("%%%02X", c:byte()) end))
end

request = function()
  counter = counter + 1
  local key = string.format("bench-%d-%d-%d", id, os.time(), counter)
  local body = "kind=proposal&plan=" .. os.getenv("BENCH_PLAN") .. "&topic=" .. os.getenv("BENCH_TOPIC")
    .. "&title=Propuesta+" .. counter
    .. "&body=Propongo+publicar+cada+mes+los+avances+de+las+obras+de+la+comunidad+" .. counter
    .. "&form_key=" .. key .. "&csrf_token=" .. encode(token)
  local headers = {
    ["Content-Type"] = "application/x-www-form-urlencoded",
    ["Cookie"] = os.getenv("BENCH_COOKIE"),
  }
  return wrk.format("POST", "/participar/aportes", headers, body)
end
