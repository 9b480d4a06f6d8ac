// The bytes of a whole connection through the real parser and conversation, once in one piece and once in the input's
// pieces: both come to the same requests and answers. A second, lenient reader goes along: where one request ends and
// the next begins, both agree for whatever the first lets in, so nothing can be smuggled past a proxy in front.
//
//   input = u8 manner | u8 pieces | sizes of pieces | bytes of the connection
#include <sys/socket.h>

#include <deque>
#include <fstream>
#include <iterator>

#include "fuzz/fuzz.h"
#include "http/conversation.h"
#include "http/problem.h"
#include "support/temp_folder.h"

namespace till::fuzz {
namespace {

using namespace http;

constexpr int64_t kPatienceMs = 1000;
constexpr size_t kBig = 600 * 1024;
constexpr size_t kMostKept = kMaxHead + 2 * 16 * 1024;  // of input, whatever a client sends ahead

/// How client and house behave beside that.
struct Manner {
  bool reads_late = false;  // the client takes answers only when nothing else goes on
  bool leaves = false;      // the client says all it has to say and is gone before anything is answered
  bool stops = false;       // the house closes while the connection is open
  bool no_folder = false;   // uploads cannot be kept
};

/// A request that was let in at its head.
struct Let {
  Request request;
  bool handled = false;
};

/// Two words, and between them nothing to say for a while.
class TwoWords final : public Stream {
 public:
  bool pour(std::string& out) override {
    if (left_ == kCalls || left_ == 1) out += "data: word\n\n";
    return --left_ > 0;
  }

 private:
  static constexpr int kCalls = 14;
  int left_ = kCalls;
};

/// Does what the path says: /big answers more than a socket holds, /deny is refused at the head, /small takes 10 bytes,
/// /upload takes text/csv to a file, /later is answered after everything else was read, /drop never, /stream by a
/// stream; others echo their body.
class Shop final : public Dispatcher {
 public:
  std::unique_ptr<Response> head(Exchange& exchange) override {
    let.push_back({exchange.request});
    to_head.push_back(exchange.request.method == Method::head);
    const std::string& path = exchange.request.path;
    if (path == "/deny") return std::make_unique<Response>(say(403, "no"));
    exchange.route = path == "/small" ? &small_ : path == "/upload" ? &upload_ : &any_;
    exchange.answer_headers = "X-Fuzz: 1\r\n";
    return nullptr;
  }

  void handle(std::unique_ptr<Exchange> exchange) override {
    Request& request = exchange->request;
    if (!request.body_file.empty()) {
      std::ifstream file(request.body_file, std::ios::binary);
      request.body.assign(std::istreambuf_iterator<char>(file), {});
    }
    let.back().request.body = request.body;
    let.back().handled = true;
    if (request.path == "/drop") return;
    if (request.path == "/later") return held.push_back(std::move(exchange));
    Response response = say(200, request.path == "/big" ? std::string(kBig, 'b') : request.body);
    if (request.path == "/stream") response.stream = std::make_shared<TwoWords>();
    answer(std::move(exchange), std::move(response));
  }

  Response refuse(int status, std::string_view code, std::string_view detail, Exchange* known) override {
    if (known && !known->route) to_head.push_back(known->request.method == Method::head);  // head() never saw it
    return refusal(status, code, detail, known ? known->request.request_id : "");
  }

  /// Answers what /later asked for, as a worker would.
  void answer_held() {
    for (; !held.empty(); held.pop_front()) {
      answer(std::move(held.front()), LastStep([](Exchange&) { return say(200, "late"); }));
    }
  }

  std::vector<Let> let;
  std::vector<bool> to_head;  // of each answer to a request whose method was read: it was a HEAD
  std::deque<std::unique_ptr<Exchange>> held;

 private:
  static Response say(int status, std::string body) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
  }
  static Route route(std::string_view path, size_t max_body, std::string_view upload) {
    Route made{Method::post, path, "public", 0, Lane::read, path, path, nullptr};
    made.max_body = max_body;
    made.upload = upload;
    return made;
  }

