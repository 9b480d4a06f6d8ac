#!/bin/bash
# System 004 (v1): accounts with all their ways, addresses, a catalogue with categories, stock that is added, reduced
# and reserved, carts, and orders that are charged and shipped. Answers are {"statusCode", "message", "data"}.
. "$(dirname "$0")/common.sh"
: "${MAIL:?}"

login() { ask POST /v1/auth/login 201 "{\"email\": \"$1\", \"password\": \"$2\"}"; }

# ---- accounts
login "$ADMIN_EMAIL" "$ADMIN_PASSWORD"
is statusCode 201
is data.user.role ADMIN
admin=$(field data.accessToken)
ask POST /v1/auth/signup 201 "{\"username\": \"Finn\", \"email\": \"finn@004.test\", \"password\": \"$password\"}"
is data.user.role CUSTOMER
finn_id=$(field data.user._id)
ask POST /v1/auth/signup 403 \
  "{\"username\": \"Eve\", \"email\": \"eve@004.test\", \"password\": \"$password\", \"role\": \"ADMIN\"}"
is statusCode 403
ask POST /v1/auth/signup 400 '{"username": "", "email": "x"}'
is errors.0.pointer /email
ask POST /v1/auth/login 401 '{"email": "finn@004.test", "password": "not this one"}'
is statusCode 401
login finn@004.test "$password"
token=$(field data.accessToken) refresh=$(field data.refreshToken)
ask GET /v1/auth/getprofile 200
is data.email finn@004.test
is data.role CUSTOMER
ask POST /v1/auth/refreshtoken 201 "{\"refreshToken\": \"$refresh\"}"
token=$(field data.accessToken)
ask POST /v1/auth/changepassword 400 '{"oldPassword": "not this one", "newPassword": "another one of words"}'
is errors.0.pointer /oldPassword
ask POST /v1/auth/changepassword 201 "{\"oldPassword\": \"$password\", \"newPassword\": \"another one of words\"}"
ask POST /v1/auth/signout 201
is data null
ask GET /v1/auth/getprofile 401
token=
ask POST /v1/auth/forgotpassword 201 '{"email": "nobody@004.test"}'
ask POST /v1/auth/forgotpassword 201 '{"email": "finn@004.test"}'
reset=$($MAIL)
ask POST /v1/auth/resetpassword 401 "{\"userId\": \"$finn_id\", \"token\": \"x$reset\", \"newPassword\": \"$password\"}"
ask POST /v1/auth/resetpassword 201 "{\"userId\": \"$finn_id\", \"token\": \"$reset\", \"newPassword\": \"$password\"}"
ask POST /v1/auth/resetpassword 401 "{\"userId\": \"$finn_id\", \"token\": \"$reset\", \"newPassword\": \"$password\"}"
login finn@004.test "$password"
finn=$(field data.accessToken)

# ---- users and addresses
token=$finn
ask GET /v1/users/getusers 403
ask PATCH /v1/users/updateuser 200 '{"username": "Finn the Second"}'
is data.name 'Finn the Second'
ask POST /v1/users-address/createuseraddress 400 '{"fullName": "Finn"}'
is errors.0.pointer /street
home='"fullName": "Finn", "phone": "1", "street": "Quay 1", "city": "Cork", "state": "Munster", "postalCode": "T12",
  "country": "IE"'
ask POST /v1/users-address/createuseraddress 201 "{$home, \"isDefault\": true}"
is data.fullName Finn
is data.isDefault true
home_id=$(field data._id)
ask POST /v1/users-address/createuseraddress 201 "{$home, \"isDefault\": true}"
other_id=$(field data._id)
ask GET /v1/users-address/getuseraddresses 200
is data.0.isDefault false
is data.1.isDefault true
ask PATCH /v1/users-address/updateuseraddress/:id=$home_id 200 '{"postalCode": "T13", "isDefault": true}'
is data.postalCode T13
ask GET /v1/users-address/getuseraddressbyid/:id=$other_id 200
is data.isDefault false
ask DELETE /v1/users-address/deleteuseraddress/:id=$other_id 200
ask GET /v1/users-address/getuseraddressbyid/:id=$other_id 404
token=$admin
ask GET /v1/users/getusers 200
ask GET /v1/users/getuser/:id=$finn_id 200
is data.username 'Finn the Second'

