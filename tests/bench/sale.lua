-- wrk: durable three-line cash checkouts, each with an idempotency key of its own, against tilld or the peer.
-- BENCH_TARGET tilld|peer, BENCH_TOKEN, BENCH_KEYS time|random. All parts have fixed lengths, so a request is one
-- concatenation: on two cores the generator's own work would otherwise be what is measured.
local peer = os.getenv("BENCH_TARGET") == "peer"
local random_keys = os.getenv("BENCH_KEYS") == "random"
local quantity = peer and '","quantity":1}' or '","quantity":1000}'
local open = peer and '{"lines":[{"barcode":"' or '{"fulfilment":"counter","lines":[{"barcode":"'
local close = peer and '],"tendered":100000000}' or '],"payments":[{"method":"cash","tendered":100000000}]}'
local between, last = quantity .. ',{"barcode":"', quantity .. close
local length = #open + 3 * 13 + 2 * #between + #last
local head = (peer and "POST /checkout" or "POST /api/v1/orders") .. " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " ..
  os.getenv("BENCH_TOKEN") .. "\r\nContent-Type: application/json\r\nContent-Length: " .. length .. "\r\nIdempotency-Key: "
local random, format = math.random, string.format
local count, run = 0, 0

function init()
  math.randomseed(os.time())
  run = os.time() * 1000 + random(0, 999)
end

-- Shaped like the UUIDs clients make: version 7 grows with time, version 4 has no order.
local function key()
  count = count + 1
  local tail = format("8%03x-%06x%06x", random(0, 0xfff), random(0, 0xffffff), random(0, 0xffffff))
  if random_keys then return format("%08x-%04x-4%03x-", random(0, 0x7fffffff), random(0, 0xffff), random(0, 0xfff)) .. tail end
  local at = run + count / 10000
  return format("%08x-%04x-7%03x-", at / 65536, at % 65536, count % 4096) .. tail
end

function request()
  return head .. key() .. "\r\n\r\n" .. open .. 4000000000000 + random(0, 9999) .. between ..
    4000000000000 + random(0, 9999) .. between .. 4000000000000 + random(0, 9999) .. last
end

function done(summary, latency)
  io.write(format('RESULT {"count": %d, "seconds": %.6f, "refused": %d, "broken": %d, "p50": %.3f, "p99": %.3f}\n',
    summary.requests, summary.duration / 1e6, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
