# What both commands share: an environment of their own, a free port, a server that is stopped at the end.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)

# environment NAME PACKAGES...: makes .venv-NAME beside this file, once. PYTHON=... takes another one instead.
environment() {
  local venv="$here/.venv-$1"
  shift
  if [[ -n "${PYTHON:-}" ]]; then python=$PYTHON; return; fi
  if [[ ! -e "$venv/done" ]]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet "$@"
    touch "$venv/done"
  fi
  python="$venv/bin/python"
}

free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# serve PORT COMMAND...: starts it and waits until it has models.
serve() {
  local port=$1
  shift
  "$@" &
  server=$!
  trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT
  for _ in $(seq 300); do
    if "$python" -c "import urllib.request; urllib.request.build_opener(urllib.request.ProxyHandler({})).open('http://127.0.0.1:$port/v1/models', timeout=2)" 2>/dev/null; then return; fi
    kill -0 "$server" || { echo "the server ended" >&2; exit 1; }
    sleep 1
  done
  echo "the server did not come up in 5 minutes" >&2
  exit 1
}