# ---- catalogue
ask POST /v1/product/createcategory 201 '{"name": "Garden Tools"}'
tools=$(field data._id)
is data.slug garden-tools
ask PATCH /v1/product/updatecategory/:id=$tools 200 '{"description": "For the garden"}'
is data.description 'For the garden'
ask POST /v1/product/createproduct 201 \
  "{\"name\": \"Iron Rake\", \"description\": \"Rakes\", \"price\": 24.99, \"stock\": 6, \"categoryIds\": [\"$tools\"],
    \"images\": [\"https://img.test/rake.png\"], \"brand\": \"Forge\"}"
rake=$(field data._id) version=$(field data.version)
is data.price 24.99
is data.stock 6
is data.categoryIds "[\"$tools\"]"
ask POST /v1/product/createproduct 201 '{"name": "Sold-out Spade", "price": 9, "stock": 0}'
spade=$(field data._id)
token=
ask GET /v1/product/getcategories 200
is data.0.slug garden-tools
ask GET /v1/product/getcategory/:id=$tools 200
ask GET /v1/product/getcategoriesbyslug/:slug=garden-tools 200
is data._id "$tools"
ask GET /v1/product/getproducts 200
is data.0._id "$spade"
is data.1._id "$rake"
ask GET /v1/product/getproduct/:id=$rake 200
is data.brand Forge
ask GET /v1/product/getproductsbyslug/:slug=iron-rake 200
is data._id "$rake"
ask GET /v1/product/getproductsbycategory/:slug=garden-tools 200
is data.0._id "$rake"
is data.1 '(nothing)'
ask GET /v1/product/getavailableproducts 200
is data.0._id "$rake"
ask GET /v1/product/getproduct/:id=nothing 404
is statusCode 404
ask PATCH /v1/product/updateproduct 401 "{\"_id\": \"$rake\", \"price\": 1}"
token=$admin
ask PATCH /v1/product/updateproduct 200 "{\"_id\": \"$rake\", \"price\": 25, \"stock\": 7, \"version\": $version}"
is data.price 25
is data.stock 7
ask PATCH /v1/product/updateproduct 412 "{\"id\": \"$rake\", \"price\": 26, \"version\": $version}"
is current._id "$rake"
is statusCode 412
ask PATCH /v1/product/updateproduct 400 '{"price": 26}'
is errors.0.pointer /id

# ---- stock
ask POST /v1/inventory/createinventory 201 "{\"productId\": \"$spade\", \"quantity\": 4}"
is data.stock 4
ask GET /v1/inventory/getinventoryforproduct/:id=$spade 200
is data.productId "$spade"
ask GET /v1/inventory/getavailableproducts 200
is data.1._id "$rake"
ask PATCH /v1/inventory/updateinventory/:productId=$spade 200 '{"stock": 10}'
is data.stock 10
ask POST /v1/inventory/addstock 201 "{\"productId\": \"$spade\", \"quantity\": 5}"
is data.stock 15
ask POST /v1/inventory/reducestock 201 "{\"productId\": \"$spade\", \"quantity\": 3}"
is data.stock 12
ask POST /v1/inventory/reservestock 201 "{\"productId\": \"$spade\", \"quantity\": 2}"
ask GET /v1/inventory/getinventoryforproduct/:id=$spade 200
is data.stock 10
is data.reserved 2
ask POST /v1/inventory/releasestock 201 "{\"productId\": \"$spade\", \"quantity\": 2}"
is data.stock 12
ask POST /v1/inventory/releasestock 409 "{\"productId\": \"$spade\", \"quantity\": 1}"
ask POST /v1/inventory/addstock 400 '{"quantity": 0.5}'
is errors.0.pointer /quantity
is errors.1.pointer /productId

