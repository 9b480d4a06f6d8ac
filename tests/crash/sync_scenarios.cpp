// The line to headquarters: pages and acknowledgements at a node, batches at the hub.
#include "crash/hub.h"
#include "crash/shop_day.h"
#include "store/edits.h"

namespace till::crash {
namespace {

using core::Scope;
using core::Stream;

const core::NodeName kNode{"shop", "main", "A1"};

/// What a hub sends: pages that follow each other.
class Pages {
 public:
  Pages(Node& node, bool may_start_over) : node_(node), may_start_over_(may_start_over) {}

  Work keep(core::Page page) {
    return [this, page = std::move(page)]() -> Answer {
      const std::string cursor = "rev " + std::to_string(core::index_of(page.scope));
      TILL_TRY(const auto event, node_.replica->keep(node_.db(), page));
      if (!std::holds_alternative<core::Kept>(event)) return Error{.message = "the page was not kept"};
      if (may_start_over_) return std::vector<Promise>{};  // then revs begin anew
      return std::vector<Promise>{{.what = cursor, .version = page.to.rev}};
    };
  }
  core::Page page(Scope scope, std::vector<core::Item> items) {
    core::Position& at = at_[core::index_of(scope)];
    core::Page page{.session = {}, .scope = scope, .from = at, .items = std::move(items)};
    at = page.to = page.head = {++rev_, {static_cast<uint8_t>(rev_)}};
    return page;
  }
  /// A product of headquarters, as of now.
  core::RowImage image(int n, int64_t price) {
    domain::Product product;
    product.id.bytes = {1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, static_cast<uint8_t>(n)};
    product.name = product.sku = product.slug = "hub-" + std::to_string(n);
    product.price = price;
    product.currency = "EUR";
    core::RowImage image{.entity = core::Entity::product, .id = product.id, .rev = rev_ + 1};
    for (const core::FieldEdit& field : store::field_edits<domain::Product>(nullptr, &product))
      image.fields.push_back({field.name, field.after, {{9}}});
    return image;
  }
  /// Everything from the beginning again.
  Work start_over() {
    at_[0] = {};
    return [this]() -> Answer {
      TILL_TRY(const auto event, node_.replica->start_over(node_.db(), Scope::tenant));
      static_cast<void>(event);
      return std::vector<Promise>{};
    };
  }
  /// The hub has all of a stream, in its backups too.
  Work acknowledge(Stream stream) {
    return [this, stream]() -> Answer {
      sqlite::Connection& db = node_.db();
      TILL_TRY(const core::State state, node_.replica->load_state(db));
      core::Mark mark{.stream = stream, .hash = core::stream_start(state.epoch, stream)};
      for (bool more = true; more;) {
        TILL_TRY(const auto batch, node_.replica->load(db, {stream, mark.at + 1}));
        more = !batch.envelopes.empty();
        if (more) mark.at = batch.envelopes.back().seq, mark.hash = batch.envelopes.back().hash;
      }
      mark.applied = mark.backed = mark.at;
      TILL_TRY(const auto event, node_.replica->confirm(db, {mark, false}));
      if (!std::holds_alternative<core::Confirmed>(event)) return Error{.message = "the mark is not ours"};
      return std::vector<Promise>{{.what = "acked " + std::string(to_string(stream)), .version = mark.at}};
    };
  }

