-- Two words each time, in turn, of an application that keeps no finished page.
local words = { "agua", "salud", "escuela", "obras", "datos", "presupuesto", "transparencia", "comunidad", "medicinas", "basura", "consulta", "maestros", "hospital", "compras", "bosque", "informe" }
local n = 0

request = function()
  n = n + 1
  local first = words[n % #words + 1]
  local second = words[math.floor(n / #words) % #words + 1]
  return wrk.format("GET", "/buscar?q=" .. first .. "+" .. second)
end