# ---- cart
token=$finn
ask POST /v1/inventory/addstock 403 "{\"productId\": \"$spade\", \"quantity\": 5}"
ask POST /v1/cart/addtocart 201 "{\"productId\": \"$rake\", \"quantity\": 1}"
ask POST /v1/cart/addtocart 201 "{\"productId\": \"$spade\", \"quantity\": 1}"
is data.total 34
ask PATCH /v1/cart/updatecartitem/:productId=$rake 200 '{"quantity": 2}'
is data.total 59
ask DELETE /v1/cart/removecartitem/:productId=$spade 200
is data.total 50
ask DELETE /v1/cart/clearcart 200
ask GET /v1/cart/getcart 200
is data.items '[]'
ask POST /v1/cart/addtocart 201 "{\"productId\": \"$rake\", \"quantity\": 2}"

# ---- orders
visa='"card": {"number": "4242424242424242", "exp": "12/30", "cvc": "123"}'
ask POST /v1/orders 400 "{\"shippingAddressId\": \"$home_id\", \"charge\": {\"amount\": 4999, $visa}}"
is errors.0.pointer /charge
declined='"card": {"number": "4000000000000002"}'
ask POST /v1/orders 402 "{\"shippingAddressId\": \"$home_id\", \"charge\": {\"amount\": 5000, $declined}}"
ask POST /v1/orders 201 "{\"shippingAddressId\": \"$home_id\", \"charge\": {\"amount\": 5000, $visa}}"
order=$(field data._id)
is data.status PAID
is data.total 50
is data.shippingAddress.city Cork
ask POST /v1/orders 409 "{\"shippingAddressId\": \"$home_id\", \"charge\": {\"amount\": 5000, $visa}}"
ask GET /v1/orders/:id=$order 200
is data.items.0.quantity 2
ask GET /v1/orders 200
is data.0._id "$order"
ask GET /v1/orders/all 403
token=$admin
ask GET /v1/orders 200
is data '[]'
ask GET /v1/orders/all 200
is data.0._id "$order"
ask PATCH /v1/orders/:id=$order/status 409 '{"status": "delivered"}'
ask PATCH /v1/orders/:id=$order/status 200 '{"status": "shipped"}'
is data.status SHIPPED
ask PATCH /v1/orders/:id=$order/status 200 '{"status": "Delivered"}'
token=$finn
ask PATCH /v1/orders/:id=$order/cancel 409
ask POST /v1/orders 201 "{\"shippingAddressId\": \"$home_id\",
  \"items\": [{\"productId\": \"$rake\", \"quantity\": 1}],
  \"charge\": {\"amount\": 2500, \"token\": \"pm_card_visa\"}}"
order=$(field data._id)
ask PATCH /v1/orders/:id=$order/cancel 200
is data.status CANCELLED
ask GET /v1/product/getproduct/:id=$rake 200
is data.stock 5

# ---- the end
token=$admin
ask DELETE /v1/product/deleteproduct/:id=$spade 200
ask DELETE /v1/product/deletecategory/:id=$tools 409
ask DELETE /v1/product/deleteproduct/:id=$rake 200
ask DELETE /v1/product/deletecategory/:id=$tools 200
ask POST /v1/auth/signup 201 "{\"username\": \"Gus\", \"email\": \"gus@004.test\", \"password\": \"$password\"}"
gus=$(field data.user.id)
token=$finn
ask DELETE /v1/users/deleteuser/:id=$gus 403
token=$admin
ask DELETE /v1/users/deleteuser/:id=$gus 200
token=$finn
ask DELETE /v1/users/deleteuser 400
is errors.0.pointer /password
ask DELETE /v1/users/deleteuser 200 "{\"password\": \"$password\"}"
ask GET /v1/auth/getprofile 401
token=
ask POST /v1/auth/login 401 "{\"email\": \"finn@004.test\", \"password\": \"$password\"}"
exit $failed
