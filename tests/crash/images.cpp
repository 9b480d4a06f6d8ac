#include "crash/images.h"

#include <algorithm>

namespace till::crash {
namespace {

enum class Fate : uint8_t { kept, dropped, torn, garbage };

// One image has much of one fate, another one some of each.
struct Weather {
  std::array<uint64_t, 4> weights;  // of Fate, in its order

  explicit Weather(Chance& chance) {
    constexpr std::array<std::array<uint64_t, 4>, 5> kKinds{
        {{1, 1, 0, 0}, {6, 1, 1, 0}, {1, 6, 1, 0}, {2, 2, 1, 1}, {20, 1, 0, 0}}};
    weights = kKinds[chance() % kKinds.size()];
  }
  [[nodiscard]] Fate fate(Chance& chance) const {
    uint64_t at = chance() % (weights[0] + weights[1] + weights[2] + weights[3]);
    size_t i = 0;
    while (at >= weights[i]) at -= weights[i++];
    return static_cast<Fate>(i);
  }
};

// Those bytes of the write that lie in one sector.
void write_sector(Tree& tree, const Op& op, size_t from, size_t count, Fate fate, Chance& chance) {
  if (fate == Fate::dropped) return;
  if (fate == Fate::torn) count = chance() % (count + 1);
  const auto begin = op.bytes.begin() + static_cast<std::ptrdiff_t>(from);
  Op part{.kind = Op::Kind::write, .file = op.file, .offset = op.offset + static_cast<int64_t>(from)};
  part.bytes.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  if (fate == Fate::garbage)
    for (uint8_t& byte : part.bytes) byte = static_cast<uint8_t>(chance());
  if (count > 0) apply(tree, part);
}

void write_by_sectors(Tree& tree, const Op& op, const Weather& weather, Chance& chance) {
  for (size_t from = 0; from < op.bytes.size();) {
    const size_t in_sector = (static_cast<size_t>(op.offset) + from) % kSector;
    const size_t count = std::min(kSector - in_sector, op.bytes.size() - from);
    write_sector(tree, op, from, count, weather.fate(chance), chance);
    from += count;
  }
}

}  // namespace

template <class Lasts>
void Walk::settle(std::vector<const Op*>& waiting, Lasts lasts) {
  std::erase_if(waiting, [&](const Op* op) {
    if (!lasts(*op)) return false;
    apply(lasting_, *op);
    return true;
  });
}

void Walk::step() {
  const Op& op = log_[at_];
  const bool lied = lies_.contains(at_++);
  if (op.kind == Op::Kind::write || op.kind == Op::Kind::resize) contents_.push_back(&op);
  if (op.kind == Op::Kind::link) lasting_.contents[op.file];  // without a name nobody sees it
  if (op.is_of_names()) names_.push_back(&op);
  if (op.kind == Op::Kind::sync && !lied) settle(contents_, [&](const Op& done) { return done.file == op.file; });
  if (op.kind == Op::Kind::sync_folder && !lied)
    settle(names_, [&](const Op& done) { return folder_of(done.name) == op.name; });
}

Tree Walk::image(int variant, Chance& chance) const {
  const bool all_contents = variant == 1 || variant == 2, all_names = variant == 1 || variant == 3;
  const bool by_chance = variant >= kFixedVariants;
  Tree tree = lasting_;
  const Weather weather(chance);
  if (all_contents || by_chance) {
    for (const Op* op : contents_) {
      if (by_chance && op->kind == Op::Kind::write)
        write_by_sectors(tree, *op, weather, chance);
      else if (all_contents || weather.fate(chance) == Fate::kept)
        apply(tree, *op);
    }
  }
  const size_t kept = by_chance ? chance() % (names_.size() + 1) : all_names ? names_.size() : 0;
  for (size_t i = 0; i < kept; ++i) apply(tree, *names_[i]);
  std::set<int> named;
  for (const auto& [name, file] : tree.names) named.insert(file);
  std::erase_if(tree.contents, [&](const auto& content) { return !named.contains(content.first); });
  return tree;
}

}  // namespace till::crash