  const Route any_ = route("/any", 64 * 1024, "");
  const Route small_ = route("/small", 10, "");
  const Route upload_ = route("/upload", 64 * 1024, "text/csv");
};

/// A door for one connection, without epoll: turned by hand.
class OneConnection {
 public:
  OneConnection(const std::string& folder, const Manner& manner) : manner_(manner) {
    settings_.spool_folder = folder + (manner.no_folder ? "nowhere" : "");
    int ends[2];
    TILL_ASSERT(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    client_ = Fd(ends[0]);
    mailbox_->belong_to_this_thread();
    conversation_.set_now(now_us_, Time{1'767'603'600'000});
    connection_ = &roster_.add(Fd(ends[1]), "192.0.2.1");
    roster_.wait(*connection_, Wait::head, now_us_);
  }
  ~OneConnection() {
    roster_.for_each([this](Connection& connection) { conversation_.close(connection); });
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const Moved moved = send_some(client_.get(), bytes);
      if (moved.state == Moved::State::broken || moved.state == Moved::State::ended) return;
      bytes.remove_prefix(moved.bytes);
      if (manner_.leaves && moved.bytes > 0) continue;
      if (moved.bytes == 0) shop.answer_held(), take_output();  // nobody reads on while one is held or not taken
      turn();
    }
    if (!manner_.leaves) turn();
  }

  /// Everything that can happen without the client doing more, and then its patience.
  void end() {
    if (manner_.leaves) client_.reset(), turn();
    if (manner_.leaves && !shop.held.empty()) conversation_.close(*connection_);  // as the door does when it is told
    if (manner_.stops) conversation_.stop();
    for (turn(); !shop.held.empty(); turn()) shop.answer_held();
    for (size_t before = ~size_t{0}; before != output.size(); turn()) before = output.size(), take_output();
    for (int i = 0; i < 4; ++i) conversation_.pour_streams(), turn();
    now_us_ += 2 * kPatienceMs * 1000;
    conversation_.set_now(now_us_, Time{1'767'603'600'000});
    while (Connection* late = roster_.overdue(now_us_)) conversation_.expire(*late), take_output();
    turn();
    take_output();
    ::shutdown(client_.get(), SHUT_WR);
    turn();
  }

  Shop shop;
  std::string output;

 private:
  // The roster frees a connection that has ended.
  [[nodiscard]] bool is_open() const { return roster_.open() > 0; }

  void turn() {
    for (int i = 0; i < 3; ++i) {
      conversation_.advance_unfinished();
      if (is_open()) connection_->readable = true, conversation_.advance(*connection_);
      std::vector<Completion> mail;
      mailbox_->take_all(mail);
      for (Completion& completion : mail) conversation_.complete(std::move(completion));
      while (conversation_.has_unfinished()) conversation_.advance_unfinished();
      if (!manner_.reads_late) take_output();
    }
    if (is_open()) TILL_ASSERT(connection_->in.size() <= kMostKept && connection_->in.capacity() <= 2 * kMostKept);
    roster_.sweep();
  }

  void take_output() {
    std::array<char, 64 * 1024> buffer;
    for (Moved moved = receive_some(client_.get(), buffer); moved.state == Moved::State::fine;
         moved = receive_some(client_.get(), buffer)) {
      output.append(buffer.data(), moved.bytes);
    }
  }

