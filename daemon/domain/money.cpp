#include "domain/money.h"

#include <algorithm>
#include <numeric>

namespace till::domain {

std::vector<int64_t> spread(int64_t amount, const std::vector<int64_t>& weights) {
  __extension__ using Wide = __int128;
  std::vector<int64_t> parts(weights.size(), 0);
  if (weights.empty()) return parts;
  const Wide sum = std::accumulate(weights.begin(), weights.end(), Wide{0});
  if (sum == 0) {
    parts[0] = amount;
    return parts;
  }
  std::vector<std::pair<Wide, size_t>> remainders;
  int64_t rest = amount < 0 ? -amount : amount;
  const int64_t whole = rest, sign = amount < 0 ? -1 : 1;
  for (size_t i = 0; i < weights.size(); ++i) {
    const Wide product = static_cast<Wide>(whole) * weights[i];
    parts[i] = static_cast<int64_t>(product / sum);
    rest -= parts[i];
    remainders.emplace_back(product % sum, i);
  }
  std::stable_sort(remainders.begin(), remainders.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (size_t k = 0; rest > 0; ++k, --rest) ++parts[remainders[k].second];
  for (int64_t& part : parts) part *= sign;
  return parts;
}

}  // namespace till::domain
