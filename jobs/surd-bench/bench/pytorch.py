"""The predecessor's model in eager PyTorch: the other side of `surd-bench train --against-pytorch`.

Pre-norm GPT: token embedding (pad row zero) and positions, LayerNorm after the embedding, layers of
fused q k v and masked attention matrices, tanh-GELU, a final LayerNorm, an untied head with bias.
Padded batches, torch.optim.AdamW, no dropout, one thread; on a CPU or, where the second argument
says cuda:N, on a GPU. Only training is timed: its data are there before.

Reads one JSON object a line from stdin and answers with one: {"do": "load", ...} followed by the
batches as int32, {"do": "train", "seconds": s}.
"""
import json
import math
import sys
import time
import warnings


def answer(**values):
    print(json.dumps(values), flush=True)


warnings.filterwarnings("ignore")
sys.path.extend(sys.argv[1:2])
try:
    import torch
    from torch import nn
    from torch.nn import functional
except (ImportError, OSError) as error:
    answer(missing=str(error))
    sys.exit(0)
device = torch.device(sys.argv[2])
if device.type == "cuda" and not torch.cuda.is_available():
    answer(missing="torch.cuda.is_available() is False")
    sys.exit(0)


def now():
    """Seconds: of this process on its core, or, once the GPU is done, of the clock."""
    if device.type == "cpu":
        return time.process_time()
    torch.cuda.synchronize(device)
    return time.perf_counter()


def sinusoids(positions, hidden):
    place = torch.arange(positions).unsqueeze(1)
    rate = torch.exp(torch.arange(0, hidden, 2) * (-math.log(10000.0) / hidden))
    table = torch.zeros(positions, hidden)
    table[:, 0::2] = torch.sin(place * rate)
    table[:, 1::2] = torch.cos(place * rate)[:, : hidden // 2]
    return table


def visible(case):
    """[L, L] whether query i sees key j."""
    i = torch.arange(case["positions"]).unsqueeze(1)
    j = torch.arange(case["positions"]).unsqueeze(0)
    causal = j <= i
    if case["architecture"] != "sparse":
        return causal
    block, tail = case["options"]["block"], case["options"]["c"]
    return causal & ((i // block == j // block) | (j % block >= block - tail))


class Layer(nn.Module):
    def __init__(self, case, mask):
        super().__init__()
        hidden = case["hidden"]
        self.heads = case["heads"]
        self.linear = case["architecture"] == "linear"
        self.register_buffer("mask", mask)
        self.ln_1 = nn.LayerNorm(hidden)
        self.c_attn = nn.Linear(hidden, 3 * hidden)
        self.c_proj = nn.Linear(hidden, hidden)
        self.ln_2 = nn.LayerNorm(hidden)
        self.c_fc = nn.Linear(hidden, case["ffn"])
        self.mlp_proj = nn.Linear(case["ffn"], hidden)

    def attend(self, x):
        B, T, D = x.shape
        q, k, v = (part.view(B, T, self.heads, D // self.heads).transpose(1, 2)
                   for part in self.c_attn(x).split(D, dim=2))
        seen = self.mask[:T, :T]
        if self.linear:
            scores = (functional.elu(q) + 1) @ (functional.elu(k) + 1).transpose(-2, -1)
            scores = scores.masked_fill(~seen, 0.0)
            weights = scores / scores.sum(-1, keepdim=True)
        else:
            scores = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
            weights = functional.softmax(scores.masked_fill(~seen, float("-inf")), dim=-1)
        return self.c_proj((weights @ v).transpose(1, 2).contiguous().view(B, T, D))

    def forward(self, x):
        x = x + self.attend(self.ln_1(x))
        return x + self.mlp_proj(functional.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))


class Model(nn.Module):
    def __init__(self, case):
        super().__init__()
        hidden = case["hidden"]
        self.tokens = nn.Embedding(case["vocabulary"], hidden, padding_idx=0)
        if case["learned_positions"]:
            self.positions = nn.Parameter(torch.randn(case["positions"], hidden))
        else:
            self.register_buffer("positions", sinusoids(case["positions"], hidden))
        self.norm = nn.LayerNorm(hidden)
        mask = visible(case)
        self.layers = nn.ModuleList(Layer(case, mask) for _ in range(case["layers"]))
        self.ln_f = nn.LayerNorm(hidden)
        self.head = nn.Linear(hidden, case["vocabulary"])

    def forward(self, tokens):
        x = self.norm(self.tokens(tokens) + self.positions[: tokens.size(1)])
        for layer in self.layers:
            x = layer(x)
        return self.head(self.ln_f(x))


class Training:
    def __init__(self, case):
        torch.manual_seed(0)
        self.batches = []
        for shape in case["batches"]:
            count = shape["sequences"] * shape["width"]
            raw = bytearray(sys.stdin.buffer.read(2 * 4 * count))
            both = torch.frombuffer(raw, dtype=torch.int32).long()
            inputs, labels = both.to(device).view(2, shape["sequences"], shape["width"])
            self.batches.append((inputs, labels, shape["tokens"]))
        self.model = Model(case).to(device)
        decayed = [p for name, p in self.model.named_parameters() if not name.endswith("bias")]
        others = [p for name, p in self.model.named_parameters() if name.endswith("bias")]
        groups = [{"params": decayed, "weight_decay": case["weight_decay"]},
                  {"params": others, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=case["learning_rate"], betas=case["betas"])
        self.steps = 0

    def step(self):
        """Input tokens, without padding, of one step."""
        inputs, labels, tokens = self.batches[self.steps % len(self.batches)]
        logits = self.model(inputs)
        loss = functional.cross_entropy(logits.view(-1, logits.size(-1)), labels.reshape(-1),
                                        ignore_index=0)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.steps += 1
        self.loss = loss.detach()
        return tokens


torch.set_num_threads(1)
answer(torch=torch.__version__)
training = None
for line in iter(sys.stdin.buffer.readline, b""):
    question = json.loads(line)
    if question["do"] == "load":
        training = Training(question)
        training.step()
        answer(loss=float(training.loss))
    else:
        tokens, steps, started = 0, 0, now()
        while True:
            tokens += training.step()
            steps += 1
            seconds = now() - started
            if seconds >= question["seconds"]:
                break
        answer(tokens=tokens, steps=steps, seconds=seconds, loss=float(training.loss))
