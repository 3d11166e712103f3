"""Writes a tiny, valid GGUF model whose hand-set weights recite chosen answers.

It is a real file for a real llama.cpp server: tokenizer, sampler, streaming and timings are the true ones, only the
knowledge is ours. Never report it as a language model's score. Deterministic; about 11 MB; needs numpy and gguf.

How it works. A GPT-2 of one layer. Each answer is cut into pieces, each piece a token of its own, so the next token is
a function of the current one: output row(next) = 60/64 x embedding(current). A key is a token that the tokenizer
finds anywhere in the prompt; the one attention head looks only at keys, and its value raises the first piece of that
key's answer. All other prompt text is single bytes. The answer under "" is given when no key occurs.
Limits: 62 keys; keys must be single words that occur literally; two keys in one prompt are ambiguous.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

WIDTH, HEAD = 512, 64
CODES = 448
"""Residual dimensions from here on hold the "is a key" flag and the one-hot code of the key."""
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def write(
    path: Path,
    answers: Mapping[str, str],
    *,
    context_tokens: int = 4096,
    endless: bool = False,
    padding_mib: int = 0,
) -> Path:
    """Write the model.

    Args:
        answers: key → what is recited when the key occurs in the prompt; "" for all other prompts.
        context_tokens: what the model claims it was trained for.
        endless: the last piece leads back to the first, so that an answer ends only at a limit.
        padding_mib: unused weights, to make it slow to load.
    """
    vocabulary = _Vocabulary()
    keys = [key for key in answers if key]
    assert len(keys) < WIDTH - CODES - 1
    key_ids = {key: vocabulary.add(key, USER_DEFINED) for key in keys}
    starts: dict[str, int] = {}
    following: dict[int, int] = {}
    for key, answer in answers.items():
        chain = vocabulary.chain(answer)
        starts[key] = chain[0]
        following.update(itertools.pairwise(chain))
        following[chain[-1]] = chain[0] if endless else vocabulary.end
    embedding = _embedding(len(vocabulary.tokens), keys, key_ids)
    output = np.zeros_like(embedding)
    for current, after in following.items():
        output[after, :CODES] += 60.0 / CODES * embedding[current, :CODES]
    for place, key in enumerate(keys):
        output[starts[key], CODES + 1 + place] += 4.0
    if "" in starts:  # the template ends with a line feed
        line_feed = vocabulary.ids[_PRINTABLE[10]]
        output[starts[""], :CODES] += 12.0 / CODES * embedding[line_feed, :CODES]
    _save(path, vocabulary, embedding, output, len(keys), context_tokens, padding_mib)
    return path


def _printable() -> dict[int, str]:
    """GPT-2's table of bytes as printable characters."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table = {byte: chr(byte) for byte in plain}
    for extra, byte in enumerate(byte for byte in range(256) if byte not in table):
        table[byte] = chr(256 + extra)
    return table


_PRINTABLE = _printable()


def _encoded(text: str) -> str:
    return "".join(_PRINTABLE[byte] for byte in text.encode())


@dataclass
class _Vocabulary:
    tokens: list[str] = field(default_factory=list)
    types: list[int] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for byte in range(256):
            self.add(_PRINTABLE[byte], NORMAL)
        self.end = self.add("<|im_end|>", CONTROL)
        self.begin = self.add("<|im_start|>", CONTROL)

    def add(self, token: str, kind: int) -> int:
        assert token not in self.ids, token
        self.ids[token] = len(self.tokens)
        self.tokens.append(token)
        self.types.append(kind)
        return self.ids[token]

    def chain(self, answer: str) -> list[int]:
        """An answer as new tokens of three characters or more; should one not be new, it gets trailing spaces."""
        chain, at = [], 0
        while at < len(answer):
            length = 3
            while length < 40 and _encoded(answer[at : at + length]) in self.ids:
                length += 1
            if len(answer) - at - length < 3:
                length = len(answer) - at  # no short tail: it would be one of the single bytes
            piece = answer[at : at + length]
            while _encoded(piece) in self.ids:
                piece += " "
            chain.append(self.add(_encoded(piece), NORMAL))
            at += length
        return chain


def _embedding(tokens: int, keys: list[str], key_ids: Mapping[str, int]) -> Matrix:
    embedding = np.zeros((tokens, WIDTH), np.float32)
    random = np.random.default_rng(0)
    embedding[:, :CODES] = random.choice(np.array([-1.0, 1.0], np.float32), (tokens, CODES))
    for place, key in enumerate(keys):
        embedding[key_ids[key], CODES] = 12.0
        embedding[key_ids[key], CODES + 1 + place] = 12.0
    return embedding


def _save(
    path: Path,
    vocabulary: _Vocabulary,
    embedding: Matrix,
    output: Matrix,
    keys: int,
    context_tokens: int,
    padding_mib: int,
) -> None:
    inner = 64 + padding_mib * 1024 * 1024 // (2 * 2 * WIDTH)
    writer = gguf.GGUFWriter(path, "gpt2")
    writer.add_name("scripted")
    writer.add_context_length(context_tokens)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(WIDTH // HEAD)
    writer.add_layer_norm_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    writer.add_token_merges(["\u0120 \u0120"])
    writer.add_bos_token_id(vocabulary.begin)
    writer.add_eos_token_id(vocabulary.end)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    for name, tensor in _tensors(embedding, output, keys, context_tokens, inner).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _tensors(
    embedding: Matrix, output: Matrix, keys: int, context_tokens: int, inner: int
) -> dict[str, npt.NDArray[np.floating]]:
    query_key_value = np.zeros((3 * WIDTH, WIDTH), np.float16)
    bias = np.zeros(3 * WIDTH, np.float32)
    bias[0] = 40.0  # query of head 0: a constant
    query_key_value[WIDTH, CODES] = 1.0  # key of head 0: the flag
    attention = np.zeros((WIDTH, WIDTH), np.float16)
    for place in range(keys):  # value: the one-hot code
        query_key_value[2 * WIDTH + place, CODES + 1 + place] = 1.0
        attention[CODES + 1 + place, place] = 1.0
    ones, zeros = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)
    return {
        "token_embd.weight": embedding.astype(np.float16),
        "position_embd.weight": np.zeros((context_tokens, WIDTH), np.float32),
        "output_norm.weight": ones,
        "output_norm.bias": zeros,
        "output.weight": output.astype(np.float16),
        "blk.0.attn_norm.weight": ones,
        "blk.0.attn_norm.bias": zeros,
        "blk.0.attn_qkv.weight": query_key_value,
        "blk.0.attn_qkv.bias": bias,
        "blk.0.attn_output.weight": attention,
        "blk.0.attn_output.bias": zeros,
        "blk.0.ffn_norm.weight": ones,
        "blk.0.ffn_norm.bias": zeros,
        "blk.0.ffn_up.weight": np.zeros((inner, WIDTH), np.float16),
        "blk.0.ffn_up.bias": np.zeros(inner, np.float32),
        "blk.0.ffn_down.weight": np.zeros((WIDTH, inner), np.float16),
        "blk.0.ffn_down.bias": zeros,
    }
