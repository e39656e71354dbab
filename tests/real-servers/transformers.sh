#!/usr/bin/env bash
# transformers with the tiny LLaVA fixture, for pictures. usage: transformers.sh FIXTURE (a folder with config.json,
# image.png and expected.json)
source "$(dirname "$0")/common.sh"
fixture=$(cd "${1:?usage: transformers.sh FIXTURE}" && pwd)
environment transformers torch transformers fastapi uvicorn pillow
port=$(free_port)
serve "$port" "$python" "$here/serve_llava.py" "$fixture" "$port"
cd "$root"
GIQA_LLAVA_URL="http://127.0.0.1:$port/v1" GIQA_LLAVA_FIXTURE="$fixture" \
  cargo test -p giqa-openai --test real -- --ignored --nocapture llava
