#!/bin/sh
# Asks spoe-logs serve whether the mirrored release may go out, and waits while that is not known: for a shell, Jenkins, cron,
# or any tool that takes an exit code. docs/gates.md says more.
#
#     ask.sh http://127.0.0.1:9190 60      asks for up to 60 minutes, every 10 seconds
#
# Exit code 0: PASS. 1: FAIL. 3: INCONCLUSIVE to the end. 2: no verdict: the server could not be asked to the end, or refuses
# to answer, as without its token or where it compares nothing; waiting would not mend that. Why it waits is on standard error.
# SPOE_LOGS_TOKEN: its token, where it needs one. SPOE_LOGS_SINCE: since when the release is mirrored to, as
# 2026-11-27T12:00:00Z. SPOE_LOGS_EVERY: seconds between two questions.
set -eu

url=${1:?the URL of spoe-logs serve}
for number in "${2:-60}" "${SPOE_LOGS_EVERY:-10}"; do
  case "$number" in *[!0-9]* | 0*)
    echo "ask.sh: minutes, and the seconds of SPOE_LOGS_EVERY, are whole numbers above 0" >&2
    exit 2 ;;
  esac
done
tries=$(( ${2:-60} * 60 / ${SPOE_LOGS_EVERY:-10} ))
query=${SPOE_LOGS_SINCE:+?since=$SPOE_LOGS_SINCE}
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# The token is in no argument, where others on this machine could read it.
ask() {
  if [ -n "${SPOE_LOGS_TOKEN:-}" ]; then printf 'header = "Authorization: Bearer %s"\n' "$SPOE_LOGS_TOKEN"; fi |
    curl --config - --silent --show-error --max-time 10 --output "$answer" --write-out '%{http_code}' "$1"
}

# The first line of the answer, without what a terminal would act on.
first_line() { head -n 1 "$answer" | LC_ALL=C tr -cd ' -~' | cut -c 1-200; }

last=2
before=
while :; do
  # 200: PASS. 412: FAIL. 503: INCONCLUSIVE. 000: no answer.
  : > "$answer"
  status=$(ask "$url/verdict/promote$query") || status=000
  case "$status" in
    200) cat "$answer"; exit 0 ;;
    412) cat "$answer"; exit 1 ;;
    503) last=3 ;;
    # A busy proxy in between, for which waiting is right.
    408 | 425 | 429) last=2 ;;
    4??) echo "no verdict: $url answered $status: $(first_line)" >&2; exit 2 ;;
    *) last=2 ;;
  esac
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then
    if [ "$last" -eq 3 ]; then cat "$answer"; else echo "no verdict: $url answered $status" >&2; fi
    exit "$last"
  fi
  if [ "$status" != "$before" ]; then echo "waiting: $url answered $status: $(first_line)" >&2; fi
  before=$status
  sleep "${SPOE_LOGS_EVERY:-10}"
done
