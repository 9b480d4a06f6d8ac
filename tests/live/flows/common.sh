# What the flows of the older systems share (000.sh, 002.sh, 003.sh, 004.sh): requests by curl, and a look at answers.
# Sourced by each; they are run by tests/live/dialects.py, or by hand against a tilld on loopback that takes test cards:
#
#     BASE=http://127.0.0.1:8080 ADMIN_EMAIL=… ADMIN_PASSWORD=… tests/live/flows/003.sh
#
# MAIL (004 only) is a command that prints the token in the newest message about a forgotten password.
# One line a check; a request that was answered as it should, and not refused, says "row METHOD PATTERN".
: "${BASE:?}" "${ADMIN_EMAIL:?}" "${ADMIN_PASSWORD:?}"
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
token= failed=0
password='a counter in the rain 1843'

# ask METHOD PATTERN STATUS [BODY]: PATTERN is that of routes.tsv with its parameters given: /products/:id=42
ask() {
  local method=$1 row path status
  row=$(sed 's/=[^/]*//g' <<<"$2")
  path=$(sed 's/:[A-Za-z]*=//g' <<<"$2")
  local send=(-H "Authorization: Bearer $token")
  [[ -n $token ]] || send=()
  if [[ $# -ge 4 ]]; then
    send+=(-H 'Content-Type: application/json' --data "$4")
  elif [[ $method != GET && $method != DELETE ]]; then
    send+=(--data '')  # else curl says nothing of a length, which is refused
  fi
  status=$(curl -sS -X "$method" "${send[@]}" -o "$answer" -w '%{http_code}' "$BASE$path")
  if [[ $status == "$3" ]]; then
    if ((status < 400)); then echo "row $method $row"; else echo "ok $method $row: $status"; fi
  else
    echo "FAIL $method $row: expected $3, got $status $(head -c 600 "$answer")"
    failed=1
  fi
}

# field user.id, field 0.items.1.name: one value of the last answer, as JSON without the quotes of a text
field() {
  python3 -c '
import json, sys
value = json.load(open(sys.argv[1]))
try:
    for name in filter(None, sys.argv[2].split(".")):
        value = value[int(name)] if isinstance(value, list) else value[name]
    print(value if isinstance(value, str) else json.dumps(value))
except (KeyError, IndexError, TypeError):
    print("(nothing)")' "$answer" "$1"
}

# is FIELD VALUE: of the last answer
is() {
  local got
  got=$(field "$1")
  if [[ $got == "$2" ]]; then echo "ok $1 is $2"; else
    echo "FAIL $1: expected $2, got $got in $(head -c 600 "$answer")"
    failed=1
  fi
}
