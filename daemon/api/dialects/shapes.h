// The keys of the older systems' bodies and rows (20-api, Dialects), resource by resource. classic and v1 share them;
// that v1's rows carry "_id" beside "id" the writing sees to (keys.h).
#pragma once

#include "api/dialects/keys.h"

namespace till::dialects {

Keys credentials();
Keys signup();
Keys user_change();
Keys user_row();
Keys address_body();
Keys address_row();

Keys new_product();
/// For change_product() of special.h; `id` among them where the path has none.
Keys product_change();
Keys product_row();
Keys category_body();
Keys category_row();

/// A quantity of a product, which the body names where the path does not.
Keys stock_body();
/// Of one that the path names: "stock" or "quantity".
Keys count_body();
Keys stock_row();
Keys reservation_row();

Keys cart_body();
Keys cart_quantity();
Keys cart_row();

Keys order_body();
Keys charged_order_body();
/// For pay() of special.h.
Keys payment_body();
Keys status_body();
Keys order_row();

}  // namespace till::dialects