 private:
  Node& node_;
  const bool may_start_over_;
  core::Position at_[core::kScopeCount]{};
  int64_t rev_ = 0;
};

void all_well(const std::vector<Status>& told) {
  for (const Status& one : told) must(one, "a job");
}

Tree attached_shop() {
  return prepared([](Node& node) { open_shop(node, true); });
}

// Rows come down while the shop sells and edits; what the hub has is forgotten.
void hear(Story& story) {
  Node node;
  must(node.start(), "start");
  node.serve();
  ShopDay day(node);
  Pages hub(node, false);
  for (int i = 0; i < 8; ++i) {
    const auto page = hub.page(Scope::tenant, {hub.image(i, 10 * i), hub.image(i / 2, 7)});
    all_well(node.together(story, {hub.keep(page), day.sell(1)}));
    all_well(node.together(story, {day.change(i), hub.keep(hub.page(Scope::store, {})), day.add()}));
    all_well(node.together(story, {hub.acknowledge(Stream::sale), hub.acknowledge(Stream::shop)}));
  }
}

// All rows are pulled anew, into the shadow, and take their place with the last page.
void pull_anew(Story& story) {
  Node node;
  must(node.start(), "start");
  node.serve();
  ShopDay day(node);
  Pages hub(node, true);
  all_well(node.together(story, {hub.keep(hub.page(Scope::tenant, {hub.image(1, 1), hub.image(2, 2)}))}));
  for (int round = 0; round < 3; ++round) {
    all_well(node.together(story, {day.change(round), hub.start_over()}));
    for (int i = 0; i < 3; ++i)
      all_well(node.together(story, {hub.keep(hub.page(Scope::tenant, {hub.image(round + i, 30)})), day.sell(1)}));
    auto last = hub.page(Scope::tenant, {hub.image(9, round)});
    last.last = true;
    all_well(node.together(story, {hub.keep(last)}));
  }
}

// What a till made in a day, as it sends it.
std::vector<core::Up> a_day_of_a_till(const core::HubEpoch& hub_epoch) {
  Disk disk;
  Disk* before = Disk::current();
  Disk::use(&disk);
  std::vector<core::Up> batches;
  {
    Node node;
    must(node.start(), "a till's start");
    open_shop(node, true);
    ShopDay day(node);
    for (int i = 0; i < 24; ++i) {
      const Work work = i % 4 == 3 ? day.change(i) : day.sell(1);
      must(node.alone([&] { return work(); }), "a till's day");
    }
    const auto state = must(node.replica->load_state(node.db()), "state");
    for (const Stream stream : {Stream::shop, Stream::sale}) {
      for (int64_t seq = 1;;) {
        auto loaded = must(node.replica->load(node.db(), {stream, seq}), "load");
        if (loaded.envelopes.empty()) break;
        loaded.envelopes.resize(std::min<size_t>(loaded.envelopes.size(), 4));
        batches.push_back({.session = {{}, hub_epoch, state.epoch},
                           .stream = stream,
                           .former = loaded.former,
                           .first = seq,
                           .envelopes = loaded.envelopes});
        seq += static_cast<int64_t>(loaded.envelopes.size());
      }
    }
  }
  Disk::use(before);
  return batches;
}

void apply_batches(Story& story) {
  Hub hub;
  must(hub.start(), "the hub's start");
  const auto batches = a_day_of_a_till(hub.identity.epoch);
  hub.serve();
  const Teller teller{story, hub.file};
  const auto greet = [&]() -> Answer {
    TILL_TRY(const auto welcome, hub.greet(kNode, batches[0].session));
    static_cast<void>(welcome);
    return std::vector<Promise>{};
  };
  all_well(together(*hub.writer, teller, {greet}));
  for (const core::Up& up : batches) {
    const auto note = [&]() -> Answer {
      TILL_TRY(const auto way, hub.applier->note(hub.db(), kNode, up, false));
      static_cast<void>(way);
      return std::vector<Promise>{};
    };
    const auto apply = [&]() -> Answer {
      hub.clock.advance_ms(1);
      TILL_TRY(const auto ack, hub.applier->apply(hub.db(), kNode, up, hub::Way::whole));
      return std::vector<Promise>{promise_of(ack.mark)};
    };
    all_well(together(*hub.writer, teller, {note}));
    all_well(together(*hub.writer, teller, {apply}));
  }
}

Tree new_hub() {
  Disk disk;
  Disk::use(&disk);
  {
    Hub hub;
    must(hub.start(), "the hub's first start");
  }
  return disk.tree();
}

}  // namespace

std::vector<Scenario> sync_scenarios() {
  const auto node = [] { return std::make_unique<Node>(); };
  return {{.name = "pages", .prepare = attached_shop, .play = hear, .make = node},
          {.name = "pull", .prepare = attached_shop, .play = pull_anew, .make = node},
          {.name = "hub", .prepare = new_hub, .play = apply_batches, .make = [] { return std::make_unique<Hub>(); }}};
}

}  // namespace till::crash
