// A callable that is moved, never copied: it may own what it works on (std::move_only_function comes with C++23).
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace till {

template <class Signature>
class Task;

template <class R, class... Args>
class Task<R(Args...)> {
 public:
  Task() = default;
  template <class F>
  requires(!std::is_same_v<std::decay_t<F>, Task> && std::is_invocable_r_v<R, std::decay_t<F>&, Args...>) Task(F&& call)
      : call_(std::make_unique<Model<std::decay_t<F>>>(std::forward<F>(call))) {}  // NOLINT: implicit

  explicit operator bool() const { return call_ != nullptr; }
  R operator()(Args... args) { return call_->run(std::forward<Args>(args)...); }

 private:
  struct Concept {
    virtual ~Concept() = default;
    virtual R run(Args... args) = 0;
  };
  template <class F>
  struct Model final : Concept {
    explicit Model(F&& f) : call(std::move(f)) {}
    explicit Model(const F& f) : call(f) {}
    R run(Args... args) override { return call(std::forward<Args>(args)...); }
    F call;
  };
  std::unique_ptr<Concept> call_;
};

}  // namespace till
