// Connections, addresses, patience (http/roster.h).
#include "http/roster.h"

#include <algorithm>

namespace till::http {
namespace {

constexpr int64_t kFarFuture = std::numeric_limits<int64_t>::max();

bool is_ours(const std::string& address) {
  return address == "local" || address == "::1" || address.starts_with("127.");
}

/// The first one that nobody works on (a TLS handshake may be on a worker while it waits).
template <class Tag>
Connection* first_waiting(Chain<Connection, Tag>& chain) {
  Connection* connection = chain.front();
  while (connection != nullptr && !connection->is_waiting()) connection = chain.next(*connection);
  return connection;
}

}  // namespace

Roster::Room Roster::room_for(const std::string& address) {
  const auto peer = peers_.find(address);
  if (peer != peers_.end() && peer->second.count >= limits_.per_address && !is_ours(address)) {
    return {false, first_waiting(peer->second.connections)};
  }
  if (open_ < limits_.connections) return {true};
  return {false, longest_waiting()};
}

Connection* Roster::longest_waiting() {
  Connection* longest = nullptr;
  for (auto& chain : waiting_) {
    Connection* first = first_waiting(chain);
    if (first != nullptr && (longest == nullptr || first->waiting_since_us < longest->waiting_since_us))
      longest = first;
  }
  return longest;
}

Connection& Roster::add(Fd socket, const std::string& address) {
  Peer& peer = peers_.try_emplace(address).first->second;
  if (peer.count++ == 0) peer.address = address;
  ++open_;
  all_.push_back(std::make_unique<Connection>(std::move(socket), peer));
  all_.back()->index = static_cast<uint32_t>(all_.size() - 1);
  return *all_.back();
}

int64_t Roster::deadline_of(const Connection& connection) const {
  return connection.waiting_since_us + limits_.patience_ms[static_cast<size_t>(connection.wait)] * 1000;
}

void Roster::wait(Connection& connection, Wait what, int64_t now_us) {
  connection.wait = what;
  connection.waiting_since_us = now_us;
  connection.peer->connections.push_back(connection);
  if (what == Wait::nothing) {
    Chain<Connection, ByWait>::remove(connection);
  } else {
    waiting_[static_cast<size_t>(what)].push_back(connection);
  }
}

Connection* Roster::overdue(int64_t now_us) {
  for (auto& chain : waiting_) {
    Connection* first = chain.front();
    if (first != nullptr && deadline_of(*first) <= now_us) return first;
  }
  return nullptr;
}

int64_t Roster::next_deadline_us() {
  int64_t next = kFarFuture;
  for (auto& chain : waiting_) {
    if (Connection* first = chain.front()) next = std::min(next, deadline_of(*first));
  }
  return next;
}

void Roster::leave(Connection& connection) {
  Chain<Connection, ByWait>::remove(connection);
  Chain<Connection, ByPeer>::remove(connection);
  Peer* peer = std::exchange(connection.peer, nullptr);
  if (--peer->count == 0) peers_.erase(peers_.find(peer->address));
  --open_;
}

void Roster::bury(Connection& connection) {
  const uint32_t index = connection.index;
  std::swap(all_[index], all_.back());
  all_[index]->index = index;
  graves_.push_back(std::move(all_.back()));
  all_.pop_back();
}

}  // namespace till::http
