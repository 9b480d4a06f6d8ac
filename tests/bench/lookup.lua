-- wrk: a random product by its barcode, with a token, from tilld, the peer or bench_raw_httplib.
-- BENCH_TARGET tilld|peer, BENCH_TOKEN.
local peer = os.getenv("BENCH_TARGET") == "peer"
local head = peer and "GET /barcode/" or "GET /api/v1/products/by-barcode/"
local tail = " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " .. os.getenv("BENCH_TOKEN") .. "\r\n\r\n"

function init() math.randomseed(os.time()) end
function request() return head .. 4000000000000 + math.random(0, 9999) .. tail end

function done(summary, latency)
  io.write(string.format('RESULT {"count": %d, "seconds": %.6f, "refused": %d, "broken": %d, "p50": %.3f, "p99": %.3f}\n',
    summary.requests, summary.duration / 1e6, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