  const Manner manner_;
  DoorSettings settings_;
  DoorStats stats_;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  int64_t now_us_ = 1'000'000;
  Roster roster_{{8, 8, {kPatienceMs, kPatienceMs, kPatienceMs, kPatienceMs, kPatienceMs}}};
  Conversation conversation_{settings_, shop, [](Task<void()>) { return false; }, roster_, mailbox_, stats_};
  Connection* connection_;
  Fd client_;
};

/// The status of each final answer, which are framed as RFC 9112 §6.3 has it for requests of these methods.
std::vector<int> statuses_in(std::string_view output, const std::vector<bool>& to_head) {
  std::vector<int> statuses;
  while (!output.empty()) {
    TILL_ASSERT(output.starts_with("HTTP/1.1 ") && output.size() >= 12);
    const int status = std::stoi(std::string(output.substr(9, 3)));
    const size_t end = output.find("\r\n\r\n");
    TILL_ASSERT(end != std::string_view::npos);
    const std::string head = "\r\n" + std::string(output.substr(0, end + 2));
    output.remove_prefix(end + 4);
    if (status == 100) continue;
    statuses.push_back(status);
    const size_t length_at = head.find("\r\nContent-Length: ");
    if (statuses.size() <= to_head.size() && to_head[statuses.size() - 1]) continue;
    if (length_at == std::string::npos) return statuses;  // a stream: the rest is its
    const size_t length = std::stoul(head.substr(length_at + 18));
    TILL_ASSERT(length <= output.size());
    output.remove_prefix(length);
  }
  return statuses;
}

// ---- the lenient reader

struct Frame {
  std::string_view first_line;
  std::string_view body;
};

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\v\f");
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\v\f") - first + 1);
}

/// Reads a request as the most willing of servers would: bare LF ends a line, blanks may stand anywhere, names are in
/// any case. Of what our parser let in nothing may be left to choose: no Transfer-Encoding, one length.
Frame next_frame(std::string_view& bytes) {
  Frame frame;
  std::optional<size_t> length;
  for (bool first = true;; first = false) {
    const size_t end = bytes.find('\n');
    TILL_ASSERT(end != std::string_view::npos);
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    if (first) frame.first_line = line;
    if (trimmed(line).empty()) break;
    std::string name(trimmed(line.substr(0, line.find(':'))));
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    TILL_ASSERT(first || name != "transfer-encoding");
    if (first || name != "content-length") continue;
    TILL_ASSERT(!length);
    length = std::stoul(std::string(trimmed(line.substr(line.find(':') + 1))));
  }
  frame.body = bytes.substr(0, length.value_or(0));
  bytes.remove_prefix(frame.body.size());
  return frame;
}

void check_frames(std::string_view bytes, const std::vector<Let>& let) {
  for (const Let& one : let) {
    const Frame frame = next_frame(bytes);
    TILL_ASSERT(frame.first_line.starts_with(std::string(to_string(one.request.method)) + " "));
    if (one.handled) TILL_ASSERT(frame.body == one.request.body);
  }
}

void check_same(const std::vector<Let>& a, const std::vector<Let>& b) {
  TILL_ASSERT(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    const Request &x = a[i].request, &y = b[i].request;
    TILL_ASSERT(a[i].handled == b[i].handled && x.method == y.method && x.path == y.path && x.query == y.query);
    TILL_ASSERT(x.headers == y.headers && x.body == y.body);
    TILL_ASSERT(x.headers.size() <= kMaxFields && x.body.size() <= 64 * 1024);
  }
}

}  // namespace

void run(Input in) {
  static const test::TempFolder folder;
  const uint8_t bits = in.byte();
  const Manner manner{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
  std::vector<size_t> sizes;
  for (const uint8_t size : in.take(in.below(32))) sizes.push_back(size + size_t{1});
  const std::string_view bytes = in.text();
  OneConnection whole(folder.file(""), manner);
  whole.send(bytes);
  whole.end();
  OneConnection cut(folder.file(""), manner);
  std::string_view rest = bytes;
  for (const size_t size : sizes) {
    cut.send(rest.substr(0, size));
    rest.remove_prefix(std::min(rest.size(), size));
  }
  cut.send(rest);
  cut.end();
  check_same(whole.shop.let, cut.shop.let);
  check_frames(bytes, whole.shop.let);
  if (manner.leaves) return;
  TILL_ASSERT(statuses_in(whole.output, whole.shop.to_head) == statuses_in(cut.output, cut.shop.to_head));
}

}  // namespace till::fuzz
