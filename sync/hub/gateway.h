// The hub's end of the protocol: opens what nodes send, hands hellos and batches to the writer, answers them after
// their commit, and answers pulls from a snapshot. All on one thread (service.h); only the ports lead elsewhere.
//
// Nodes do not wait for each other: what arrives is queued per node and bounded there, each round takes one message of
// every node, and what waits for the writer keeps only its own stream waiting. What is dropped is asked for again.
// A stream's batches go to the writer together, so that a backlog shares commits, but never two lots at once: the tries
// of a lot that brings the hub down have to be those of its first batch (applier.h).
// It drops, and counts by reason, whatever is not signed by its topic's author.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "base/metrics.h"
#include "base/task.h"
#include "sqlite/reader.h"
#include "sync/hub/applier.h"
#include "sync/mqtt/settings.h"

namespace till::hub {

struct GatewayPorts {
  sqlite::Writer& writer;
  sqlite::Readers& readers;
  Registry& metrics;
  /// Hands a message on its way. On the gateway's thread.
  std::function<void(mqtt::Message)> send;
  /// Runs a task later, on the gateway's thread. Called on the writer's.
  std::function<void(Task<void()>)> post;
};

class Gateway {
 public:
  static constexpr size_t kMostPerNode = 64;  // messages that wait: three streams' credit, twice, and some pulls
  static constexpr size_t kMostNodes = 4096;  // with messages that wait

  /// `introduce`: a node that is not known may bring its key with its hello (the broker is on loopback).
  Gateway(const Identity& identity, const Applier& applier, bool introduce, GatewayPorts ports);

  /// Queues what a node sent.
  void receive(mqtt::Message message);
  /// Takes one message of each node. True if more are waiting.
  bool work();

 private:
  /// A stream's batches on their way to the writer.
  struct Lane {
    std::deque<core::Up> waiting;
    size_t apart = 0;  // so many of them go one by one
    bool busy = false;
    int64_t logged = 0;  // orders up to this seq stand in the log
  };
  struct Peer {
    std::deque<mqtt::Message> inbox;
    std::map<core::Epoch, std::array<Lane, core::kStreamCount>> lanes;
    [[nodiscard]] size_t waiting() const;
    [[nodiscard]] bool is_idle() const;
  };
  /// Who wrote, by the key that its message was signed with; answers bear the same.
  struct Author {
    core::NodeName name;
    core::Key key{};
  };
  using Lot = std::vector<core::Up>;

  void take(const core::NodeName& name, const mqtt::Message& message);
  Result<core::Message> open(Author& author, const mqtt::Message& message);
  void take(const Author& author, core::Hello hello);
  void take(const Author& author, core::Up up);
  void take(const Author& author, const core::Pull& pull);

  Lane& lane(const Author& author, const core::Up& up);
  void start_lot(const Author& author, Lane& lane);
  void apply_lot(const Author& author, Lot lot, Way way);
  void split_lot(const Author& author, const Lot& lot);
  void end_lot(const Author& author, const core::Up& up);
  void applied(const Author& author, const core::Up& up, Result<core::Ack> ack);

  void answer(const Author& author, const core::Message& message);
  void refuse(const mqtt::Message& message, std::string_view reason);
  template <class R, class F, class G>
  void write(F change, G then);

  const Identity& identity_;
  const Applier& applier_;
  const bool introduce_;
  GatewayPorts ports_;
  std::map<core::NodeName, Peer> peers_;
  std::map<std::string_view, Counter*> refused_;
  Counter& batches_;
  Counter& pages_;
};

}  // namespace till::hub
