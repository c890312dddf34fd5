"""The shape of a model, and all that follows from it without loading one: how many numbers it has.

    shape = ModelShape(layers=28, hidden=3584, heads=28, kv_heads=4, intermediate=18944,
                       vocabulary=152064, tied=False)
    shape.parameters                                              # 7615616512

Decoders of the Llama family only: attention with grouped keys and values, a gated MLP, RMS norms.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from stepcode.errors import RecipeError

_ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
_MLP = ("gate_proj", "up_proj", "down_proj")
LINEAR = (*_ATTENTION, *_MLP)
"""The matrices of a layer, as the family names them; what LoRA's `all-linear` means."""
_FAMILY = ("llama", "mistral", "qwen2", "qwen3")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """How wide and how deep a decoder is."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    intermediate: int
    vocabulary: int
    tied: bool
    """Whether the output layer is the embedding."""
    head_width: int = 0
    """Of one head; 0 is `hidden` divided by `heads`."""
    qkv_bias: bool = True
    """As Qwen2 has; Llama, Mistral and Qwen3 have none."""
    qk_norm: bool = False
    """As Qwen3 has."""

    def __post_init__(self) -> None:
        """Refuse what no model can be."""
        for name in ("layers", "hidden", "heads", "kv_heads", "intermediate", "vocabulary"):
            if getattr(self, name) < 1:
                raise RecipeError(f"[shape] {name} is {getattr(self, name)}: expected 1 or more")
        if self.heads % self.kv_heads:
            raise RecipeError(
                f"[shape] heads is {self.heads}: expected a multiple of kv_heads, {self.kv_heads}"
            )

    @property
    def query_width(self) -> int:
        """The width of all heads together."""
        return self.heads * self._head

    @property
    def key_width(self) -> int:
        """The width of the keys, or of the values, of all heads together."""
        return self.kv_heads * self._head

    @property
    def parameters(self) -> int:
        """All numbers of the model, a tied output layer counted once."""
        embeddings = self.vocabulary * self.hidden * (1 if self.tied else 2)
        return embeddings + self.layers * self._layer_parameters + self.hidden

    @property
    def multiplied(self) -> int:
        """The numbers that each token is multiplied with: matrices, the output layer included."""
        matrices = sum(inner * outer for inner, outer in self._matrices().values())
        return self.layers * matrices + self.vocabulary * self.hidden

    def lora_parameters(self, rank: int, targets: Collection[str]) -> int:
        """Count the numbers that LoRA adds to matrices of these names in every layer."""
        chosen = (sizes for name, sizes in self._matrices().items() if name in targets)
        return self.layers * sum(rank * (inner + outer) for inner, outer in chosen)

    @property
    def _head(self) -> int:
        return self.head_width or self.hidden // self.heads

    @property
    def _layer_parameters(self) -> int:
        matrices = sum(inner * outer for inner, outer in self._matrices().values())
        bias = self.query_width + 2 * self.key_width if self.qkv_bias else 0
        norms = 2 * self.hidden + (2 * self._head if self.qk_norm else 0)
        return matrices + bias + norms

    def _matrices(self) -> dict[str, tuple[int, int]]:
        hidden, inner = self.hidden, self.intermediate
        widths = (self.query_width, self.key_width, self.key_width)
        return {
            **{name: (hidden, width) for name, width in zip(_ATTENTION, widths, strict=False)},
            "o_proj": (self.query_width, hidden),
            "gate_proj": (hidden, inner),
            "up_proj": (hidden, inner),
            "down_proj": (inner, hidden),
        }


def read_shape(config: Any) -> ModelShape | None:  # Any: a configuration of transformers
    """Take the shape out of a model's configuration; None for a model of another family."""
    biased = any(getattr(config, name, False) for name in ("attention_bias", "mlp_bias"))
    if config.model_type not in _FAMILY or biased:
        return None
    heads = config.num_attention_heads
    return ModelShape(
        layers=config.num_hidden_layers,
        hidden=config.hidden_size,
        heads=heads,
        kv_heads=getattr(config, "num_key_value_heads", None) or heads,
        intermediate=config.intermediate_size,
        vocabulary=config.vocab_size,
        tied=bool(config.tie_word_embeddings),
        head_width=getattr(config, "head_dim", None) or 0,
        qkv_bias=config.model_type == "qwen2",
        qk_norm=config.model_type == "qwen3",
    )
