// HTTP/1.1 on one connection after the other (http/conversation.h).
#include "http/conversation.h"

#include <sys/socket.h>

#include <algorithm>

namespace till::http {
namespace {

constexpr size_t kReadAtOnce = 16 * 1024;  // bounds what a client can make us keep ahead of its turn
constexpr int kStepsPerTurn = 64;          // then the others come first
constexpr uint64_t kLingerBytes =
    4 * 1024 * 1024;                          // thrown away unread, so that a refusal reaches who sends a megabyte
constexpr uint64_t kBodyStride = 256 * 1024;  // progress after which the patience for a body begins anew
constexpr uint64_t kWriteStride = 64 * 1024;  // the same for an answer
constexpr size_t kSpareExchanges = 64;
constexpr size_t kSpareRoom = 64 * 1024;  // a larger buffer is not kept
constexpr size_t kSmallString = 64;       // a smaller one is not worth freeing
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

constexpr Refusal kSlow{408, "timeout", "The request took too long to arrive"};
constexpr Refusal kBodyTooLarge{413, "body_too_large", "The body is larger than this route takes"};
constexpr Refusal kWrongType{415, "wrong_content_type", "This upload must have the Content-Type that the route names"};
constexpr Refusal kDiskFull{507, "disk_full", "There is no room on disk for the upload"};
constexpr Refusal kNotSpooled{500, "internal", "The upload could not be kept"};
constexpr Refusal kDropped{500, "internal", "Nothing answered this request"};

void let_go(std::string& buffer, size_t room) {
  buffer.clear();
  if (buffer.capacity() > room) std::string().swap(buffer);
}

Wait what_it_waits_for(const Connection& connection) {
  switch (connection.phase) {
    case Phase::handshake:
      return Wait::head;
    case Phase::head:
      return connection.greeted && connection.first_byte_us == 0 ? Wait::idle : Wait::head;
    case Phase::body:
      return Wait::body;
    case Phase::answer:
      return Wait::write;
    case Phase::linger:
      return Wait::linger;
    case Phase::work:
    case Phase::stream:
    case Phase::closed:
      return Wait::nothing;
  }
  return Wait::nothing;
}

Refusal refusal_of(const Error& error) { return error.code == Code::full ? kDiskFull : kNotSpooled; }

}  // namespace

Conversation::Conversation(const DoorSettings& settings, Dispatcher& dispatcher, Executor handshakes, Roster& roster,
                           std::shared_ptr<Mailbox> mailbox, DoorStats& stats)
    : settings_(settings),
      dispatcher_(dispatcher),
      handshakes_(std::move(handshakes)),
      roster_(roster),
      mailbox_(std::move(mailbox)),
      stats_(stats),
      buffer_(kReadAtOnce) {}

void Conversation::advance(Connection& connection) {
  input_ = connection.in;
  input_is_kept_ = true;
  int steps = kStepsPerTurn;
  while (step(connection)) {
    if (--steps > 0) continue;
    unfinished_.push_back(&connection);
    break;
  }
  if (connection.phase == Phase::closed) return;
  keep_input(connection);
  park(connection);
}

bool Conversation::step(Connection& connection) {
  switch (connection.phase) {
    case Phase::handshake:
      return begin_handshake(connection);
    case Phase::head:
      return take_head(connection);
    case Phase::body:
      return take_body(connection);
    case Phase::answer:
      return flush(connection);
    case Phase::stream:
      return pour(connection);
    case Phase::linger:
      return throw_away(connection);
    case Phase::work:
    case Phase::closed:
      return false;
  }
  return false;
}

void Conversation::advance_unfinished() {
  const auto round = std::exchange(unfinished_, {});
  for (Connection* connection : round) {
    if (connection->phase != Phase::closed) advance(*connection);
  }
}

// ---- reading

bool Conversation::receive(Connection& connection) {
  if (!connection.readable) return false;
  if (!input_.empty()) keep_input(connection);
  const Moved moved = connection.receive(buffer_);
  if (moved.state == Moved::State::later) {
    connection.readable = false;
    return false;
  }
  if (moved.state != Moved::State::fine) {
    close(connection);
    return false;
  }
  stats_.bytes_in.add(moved.bytes);
  const std::string_view more(buffer_.data(), moved.bytes);
  if (input_.empty()) {
    input_ = more;
    input_is_kept_ = false;
  } else {
    connection.in.append(more);
    input_ = connection.in;
  }
  return true;
}

/// Moves what is left of the input into the connection's own buffer, which holds no memory when nothing is left.
void Conversation::keep_input(Connection& connection) {
  std::string& in = connection.in;
  if (input_.empty()) {
    let_go(in, kSmallString);
  } else if (!input_is_kept_) {
    in.assign(input_);
  } else {
    in.erase(0, static_cast<size_t>(input_.data() - in.data()));
  }
  input_ = in;
  input_is_kept_ = true;
}

bool Conversation::take_head(Connection& connection) {
  if (!input_.empty() && connection.first_byte_us == 0) connection.first_byte_us = now_us_;
  const Scan scan = scan_head(input_, connection.scanned);
  if (scan.refusal) return refuse(connection, *scan.refusal, nullptr);
  if (scan.head_bytes == 0) return receive(connection);
  Head head;
  connection.exchange = take_exchange(connection);
  Exchange& exchange = *connection.exchange;
  const auto refusal = parse_head(input_.substr(0, scan.head_bytes), exchange.request, head);
  input_.remove_prefix(scan.head_bytes);
  connection.scanned = 0;
  connection.keep_alive = !head.close;
  connection.head_only = exchange.request.method == Method::head;
  if (refusal) return refuse(connection, *refusal, &exchange);
  connection.left = connection.mark = head.content_length;
  if (auto response = dispatcher_.head(exchange)) {
    if (head.content_length > 0) connection.keep_alive = false;  // nobody will read the body
    return send(connection, *response);
  }
  return admit(connection, head);
}

bool Conversation::admit(Connection& connection, const Head& head) {
  Exchange& exchange = *connection.exchange;
  TILL_ASSERT(exchange.route != nullptr);
  const Route& route = *exchange.route;
  if (head.content_length > route.max_body) return refuse(connection, kBodyTooLarge, &exchange);
  if (!route.upload.empty()) {
    const std::string* type = exchange.request.header("content-type");
    if (type == nullptr || media_type(*type) != route.upload) return refuse(connection, kWrongType, &exchange);
    auto spool = Spool::create(settings_.spool_folder);
    if (!spool.ok()) return refuse(connection, refusal_of(spool.error()), &exchange);
    connection.spool = std::move(spool).value();
  }
  connection.phase = Phase::body;
  if (head.expects_continue && connection.left > 0 && input_.empty() &&
      push(connection, kContinue) < kContinue.size()) {
    close(connection);  // it has not even taken what it asked for; and half a TLS record may not be left behind
    return false;
  }
  return true;
}

bool Conversation::take_body(Connection& connection) {
  const auto bytes = input_.substr(0, static_cast<size_t>(std::min<uint64_t>(connection.left, input_.size())));
  if (!keep_body(connection, bytes)) return true;
  input_.remove_prefix(bytes.size());
  connection.left -= bytes.size();
  if (connection.left == 0) return hand_over(connection);
  if (connection.mark - connection.left >= kBodyStride) {
    connection.mark = connection.left;
    connection.restart = true;
  }
  return receive(connection);
}

/// False if the upload was refused.
bool Conversation::keep_body(Connection& connection, std::string_view bytes) {
  Request& request = connection.exchange->request;
  if (!connection.spool) {
    request.body.append(bytes);
    return true;
  }
  const Status written = connection.spool->write(bytes);
  if (!written.ok()) refuse(connection, refusal_of(written.error()), connection.exchange.get());
  return written.ok();
}

// ---- work

bool Conversation::hand_over(Connection& connection) {
  auto exchange = std::move(connection.exchange);
  if (connection.spool) exchange->request.body_file = connection.spool->path();
  exchange->reply = Ticket(mailbox_, connection);
  connection.phase = Phase::work;
  connection.lent = true;
  ++handled_;
  stats_.requests.add();
  dispatcher_.handle(std::move(exchange));
  Completion done;
  return mailbox_->take_own(connection, done) && finish(connection, std::move(done));
}

void Conversation::complete(Completion done) {
  Connection& connection = *done.connection;
  if (connection.phase == Phase::handshake) {
    end_handshake(connection);
  } else {
    finish(connection, std::move(done));
  }
  if (connection.phase != Phase::closed) advance(connection);
}

bool Conversation::finish(Connection& connection, Completion done) {
  connection.lent = false;
  auto* response = std::get_if<Response>(&done.answer);
  if (auto* last_step = std::get_if<LastStep>(&done.answer)) {  // also for a client that has gone: it may count or log
    Response made = (*last_step)(*done.exchange);
    response = &done.answer.emplace<Response>(std::move(made));
  }
  connection.spool.reset();
  const bool answered = done.exchange != nullptr;
  recycle(std::move(done.exchange));
  if (connection.phase == Phase::closed) {
    roster_.bury(connection);
    return false;
  }
  return answered ? send(connection, *response) : refuse(connection, kDropped, nullptr);
}

// ---- answering

bool Conversation::send(Connection& connection, const Response& response) {
  if (stopping_ || response.stream) connection.keep_alive = false;
  if (response.stream && !stopping_ && !connection.head_only) {
    connection.stream = response.stream;
    streams_.push_back(&connection);
  }
  out_.clear();
  append_answer(out_, response, date_.line(wall_), connection.head_only, !connection.keep_alive);
  recycle(std::move(connection.exchange));
  return send_out(connection);
}

/// Sends what is in out_, now or as the client takes it.
bool Conversation::send_out(Connection& connection) {
  connection.phase = Phase::answer;
  const size_t sent = push(connection, out_);
  if (connection.phase == Phase::closed) return false;
  const bool all = sent == out_.size();
  if (!all) connection.out.assign(out_, sent);
  connection.sent = 0;
  connection.mark = 0;
  let_go(out_, kSpareRoom);
  return all && after_answer(connection);
}

/// The stream's next part, once the last one has left. The client is read from only to learn that it has gone.
bool Conversation::pour(Connection& connection) {
  if (!input_.empty() || receive(connection)) close(connection);
  if (connection.phase == Phase::closed) return false;
  out_.clear();
  if (!connection.stream->pour(out_)) {
    end_stream(connection);
  } else if (out_.empty()) {
    return false;
  }
  return send_out(connection);
}

void Conversation::pour_streams() {
  const auto round = streams_;
  for (Connection* connection : round) {
    if (connection->phase == Phase::stream) advance(*connection);
  }
}

void Conversation::end_stream(Connection& connection) {
  if (!connection.stream) return;
  connection.stream.reset();
  std::erase(streams_, &connection);
}

void Conversation::stop() {
  stopping_ = true;
  for (Connection* connection : std::vector(streams_)) {
    if (connection->tls && connection->phase == Phase::stream) connection->tls->say_goodbye();
    close(*connection);
  }
}

bool Conversation::refuse(Connection& connection, const Refusal& refusal, Exchange* known) {
  stats_.refused[static_cast<size_t>(refusal.status - 400)].add();
  connection.keep_alive = false;
  input_ = {};
  return send(connection, dispatcher_.refuse(refusal.status, refusal.code, refusal.detail, known));
}

/// Sends as much as the socket takes; closes the connection if it is broken.
size_t Conversation::push(Connection& connection, std::string_view bytes) {
  size_t sent = 0;
  while (sent < bytes.size()) {
    const Moved moved = connection.send(bytes.substr(sent));
    if (moved.state == Moved::State::later) break;
    if (moved.state != Moved::State::fine) {
      close(connection);
      break;
    }
    sent += moved.bytes;
  }
  stats_.bytes_out.add(sent);
  return sent;
}

bool Conversation::flush(Connection& connection) {
  connection.sent += push(connection, std::string_view(connection.out).substr(connection.sent));
  if (connection.phase == Phase::closed) return false;
  if (connection.sent == connection.out.size()) {
    let_go(connection.out, kSmallString);
    return after_answer(connection);
  }
  if (connection.sent - connection.mark >= kWriteStride) {
    connection.mark = connection.sent;
    connection.restart = true;
  }
  return false;
}

bool Conversation::after_answer(Connection& connection) {
  connection.greeted = true;
  connection.restart = true;
  connection.head_only = false;  // what comes next may be refused before its method is known
  connection.first_byte_us = 0;
  connection.phase = connection.stream ? Phase::stream : Phase::head;
  if (connection.keep_alive || connection.stream) return true;
  if (connection.tls) connection.tls->say_goodbye();
  ::shutdown(connection.socket.get(), SHUT_WR);
  connection.phase = Phase::linger;
  connection.left = kLingerBytes;
  input_ = {};
  return true;
}

bool Conversation::throw_away(Connection& connection) {
  if (!connection.readable) return false;
  const Moved moved = receive_some(connection.socket.get(), buffer_);  // past TLS: nobody will look at it
  if (moved.state == Moved::State::later) {
    connection.readable = false;
    return false;
  }
  if (moved.state != Moved::State::fine || moved.bytes >= connection.left) {
    close(connection);
    return false;
  }
  connection.left -= moved.bytes;
  return true;
}

// ---- TLS handshakes, waiting, the end

bool Conversation::begin_handshake(Connection& connection) {
  if (connection.lent || !connection.readable) return false;
  if (!connection.tls) connection.tls = TlsSession::create(*connection.tls_server, connection.socket.get());
  connection.readable = false;
  connection.lent = true;
  auto step = [session = connection.tls.get(), ticket = Ticket(mailbox_, connection)]() mutable {
    if (session != nullptr) session->shake_hands();
    ticket.give_back();
  };
  if (!handshakes_(std::move(step))) close(connection);
  return false;
}

void Conversation::end_handshake(Connection& connection) {
  connection.lent = false;
  const auto state = connection.tls ? connection.tls->handshake() : TlsSession::Handshake::failed;
  if (state == TlsSession::Handshake::failed) {
    stats_.bad_handshakes.add();
    close(connection);
  } else if (state == TlsSession::Handshake::done) {
    connection.phase = Phase::head;
    connection.readable = true;  // the first request may have come with the last message
  }
}

void Conversation::park(Connection& connection) {
  const Wait wait = what_it_waits_for(connection);
  if (wait == connection.wait && !connection.restart) return;
  connection.restart = false;
  roster_.wait(connection, wait, now_us_);
}

void Conversation::expire(Connection& connection) {
  stats_.timed_out.add();
  const bool midway =
      connection.phase == Phase::body || (connection.phase == Phase::head && connection.first_byte_us != 0);
  if (!midway) return close(connection);
  connection.in.clear();
  refuse(connection, kSlow, connection.exchange.get());
  if (connection.phase != Phase::closed) advance(connection);
}

void Conversation::close(Connection& connection) {
  if (connection.phase == Phase::closed) return;
  const bool on_worker = connection.lent && connection.phase == Phase::handshake;
  connection.phase = Phase::closed;
  roster_.leave(connection);
  end_stream(connection);
  stats_.open.set(roster_.open());
  std::erase(unfinished_, &connection);
  recycle(std::move(connection.exchange));
  if (on_worker) {
    ::shutdown(connection.socket.get(), SHUT_RDWR);  // its number must not be given to another while it is in use
  } else {
    connection.socket.reset();
  }
  if (!connection.lent) roster_.bury(connection);
}

std::unique_ptr<Exchange> Conversation::take_exchange(const Connection& connection) {
  auto exchange = spare_.empty() ? std::make_unique<Exchange>() : std::move(spare_.back());
  if (!spare_.empty()) spare_.pop_back();
  exchange->started_us = connection.first_byte_us;
  exchange->request.address = connection.peer->address;
  exchange->request.secure = connection.tls != nullptr;
  return exchange;
}

void Conversation::recycle(std::unique_ptr<Exchange> exchange) {
  if (!exchange || spare_.size() == kSpareExchanges) return;
  Request used = std::move(exchange->request);
  *exchange = Exchange{};
  Request& fresh = exchange->request;
  let_go(used.body, kSpareRoom);
  used.headers.clear();
  used.query.clear();
  fresh.path.swap(used.path);
  fresh.path.clear();
  fresh.body.swap(used.body);
  fresh.headers.swap(used.headers);
  fresh.query.swap(used.query);
  spare_.push_back(std::move(exchange));
}

}  // namespace till::http
