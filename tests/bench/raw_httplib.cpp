// The raw limit of cpp-httplib: its own server answering every request with a fixed JSON of 600 bytes (about a
// product), no router, no token, no database. A thread for each connection, as it is made; the load generator opens up
// to 128.
//
//     bench_raw_httplib PORT      listens on loopback until it is killed
#include <httplib.h>

#include <cstdlib>

int main(int argc, char** argv) {
  constexpr size_t kThreads = 160;
  const std::string head = R"({"id":"0190b5a0-0000-7000-8000-000000000000","name":")";
  const std::string body = head + std::string(600 - head.size() - 2, 'x') + "\"}";
  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_keep_alive_max_count(1'000'000'000);
  server.set_tcp_nodelay(true);
  server.set_pre_routing_handler([&body](const httplib::Request&, httplib::Response& response) {
    response.set_content(body, "application/json");
    return httplib::Server::HandlerResponse::Handled;
  });
  return argc == 2 && server.listen("127.0.0.1", std::atoi(argv[1])) ? 0 : 1;
}
