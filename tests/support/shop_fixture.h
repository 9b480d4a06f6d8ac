// A shop as the daemon has it: a real database in a folder of its own, writer, readers and services; clock and chance
// are fake. Its verbs go through the writer and wait for the commit. One user of each role works there.
#pragma once

#include <doctest/doctest.h>

#include "services/shop.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"
#include "support/temp_folder.h"

namespace till::test {

using domain::Role;
using services::Sold;

class ShopFixture {
 public:
  explicit ShopFixture(services::Settings settings = {});
  ~ShopFixture();

  void open();
  void close();
  /// What a restart does.
  void reopen() { close(), open(); }
  /// What a restart from a backup does: the database goes on in another epoch.
  void restore();

  /// Runs work(), which gives a Result or Status, as one job of the writer; a failed commit is its error, too.
  template <class F>
  auto write(F&& work) -> decltype(work()) {
    std::optional<decltype(work())> result;
    const Status status = writer->run([&](sqlite::Connection&) -> Status {
      result.emplace(work());
      if (!result->ok()) return result->error();
      return {};
    });
    if (!status.ok()) return status.error();
    return std::move(*result);
  }

  /// The writer's connection: inside write() only.
  sqlite::Connection& tx() { return writer->connection(); }
  /// This thread's reading connection, which sees every commit so far.
  sqlite::Connection& db() { return *readers->fresh().value(); }
  void run_sql(const std::string& sql);
  int64_t number(const char* sql) { return db().value<int64_t>(sql).value().value_or(-1); }

  http::Caller caller(Role role) const { return callers_[static_cast<size_t>(role)]; }

  /// A product whose SKU is its name; `pieces` are received with it.
  domain::Product add_product(const std::string& name, int64_t price, int64_t pieces = 0,
                              domain::StockPolicy policy = domain::StockPolicy::warn);
  Result<domain::Product> add(domain::Product product);
  Result<domain::Product> change(const domain::Product& product, const std::string& patch);

  Result<Sold> sell(const domain::OrderDraft& draft, Role role = Role::cashier,
                    const std::optional<http::OnceKey>& once = {});
  /// A sale that has to succeed.
  domain::Order sold(std::vector<domain::LineDraft> lines);
  Result<Sold> take_back(const Uuid& sale, std::vector<domain::ReturnLineDraft> lines,
                         const std::optional<http::OnceKey>& once = {});
  Result<Sold> take_back_blind(std::vector<domain::BlindLineDraft> lines,
                               const std::optional<http::OnceKey>& once = {});
  Result<Sold> void_sale(const Uuid& sale, const std::optional<http::OnceKey>& once = {});
  Result<domain::Stock> book(const domain::Product& product, domain::StockEntryKind kind, int64_t quantity);

  domain::Order order(const Uuid& id) const { return shop->orders.get(id, caller(Role::manager)).value(); }
  int64_t on_hand(const domain::Product& product) const { return shop->inventory.get_stock(product.id)->on_hand; }
  /// The journal holds and every product's stock is the sum of its ledger.
  void check_books();

  TempFolder folder{};
  FakeClock clock{};
  FakeRandom random{};
  IdSource ids{clock, random};
  services::Settings settings;
  http::EventFeed events{};
  store::Identity identity{};
  std::unique_ptr<sqlite::Writer> writer;
  std::unique_ptr<sqlite::Readers> readers;
  std::unique_ptr<services::Shop> shop;

 private:
  void hire();

  std::vector<http::Caller> callers_;  // by role
};

/// `quantity` of a product, in thousandths.
domain::LineDraft line(const domain::Product& product, int64_t quantity = domain::kQuantityOne);
/// Lines paid in cash with more than enough.
domain::OrderDraft paid(std::vector<domain::LineDraft> lines);
http::OnceKey once(const std::string& key, uint64_t body_hash = 1);
/// "pointer code" of each wrong field, in order.
std::vector<std::string> faults(const Error& error);

}  // namespace till::test
