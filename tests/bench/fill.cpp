// Brings a shop's database to so many products and three-line cash sales, by the very services that serve requests:
// indexes, stock ledger and journal chain are what years of selling would have made. Called by tests/bench/run while no
// daemon has the file open.
//
//     bench_fill DATABASE PRODUCTS ORDERS [described]
#include "offline_shop.h"

int main(int argc, char** argv) {
  using namespace till::bench;
  constexpr int64_t kAtOnce = 20'000;  // sales in a transaction
  constexpr int kCacheKib = 65'536;    // which should fit into it
  const bool described = argc == 5 && argv[4] == std::string_view("described");
  if (argc != 4 && !described) fail("usage: bench_fill DATABASE PRODUCTS ORDERS [described]");
  const int64_t products = std::atoll(argv[2]);
  const int64_t orders = std::atoll(argv[3]);
  OfflineShop shop(argv[1], kCacheKib);
  shop.add_products(products, described);
  std::mt19937_64 random(1);
  for (int64_t made = shop.rows("SELECT count(*) FROM orders"); made < orders;) {
    shop.begin();
    for (const int64_t until = std::min(made + kAtOnce, orders); made < until; ++made) shop.sell(random, products);
    shop.commit();
  }
  return 0;
}
