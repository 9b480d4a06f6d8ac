#!/bin/bash
# System 000 (classic): an admin keeps the products, a customer registers, looks around, places an order and takes it
# back. Its optimistic lock is the version in a PUT.
. "$(dirname "$0")/common.sh"

ask POST /auth/login 200 "{\"email\": \"$ADMIN_EMAIL\", \"password\": \"$ADMIN_PASSWORD\"}"
admin=$(field token)

token=$admin
ask POST /products/add 201 \
  '{"name": "Teapot", "description": "Holds a litre", "price": 199.99, "stock": 10, "colour": "red"}'
pot=$(field id) version=$(field version)
is price 199.99
is stock 10
is colour '(nothing)'
ask POST /products/add 400 '{"name": "", "price": 19.999, "stock": 0.5}'
is errors.0.pointer /price
is errors.1.pointer /stock
is errors.2.pointer /name
ask PUT /products/:id=$pot 200 "{\"name\": \"Teapot\", \"price\": 189.5, \"stock\": 12, \"version\": $version}"
is price 189.5
is stock 12
ask PUT /products/:id=$pot 412 "{\"name\": \"Kettle\", \"price\": 1, \"version\": $version}"
is current.price 189.5
is current.name Teapot

token=
ask POST /auth/register 201 "{\"name\": \"Ann\", \"email\": \"ann@000.test\", \"password\": \"$password\"}"
is user.role customer
ask POST /auth/register 409 "{\"name\": \"Ann\", \"email\": \"ann@000.test\", \"password\": \"$password\"}"
ask POST /auth/register 403 \
  "{\"name\": \"Eve\", \"email\": \"eve@000.test\", \"password\": \"$password\", \"role\": \"admin\"}"
ask POST /auth/login 401 '{"email": "ann@000.test", "password": "not this one"}'
ask POST /auth/login 200 "{\"email\": \"ann@000.test\", \"password\": \"$password\"}"
ann=$(field token)
ask GET /auth/user 401
token=$ann
ask GET /auth/user 200
is email ann@000.test

token=
ask GET /products 200
is 0.name Teapot
ask GET /products/:id=$pot 200
ask GET /products/:id=00000000-0000-7000-8000-000000000000 404

token=$ann
ask POST /products/add 403 '{"name": "Mine", "price": 1}'
ask POST /orders/place 201 "{\"items\": [{\"productId\": \"$pot\", \"quantity\": 2}], \"note\": \"as a gift\"}"
order=$(field id)
is status PENDING
is total 379
is items.0.quantity 2
ask GET /orders/:id=$order 200
is items.0.name Teapot
ask GET /orders 200
is 0.id "$order"
ask GET /products/:id=$pot 200
is stock 10
ask POST /orders/place 400 \
  "{\"items\": [{\"productId\": \"$pot\", \"quantity\": 0}, {\"productId\": \"$pot\", \"quantity\": \"2\"}]}"

token=
ask POST /auth/register 201 "{\"name\": \"Bob\", \"email\": \"bob@000.test\", \"password\": \"$password\"}"
token=$(field token)
ask GET /orders/:id=$order 404
ask DELETE /orders/:id=$order 404
ask GET /orders 200
is '' '[]'

token=$ann
ask DELETE /orders/:id=$order 200
is status CANCELLED
ask GET /products/:id=$pot 200
is stock 12
ask POST /orders/place 201 "{\"items\": [{\"productId\": \"$pot\", \"quantity\": 1}]}"
order=$(field id)
ask PUT /orders/:id=$order 403 '{"status": "cancelled"}'
token=$admin
ask PUT /orders/:id=$order 409 '{"status": "shipped"}'
ask PUT /orders/:id=$order 400 '{"status": "lost"}'
is errors.0.pointer /status
ask PUT /orders/:id=$order 200 '{"status": "cancelled"}'
is status CANCELLED
ask DELETE /products/:id=$pot 200
ask GET /products/:id=$pot 404
exit $failed
