// HTTP/1.1 on one connection after the other: head, body, work, answer, and again. advance() takes a connection as
// far as its bytes allow and never waits. One request at a time: what a client sends ahead stays unread or in a
// bounded buffer until its answer has left, so neither side of a connection can pile up. A stream is an answer that
// goes on: the client says nothing any more, and whatever it says ends it. Knows nothing of epoll and accepting, which
// are the Door's. Door's thread.
#pragma once

#include <vector>

#include "base/clock.h"
#include "http/answer.h"
#include "http/door_settings.h"
#include "http/mailbox.h"
#include "http/parser.h"
#include "http/roster.h"

namespace till::http {

class Conversation {
 public:
  Conversation(const DoorSettings& settings, Dispatcher& dispatcher, Executor handshakes, Roster& roster,
               std::shared_ptr<Mailbox> mailbox, DoorStats& stats);

  /// Time of the batch at hand: deadlines are counted from the first, answers dated by the second.
  void set_now(int64_t now_us, Time wall) {
    now_us_ = now_us;
    wall_ = wall;
  }
  /// Goes on with `connection` as far as it can go without waiting.
  void advance(Connection& connection);
  /// A ticket came back.
  void complete(Completion completion);
  /// Its patience is over: 408 if a request was on its way, or the end.
  void expire(Connection& connection);
  void close(Connection& connection);
  /// Connections that had more to do than one turn allows; they come first in the next batch.
  void advance_unfinished();
  [[nodiscard]] bool has_unfinished() const { return !unfinished_.empty(); }

  /// Streams may have something to say.
  void pour_streams();

  /// From now on every answer is the last of its connection. Streams end at once.
  void stop();
  /// Requests handed to the pipeline since the last call.
  size_t take_handled() { return std::exchange(handled_, 0); }

 private:
  // Steps of advance(). True: something has changed, go on; false: wait (or closed).
  bool step(Connection& connection);
  bool begin_handshake(Connection& connection);
  void end_handshake(Connection& connection);
  bool take_head(Connection& connection);
  bool admit(Connection& connection, const Head& head);
  bool take_body(Connection& connection);
  bool keep_body(Connection& connection, std::string_view bytes);
  bool hand_over(Connection& connection);
  bool finish(Connection& connection, Completion done);
  bool send(Connection& connection, const Response& response);
  bool send_out(Connection& connection);
  bool pour(Connection& connection);
  void end_stream(Connection& connection);
  bool refuse(Connection& connection, const Refusal& refusal, Exchange* known);
  bool flush(Connection& connection);
  size_t push(Connection& connection, std::string_view bytes);
  bool after_answer(Connection& connection);
  bool throw_away(Connection& connection);

  /// Reads more input behind what is there; false if there is none, or the connection ended.
  bool receive(Connection& connection);
  void keep_input(Connection& connection);
  void park(Connection& connection);
  std::unique_ptr<Exchange> take_exchange(const Connection& connection);
  void recycle(std::unique_ptr<Exchange> exchange);

  const DoorSettings& settings_;
  Dispatcher& dispatcher_;
  Executor handshakes_;
  Roster& roster_;
  std::shared_ptr<Mailbox> mailbox_;
  DoorStats& stats_;
  int64_t now_us_ = 0;
  Time wall_{};
  bool stopping_ = false;
  size_t handled_ = 0;
  DateLine date_;

  // Of the connection that advance() is at: its input that is not consumed, in its own buffer or in the shared one.
  std::string_view input_;
  bool input_is_kept_ = false;
  std::vector<char> buffer_;
  std::string out_;  // the answer that is being made, or a stream's next part

  std::vector<Connection*> streams_;
  std::vector<Connection*> unfinished_;
  std::vector<std::unique_ptr<Exchange>> spare_;  // used ones: their strings keep their room
};

}  // namespace till::http
