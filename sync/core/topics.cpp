#include "sync/core/topics.h"

#include <algorithm>

namespace till::core {
namespace {

constexpr std::string_view kRoot = "till/1/";
constexpr size_t kMaxName = 64;

std::string of_node(const NodeName& name, std::string_view last) {
  std::string topic(kRoot);
  topic.append(name.tenant).append("/").append(name.store).append("/").append(name.node).append("/").append(last);
  return topic;
}

std::string up_part(Stream stream) { return "up/" + std::string(to_string(stream)); }

// Scopes share the level of stores, so theirs is no store's name: those have no "@".
std::string head_part(const NodeName& name, Scope scope) {
  return scope == Scope::tenant ? std::string("@tenant") : "@store/" + name.store;
}

std::string_view next_level(std::string_view& rest) {
  const size_t slash = rest.find('/');
  const std::string_view level = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
  return level;
}

}  // namespace

std::string hello_topic(const NodeName& name) { return of_node(name, "hello"); }
std::string up_topic(const NodeName& name, Stream stream) { return of_node(name, up_part(stream)); }
std::string pull_topic(const NodeName& name) { return of_node(name, "pull"); }
std::string welcome_topic(const NodeName& name) { return of_node(name, "welcome"); }
std::string ack_topic(const NodeName& name, Stream stream) { return of_node(name, up_part(stream) + "/ack"); }
std::string page_topic(const NodeName& name) { return of_node(name, "page"); }
std::string state_topic(const NodeName& name) { return of_node(name, "state"); }

std::string head_topic(const NodeName& name, Scope scope) {
  return std::string(kRoot) + name.tenant + "/head/" + head_part(name, scope);
}

std::string topic_of(const NodeName& name, const Message& message) {
  struct Visitor {
    const NodeName& name;
    std::string operator()(const Hello&) const { return hello_topic(name); }
    std::string operator()(const Welcome&) const { return welcome_topic(name); }
    std::string operator()(const Up& m) const { return up_topic(name, m.stream); }
    std::string operator()(const Ack& m) const { return ack_topic(name, m.mark.stream); }
    std::string operator()(const Pull&) const { return pull_topic(name); }
    std::string operator()(const Page&) const { return page_topic(name); }
  };
  return std::visit(Visitor{name}, message);
}

std::vector<std::string> hub_subscriptions(std::string_view tenant) {
  const std::string all = std::string(kRoot) + std::string(tenant) + "/+/+/";
  return {all + "hello", all + "up/+", all + "pull", all + "state"};
}

std::vector<std::string> node_subscriptions(const NodeName& name) {
  return {of_node(name, "welcome"), of_node(name, "up/+/ack"), of_node(name, "page"), head_topic(name, Scope::tenant),
          head_topic(name, Scope::store)};
}

std::optional<NodeName> author_of(std::string_view topic) {
  if (!topic.starts_with(kRoot)) return std::nullopt;
  std::string_view rest = topic.substr(kRoot.size());
  NodeName name;
  name.tenant = next_level(rest);
  name.store = next_level(rest);
  name.node = next_level(rest);
  if (!is_name(name.tenant) || !is_name(name.store) || !is_name(name.node)) return std::nullopt;
  const bool up = std::any_of(kStreams.begin(), kStreams.end(), [&](Stream s) { return rest == up_part(s); });
  if (!up && rest != "hello" && rest != "pull" && rest != "state") return std::nullopt;
  return name;
}

std::optional<Scope> scope_of_head(const NodeName& name, std::string_view topic) {
  for (const Scope scope : kScopes)
    if (topic == head_topic(name, scope)) return scope;
  return std::nullopt;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
  });
}

}  // namespace till::core
