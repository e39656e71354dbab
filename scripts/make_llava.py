#!/usr/bin/env python3
"""Makes a LLaVA of random bf16 weights, as large as a real one, in shards: for figures of speed and memory.

  make_llava.py tiny|0.5b|7b FOLDER

Needs nothing but Python. Layout and names are those of llava-hf's checkpoints, so transformers loads it as well. The
tokenizer is that of tests/fixtures/models/llava15; what the model writes means nothing. The weights are the same each time.
"""
import json
import pathlib
import random
import shutil
import sys

FIXTURE = pathlib.Path(__file__).resolve().parent.parent / "tests/fixtures/models/llava15"
SHARD = 512 << 20

# Text: hidden, intermediate, layers, heads, kv heads. Vision: hidden, intermediate, layers, heads, picture's side.
SIZES = {
    "tiny": ((128, 256, 4, 4, 2), (64, 128, 4, 4, 56)),
    "0.5b": ((896, 2432, 24, 14, 2), (1024, 4096, 24, 16, 336)),  # CLIP ViT-L/14-336
    "7b": ((4096, 11008, 32, 32, 32), (1024, 4096, 24, 16, 336)),  # LLaVA-1.5-7B
}
VOCAB, PATCH = 32064, 14


def tensors(text, vision):
    """Names and shapes."""
    hidden, wide, layers, heads, kv_heads = text
    yield "language_model.model.embed_tokens.weight", (VOCAB, hidden)
    kv = hidden // heads * kv_heads
    for i in range(layers):
        layer = f"language_model.model.layers.{i}."
        for part, rows in (("q", hidden), ("k", kv), ("v", kv), ("o", hidden)):
            yield f"{layer}self_attn.{part}_proj.weight", (rows, hidden)
        yield layer + "mlp.gate_proj.weight", (wide, hidden)
        yield layer + "mlp.up_proj.weight", (wide, hidden)
        yield layer + "mlp.down_proj.weight", (hidden, wide)
        yield layer + "input_layernorm.weight", (hidden,)
        yield layer + "post_attention_layernorm.weight", (hidden,)
    yield "language_model.model.norm.weight", (hidden,)
    yield "language_model.lm_head.weight", (VOCAB, hidden)
    seen, wide, layers, _, side = vision
    tower = "vision_tower.vision_model."
    yield tower + "embeddings.class_embedding", (seen,)
    yield tower + "embeddings.patch_embedding.weight", (seen, 3, PATCH, PATCH)
    yield tower + "embeddings.position_embedding.weight", ((side // PATCH) ** 2 + 1, seen)
    shapes = [("self_attn." + p + "_proj", (seen, seen)) for p in ("q", "k", "v", "out")]
    shapes += [("mlp.fc1", (wide, seen)), ("mlp.fc2", (seen, wide)), ("layer_norm1", (seen,)), ("layer_norm2", (seen,))]
    shapes = [(f"encoder.layers.{i}.{name}", shape) for i in range(layers) for name, shape in shapes]
    for name, shape in [("pre_layrnorm", (seen,)), ("post_layernorm", (seen,))] + shapes:
        yield f"{tower}{name}.weight", shape
        yield f"{tower}{name}.bias", shape[:1]
    for name, width in (("1", seen), ("2", hidden)):
        yield f"multi_modal_projector.linear_{name}.weight", (hidden, width)
        yield f"multi_modal_projector.linear_{name}.bias", (hidden,)


def elements(shape):
    count = 1
    for n in shape:
        count *= n
    return count


class Noise:
    """Numbers of either sign between 2^-7 and 2^-5, evenly in each octave: about as large as trained weights."""

    def __init__(self):
        block = bytearray(random.Random(0).randbytes(1 << 24))
        # The upper byte of a bf16: its sign, and all but one bit of its exponent.
        block[1::2] = bytes(block[1::2]).translate(bytes(0x3C | b & 0x80 for b in range(256)))
        self.block, self.at = bytes(block), 0

    def write(self, file, count):
        left = 2 * count
        while left:
            part = self.block[self.at : self.at + left]
            file.write(part)
            left -= len(part)
            self.at = (self.at + len(part)) % len(self.block)


def write_weights(folder, listed):
    shards, room = [[]], SHARD
    for name, shape in listed:
        size = 2 * elements(shape)
        if size > room and shards[-1]:
            shards.append([])
            room = SHARD
        shards[-1].append((name, shape, size))
        room -= size
    noise, places = Noise(), {}
    for i, shard in enumerate(shards, 1):
        file_name = f"model-{i:05}-of-{len(shards):05}.safetensors"
        header, at = {"__metadata__": {"format": "pt"}}, 0
        for name, shape, size in shard:
            header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + size]}
            places[name] = file_name
            at += size
        head = json.dumps(header).encode()
        head += b" " * (-len(head) % 8)
        with open(folder / file_name, "wb") as file:
            file.write(len(head).to_bytes(8, "little") + head)
            for name, shape, size in shard:
                if "norm" in name and name.endswith("weight"):
                    file.write(b"\x80\x3f" * (size // 2))  # 1.0
                else:
                    noise.write(file, size // 2)
    total = sum(size for shard in shards for _, _, size in shard)
    index = {"metadata": {"total_size": total}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1))
    print(f"{folder}: {total // 2 / 1e9:.3f} billion weights in {len(shards)} shards")


def write_configs(folder, text, vision):
    for name in ("tokenizer.json", "tokenizer_config.json", "generation_config.json"):
        shutil.copy(FIXTURE / name, folder / name)
    read = lambda name: json.loads((FIXTURE / name).read_text())
    config, pictures, processor = read("config.json"), read("preprocessor_config.json"), read("processor_config.json")
    hidden, wide, layers, heads, kv_heads = text
    config["text_config"].update(
        hidden_size=hidden, intermediate_size=wide, num_hidden_layers=layers, num_attention_heads=heads,
        num_key_value_heads=kv_heads, head_dim=hidden // heads, vocab_size=VOCAB, max_position_embeddings=4096,
    )
    hidden, wide, layers, heads, side = vision
    config["vision_config"].update(
        hidden_size=hidden, intermediate_size=wide, num_hidden_layers=layers, num_attention_heads=heads, image_size=side,
        projection_dim=hidden,
    )
    config.update(dtype="bfloat16", image_seq_length=(side // PATCH) ** 2)
    size = {"crop_size": {"height": side, "width": side}, "size": {"shortest_edge": side}}
    pictures.update(size)
    processor.get("image_processor", {}).update(size)
    for name, content in (
        ("config.json", config), ("preprocessor_config.json", pictures), ("processor_config.json", processor),
    ):
        (folder / name).write_text(json.dumps(content, indent=1))


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in SIZES:
        sys.exit(__doc__)
    text, vision = SIZES[sys.argv[1]]
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    write_configs(folder, text, vision)
    write_weights(folder, list(tensors(text, vision)))


main()
