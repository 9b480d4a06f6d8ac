// An intrusive doubly linked list: joining, leaving and taking the oldest cost a few pointers and no memory. A
// Connection stands in two of them at once, told apart by Tag. The chain does not own what stands in it.
#pragma once

namespace till::http {

template <class Tag>
struct Knot {
  Knot* before = nullptr;
  Knot* after = nullptr;
};

template <class T, class Tag>
class Chain {
 public:
  Chain() { end_.before = end_.after = &end_; }
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  [[nodiscard]] T* front() { return item(end_.after); }
  [[nodiscard]] T* next(T& after) { return item(static_cast<Knot<Tag>&>(after).after); }

  /// Moves `item` to the end of this chain, out of whichever it stood in.
  void push_back(T& item) {
    remove(item);
    Knot<Tag>& knot = item;
    knot.before = end_.before;
    knot.after = &end_;
    knot.before->after = knot.after->before = &knot;
  }
  static void remove(T& item) {
    Knot<Tag>& knot = item;
    if (knot.after == nullptr) return;
    knot.before->after = knot.after;
    knot.after->before = knot.before;
    knot.before = knot.after = nullptr;
  }

 private:
  T* item(Knot<Tag>* knot) { return knot == &end_ ? nullptr : static_cast<T*>(knot); }

  Knot<Tag> end_;
};

}  // namespace till::http
