"""The tiny LLaVA fixture behind the OpenAI chat API: greedy, one picture, no streaming.

usage: serve_llava.py FIXTURE PORT
"""

import base64
import io
import pathlib
import sys

import numpy as np
import torch
import uvicorn
from fastapi import FastAPI
from PIL import Image
from transformers import AutoTokenizer, LlavaForConditionalGeneration

FIXTURE = pathlib.Path(sys.argv[1])
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
PROMPT = ("A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, "
          "and polite answers to the user's questions. USER: {image}\n{question} ASSISTANT:")

torch.manual_seed(0)
model = LlavaForConditionalGeneration.from_pretrained(FIXTURE, dtype=torch.float32).eval()
tokenizer = AutoTokenizer.from_pretrained(FIXTURE)
side = model.config.vision_config.image_size
app = FastAPI()


def pixels(url):
    """LLaVA-1.5's own: padded to a square with the mean colour, Pillow's bicubic, horizontal pass first."""
    image = Image.open(io.BytesIO(base64.b64decode(url.split(",", 1)[1]))).convert("RGB")
    longer = max(image.size)
    square = Image.new("RGB", (longer, longer), tuple(int(m * 255) for m in MEAN))
    square.paste(image, ((longer - image.width) // 2, (longer - image.height) // 2))
    small = square.resize((side, longer), Image.BICUBIC).resize((side, side), Image.BICUBIC)
    values = (np.asarray(small, dtype=np.float32) / 255 - MEAN) / STD
    return torch.tensor(values.transpose(2, 0, 1)[None], dtype=torch.float32)


@app.get("/v1/models")
def models():
    return {"object": "list", "data": [{"id": "tiny-llava", "object": "model"}]}


@app.post("/v1/chat/completions")
def chat(request: dict):
    parts = request["messages"][-1]["content"]
    question = next(p["text"] for p in parts if p["type"] == "text")
    picture = pixels(next(p["image_url"]["url"] for p in parts if p["type"] == "image_url"))
    count = (side // model.config.vision_config.patch_size) ** 2
    ids = tokenizer(PROMPT.format(image="<image>" * count, question=question), return_tensors="pt")["input_ids"]
    with torch.no_grad():
        out = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=picture, do_sample=False,
                             max_new_tokens=request["max_tokens"], eos_token_id=None)
    new = out[0, ids.shape[1]:].tolist()
    message = {"role": "assistant", "content": tokenizer.decode(new, skip_special_tokens=True)}
    return {"object": "chat.completion", "model": "tiny-llava",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": ids.shape[1], "completion_tokens": len(new)}}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
