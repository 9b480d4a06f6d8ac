// The shop behind http's ports, as small as it can be: tokens that are names, a writer that works when told to, kept
// answers in a map. One thread, the test's.
#pragma once

#include <deque>
#include <map>
#include <tuple>

#include "http/ports.h"

namespace till::test {

/// Knows the callers it was given: the token is the name.
class FakeAuthenticator final : public http::Authenticator {
 public:
  void add(http::Caller caller) { callers_[caller.name] = caller; }
  void remove(std::string_view name) { callers_.erase(callers_.find(name)); }
  Result<http::Caller> authenticate(std::string_view token) override {
    auto found = callers_.find(token);
    if (found == callers_.end()) return Error{Code::unauthorized, "this token is not good", "bad_token"};
    return found->second;
  }

 private:
  std::map<std::string, http::Caller, std::less<>> callers_;
};

/// A writer with room for `limit` works; work_off() runs them in order and then "commits", like a group does.
class FakeWriteLane final : public http::WriteLane {
 public:
  size_t limit = 16;
  std::optional<Error> commit_error{};  // the next commit fails with it: all of the group gets it

  bool submit(http::Work work, Task<void(Result<http::Finish>)> done) override {
    if (queue_.size() >= limit) return false;
    queue_.emplace_back(std::move(work), std::move(done));
    return true;
  }

  void work_off() {
    auto group = std::move(queue_);
    queue_.clear();
    std::vector<Result<http::Finish>> results;
    for (auto& [work, done] : group) results.push_back(work());
    const auto failed = std::exchange(commit_error, {});
    for (size_t i = 0; i < group.size(); ++i) {
      group[i].second(failed && results[i].ok() ? Result<http::Finish>(*failed) : std::move(results[i]));
    }
  }

 private:
  std::deque<std::pair<http::Work, Task<void(Result<http::Finish>)>>> queue_;
};

class FakeOnceStore final : public http::OnceStore {
 public:
  std::optional<Error> keep_error{};  // keep() fails with it

  Result<std::optional<http::Response>> find(const http::OnceKey& key) override {
    auto found = kept_.find({key.caller, key.route, key.key});
    if (found == kept_.end()) return std::optional<http::Response>{};
    if (found->second.first != key.body_hash) return Error{Code::mismatch, "this key came with another body"};
    return std::optional(found->second.second);
  }
  Status keep(const http::OnceKey& key, const http::Response& answer) override {
    if (keep_error) return *keep_error;
    kept_[{key.caller, key.route, key.key}] = {key.body_hash, answer};
    return {};
  }
  [[nodiscard]] size_t size() const { return kept_.size(); }

 private:
  std::map<std::tuple<int64_t, std::string, std::string>, std::pair<uint64_t, http::Response>> kept_;
};

}  // namespace till::test
