#!/bin/bash
# System 003 (classic): a cart, a checkout that reserves, a payment, and stock that is watched.
. "$(dirname "$0")/common.sh"

ask POST /auth/login 200 "{\"email\": \"$ADMIN_EMAIL\", \"password\": \"$ADMIN_PASSWORD\"}"
admin=$(field token)
token=$admin
ask POST /products 201 '{"name": "Kettle", "price": 19.99, "stock": 5}'
kettle=$(field id) version=$(field version)
ask POST /products 201 '{"name": "Whisk", "price": 3.1, "stock": 5}'
whisk=$(field id)
ask PATCH /products/:id=$kettle 200 "{\"price\": 29.99, \"stock\": 8, \"version\": $version}"
is price 29.99
is stock 8
ask PATCH /products/:id=$kettle 412 "{\"price\": 1, \"stock\": 999, \"version\": $version}"
is current.stock 8
ask PATCH /inventory/:productId=$kettle 200 '{"stock": 20}'
is stock 20
ask GET /inventory/:productId=$kettle 200
is stock 20
is reserved 0

token=
ask POST /auth/register 201 "{\"name\": \"Dora\", \"email\": \"dora@003.test\", \"password\": \"$password\"}"
ask POST /auth/login 200 "{\"email\": \"dora@003.test\", \"password\": \"$password\"}"
dora=$(field token)
ask GET /products 200
ask GET /products/:id=$kettle 200

token=$dora
ask PATCH /inventory/:productId=$kettle 403 '{"stock": 1}'
ask GET /cart 200
is items '[]'
ask POST /cart 200 "{\"productId\": \"$kettle\", \"quantity\": 2}"
ask POST /cart 200 "{\"productId\": \"$whisk\", \"quantity\": 1}"
is total 63.08
ask POST /cart 400 "{\"productId\": \"$whisk\", \"quantity\": -1}"
is errors.0.pointer /quantity
ask DELETE /cart/:productId=$whisk 200
ask GET /cart 200
is items.0.productId "$kettle"
is items.0.quantity 2
is total 59.98

ask POST /order/checkout 201
order=$(field id)
is status PENDING
is total 59.98
ask GET /inventory/:productId=$kettle 200
is stock 18
is reserved 2
ask POST /order/checkout 409
is code cart_empty

ask POST /payment 400 "{\"orderId\": \"$order\", \"card\": {\"number\": \"4539578763621486\"}}"
is errors.0.pointer /card/number
is errors.0.code card_number
ask POST /payment 402 "{\"orderId\": \"$order\", \"amount\": 59.98, \"card\": {\"number\": \"4000000000000002\"}}"
ask POST /payment 400 "{\"orderId\": \"$order\", \"amount\": 12, \"token\": \"pm_card_visa\"}"
is errors.0.pointer /amount
ask POST /payment 201 "{\"orderId\": \"$order\", \"amount\": 59.98, \"card\": {\"number\": \"4242 4242 4242 4242\"}}"
is status PAID
is payments.0.amount 59.98
ask POST /payment 409 "{\"orderId\": \"$order\", \"token\": \"pm_card_visa\"}"

ask GET /order 200
is 0.id "$order"
ask GET /order/:id=$order 200
is status PAID
ask PATCH /order/:id=$order/status 403 '{"status": "completed"}'
token=$admin
ask PATCH /order/:id=$order/status 409 '{"status": "shipped"}'
ask PATCH /order/:id=$order/status 200 '{"status": "completed"}'
is status COMPLETED
ask GET /inventory/:productId=$kettle 200
is stock 18
is reserved 0

token=$dora
ask POST /cart 200 "{\"productId\": \"$whisk\", \"quantity\": 1}"
ask POST /order/checkout 201
order=$(field id)
ask POST /payment 403 "{\"orderId\": \"$order\", \"method\": \"cash\"}"
token=$admin
ask POST /payment 201 "{\"orderId\": \"$order\", \"method\": \"cash\"}"
is status PAID
is payments.0.amount 3.1
exit $failed
