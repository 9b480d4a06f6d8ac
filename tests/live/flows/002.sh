#!/bin/bash
# System 002 (classic): products kept by an admin, orders of several products, moved on by the shop.
. "$(dirname "$0")/common.sh"

ask POST /auth/login 200 "{\"email\": \"$ADMIN_EMAIL\", \"password\": \"$ADMIN_PASSWORD\"}"
admin=$(field token)
token=$admin
ask POST /products 201 '{"name": "Cup", "price": 4.5, "stock": 100}'
cup=$(field id)
ask POST /products 201 '{"name": "Saucer", "price": 2.25, "stock": 3, "brand": "Kiln"}'
saucer=$(field id) version=$(field version)
ask PUT /products/:id=$saucer 200 "{\"price\": 2.3, \"version\": $version}"
is price 2.3
is stock 3
is brand Kiln
ask PUT /products/:id=$saucer 200 '{"price": 2.4}'
is price 2.4

token=
ask POST /auth/register 201 "{\"username\": \"Cleo\", \"email\": \"cleo@002.test\", \"password\": \"$password\"}"
ask POST /auth/login 200 "{\"email\": \"cleo@002.test\", \"password\": \"$password\"}"
cleo=$(field token)
ask GET '/products' 200
ask GET /products/:id=$cup 200
is price 4.5

ask POST /orders 401 "{\"products\": [{\"productId\": \"$cup\", \"quantity\": 1}]}"
token=$cleo
ask POST /orders 201 \
  "{\"products\": [{\"productId\": \"$cup\", \"quantity\": 2}, {\"productId\": \"$saucer\", \"quantity\": 1}]}"
order=$(field id)
is total 11.4
is items.1.total 2.4
is status PENDING
ask POST /orders 400 '{"products": [{"productId": "nothing", "quantity": 1}]}'
is errors.0.pointer /products/0/productId
ask POST /orders 409 '{}'
ask GET /orders 200
is 0.id "$order"
ask PUT /orders/:id/status 403 '{"status": "cancelled"}'

token=$admin
ask GET /orders 200
is 0.id "$order"
ask PUT /orders/:id=$order/status 409 '{"status": "delivered"}'
ask PUT /orders/:id=$order/status 200 '{"status": "canceled"}'
is status CANCELLED
ask PUT /orders/:id=$order/status 409 '{"status": "pending"}'
ask GET /products/:id=$saucer 200
is stock 3
ask DELETE /products/:id=$saucer 200
ask DELETE /products/:id=$saucer 404
exit $failed
