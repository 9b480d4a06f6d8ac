// The topics of 30-sync under till/1/<tenant>/. Ids are [A-Za-z0-9-]{1,64}, so no topic can mean another.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sync/core/message.h"

namespace till::core {

struct NodeName {
  std::string tenant, store, node;
  auto operator<=>(const NodeName&) const = default;
};

/// Of one node: ".../hello", ".../welcome", ".../up/sale", ".../up/sale/ack", ".../pull", ".../page", ".../state".
std::string hello_topic(const NodeName& name);
std::string up_topic(const NodeName& name, Stream stream);
std::string pull_topic(const NodeName& name);
/// Where an answer of this type goes.
std::string welcome_topic(const NodeName& name);
std::string ack_topic(const NodeName& name, Stream stream);
std::string page_topic(const NodeName& name);
std::string state_topic(const NodeName& name);
/// Retained: the newest rev of a scope, as decimal digits.
std::string head_topic(const NodeName& name, Scope scope);

/// The topic a message of this node goes to (from the node for hello, up, pull; from the hub for the others).
std::string topic_of(const NodeName& name, const Message& message);

/// What the hub subscribes to, and what a node does.
std::vector<std::string> hub_subscriptions(std::string_view tenant);
std::vector<std::string> node_subscriptions(const NodeName& name);

/// Who wrote to a topic that only nodes write to (hello, up/…, pull); nullopt for any other.
std::optional<NodeName> author_of(std::string_view topic);
/// The scope a doorbell topic of this node's is about.
std::optional<Scope> scope_of_head(const NodeName& name, std::string_view topic);

bool is_name(std::string_view name);

}  // namespace till::core
