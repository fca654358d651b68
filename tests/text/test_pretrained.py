"""Loading from folders, with every way to choose the weights."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from transformers import AutoModel, AutoModelForMaskedLM

from foldformer.config import ConfigurationError
from foldformer.text.pretrained import clear_caches, load_config, load_tokenizer, load_transformer
from foldformer.text.weight_files import read_state_dict

TinyModel = Callable[[str], str]


def names_that_differ(one: torch.nn.Module, other: torch.nn.Module) -> set[str]:
    return {name for name, p in one.named_parameters() if not torch.equal(p, dict(other.named_parameters())[name])}


def test_tokenizers_are_cached_by_all_their_arguments(tiny_model: TinyModel) -> None:
    folder = tiny_model("bert")
    assert load_tokenizer(folder) is load_tokenizer(folder)
    assert load_tokenizer(folder, model_max_length=7) is load_tokenizer(folder, model_max_length=7)
    assert load_tokenizer(folder, model_max_length=7) is not load_tokenizer(folder)
    before = load_tokenizer(folder)
    clear_caches()
    assert load_tokenizer(folder) is not before


def test_every_transformer_is_the_callers_own(tiny_model: TinyModel) -> None:
    first, second = load_transformer(tiny_model("bert")), load_transformer(tiny_model("bert"))
    first.get_input_embeddings().weight.data.zero_()
    assert second.get_input_embeddings().weight.any()


def test_float32_is_the_dtype_whatever_the_checkpoint_has(tiny_model: TinyModel, tmp_path: Path) -> None:
    AutoModel.from_pretrained(tiny_model("bert"), dtype=torch.bfloat16).save_pretrained(tmp_path)
    assert load_transformer(str(tmp_path)).dtype == torch.float32
    assert load_transformer(str(tmp_path), dtype="auto").dtype == torch.bfloat16
    assert load_transformer(str(tmp_path), torch_dtype="float16").dtype == torch.float16
    assert load_transformer(str(tmp_path), load_weights=False).dtype == torch.float32


def test_configuration_entries_can_be_replaced(tiny_model: TinyModel) -> None:
    assert load_config(tiny_model("bert"), num_hidden_layers=1).num_hidden_layers == 1
    assert len(load_transformer(tiny_model("bert"), load_weights=False, num_hidden_layers=1).encoder.layer) == 1


@pytest.mark.parametrize("suffix", [".safetensors", ".th", ".ckpt"])
def test_override_weights_come_from_every_kind_of_file(suffix: str, tiny_model: TinyModel, tmp_path: Path) -> None:
    other = load_transformer(tiny_model("bert"), load_weights=False)
    tensors = {f"model.{name}": tensor.clone() for name, tensor in other.state_dict().items()}
    tensors["head.weight"] = torch.zeros(2)
    file = tmp_path / f"weights{suffix}"
    if suffix == ".safetensors":
        save_file(tensors, file)
    else:
        torch.save({"state_dict": tensors, "epoch": 3} if suffix == ".ckpt" else tensors, file)
    loaded = load_transformer(
        tiny_model("bert"), override_weights_file=str(file), override_weights_strip_prefix="model."
    )
    assert names_that_differ(loaded, other) == set()


def test_the_prefix_of_data_parallel_is_cut_off_and_retired_buffers_dropped(
    tiny_model: TinyModel, tmp_path: Path
) -> None:
    other = load_transformer(tiny_model("bert"), load_weights=False)
    tensors = {f"module.{name}": tensor for name, tensor in other.state_dict().items()}
    tensors["module.embeddings.position_ids"] = torch.arange(96)
    torch.save(tensors, tmp_path / "weights.pt")
    loaded = load_transformer(tiny_model("bert"), override_weights_file=str(tmp_path / "weights.pt"))
    assert names_that_differ(loaded, other) == set()


@pytest.mark.parametrize(
    ("modules", "layers"), [(1, {"2"}), ((0, 2), {"0", "2"}), (("attention.*query", "pooler"), {"0", "1", "2"})]
)
def test_only_chosen_modules_are_initialized_anew(
    modules: int | tuple[int, ...], layers: set[str], tiny_model: TinyModel
) -> None:
    changed = names_that_differ(
        load_transformer(tiny_model("bert"), reinit_modules=modules), load_transformer(tiny_model("bert"))
    )
    assert {name.split(".")[2] for name in changed if name.startswith("encoder.layer")} == layers
    if isinstance(modules, tuple) and isinstance(modules[0], str):
        assert all("attention.self.query" in name or "pooler" in name for name in changed)
    else:
        assert all(name.startswith("encoder.layer") for name in changed)


def test_options_that_have_no_effect_say_so(tiny_model: TinyModel, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="reinit_modules is ignored, because load_weights is false"):
        load_transformer(tiny_model("bert"), load_weights=False, reinit_modules=1)
    with pytest.warns(UserWarning, match="override_weights_file is ignored, because load_weights is false"):
        load_transformer(tiny_model("bert"), load_weights=False, override_weights_file="gone.th")


class TestBadInput:
    """Each error names what came and what to do."""

    def test_unknown_name_says_where_it_was_looked_for(self) -> None:
        with pytest.raises(
            ConfigurationError, match=r"no/model.*As a folder: .*In the cache: .*On the hub: HF_HUB_OFFLINE"
        ):
            load_transformer("no/model")

    def test_folder_without_a_model_says_what_it_holds(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").touch()
        with pytest.raises(ConfigurationError, match=r"notes\.txt"):
            load_transformer(str(tmp_path))

    def test_prefix_that_matches_nothing_names_those_there_are(self, tiny_model: TinyModel, tmp_path: Path) -> None:
        torch.save({"bert.x": torch.zeros(1)}, tmp_path / "w.th")
        with pytest.raises(
            ValueError, match=r'got "nope\.", but no key in .* starts with it; its keys start with bert\.'
        ):
            read_state_dict(tmp_path / "w.th", "nope.")

    def test_weights_that_do_not_fit_are_named(self, tiny_model: TinyModel, tmp_path: Path) -> None:
        tensors = load_transformer(tiny_model("bert")).state_dict()
        tensors["pooler.dense.bias"] = torch.zeros(7)
        tensors["extra"] = torch.zeros(1)
        tensors.pop("pooler.dense.weight")
        torch.save(tensors, tmp_path / "w.th")
        with pytest.raises(
            ValueError,
            match=r"missing pooler\.dense\.weight; unexpected extra; .* pooler\.dense\.bias \(7,\) for \(32,\)",
        ):
            load_transformer(tiny_model("bert"), override_weights_file=str(tmp_path / "w.th"))

    def test_file_without_tensors(self, tmp_path: Path) -> None:
        torch.save([1, 2], tmp_path / "w.th")
        with pytest.raises(ValueError, match=r"w\.th holds list; expected tensors by name"):
            read_state_dict(tmp_path / "w.th")
        with pytest.raises(FileNotFoundError, match=r"gone\.th; expected an existing"):
            read_state_dict(tmp_path / "gone.th")

    @pytest.mark.parametrize(
        ("modules", "message"),
        [(9, "got layer -6; expected indices from 0 to 2"), ((0, 3), "got layer 3; expected indices from 0 to 2")],
    )
    def test_layers_that_are_not_there(
        self, modules: int | tuple[int, ...], message: str, tiny_model: TinyModel
    ) -> None:
        with pytest.raises(ValueError, match=message):
            load_transformer(tiny_model("bert"), reinit_modules=modules)

    def test_prefix_without_a_file(self, tiny_model: TinyModel) -> None:
        with pytest.raises(ConfigurationError, match=r'override_weights_strip_prefix: got "model." without'):
            load_transformer(tiny_model("bert"), override_weights_strip_prefix="model.")

    @pytest.mark.parametrize("load_weights", [True, False])
    @pytest.mark.parametrize(
        ("name", "meant"), [("hidden_dropout", "hidden_dropout_prob"), ("add_poling_layer", "add_pooling_layer")]
    )
    def test_unknown_entry_of_the_configuration(
        self, load_weights: bool, name: str, meant: str, tiny_model: TinyModel
    ) -> None:
        with pytest.raises(ConfigurationError, match=f'transformer_kwargs: got "{name}"; .*did you mean "{meant}"'):
            load_transformer(tiny_model("bert"), load_weights=load_weights, **{name: 0.1})

    @pytest.mark.parametrize("load_weights", [True, False])
    @pytest.mark.parametrize(
        ("name", "value", "reason"),
        [
            ("num_attention_heads", 5, "not a multiple"),
            ("num_hidden_layers", "3", "expected int"),
            ("hidden_act", "gelx", "nothing is called 'gelx'"),
            ("attn_implementation", "flush", "is not supported"),
            ("hidden_size", 48, "the shapes of the pretrained weights are others"),
        ],
    )
    def test_bad_value_does_not_blame_the_folder(
        self, load_weights: bool, name: str, value: object, reason: str, tiny_model: TinyModel
    ) -> None:
        if name == "hidden_size" and not load_weights:
            assert load_transformer(tiny_model("bert"), load_weights=False, hidden_size=48).config.hidden_size == 48
            return
        with pytest.raises(ConfigurationError, match=f"^transformer_kwargs: got .{name}: .*{reason}") as caught:
            load_transformer(tiny_model("bert"), load_weights=load_weights, **{name: value})
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("load_weights", [True, False])
    def test_options_of_loading_are_no_entries(self, load_weights: bool, tiny_model: TinyModel) -> None:
        options = {"revision": "main", "low_cpu_mem_usage": True, "add_pooling_layer": False, "variant": None}
        assert load_transformer(tiny_model("bert"), load_weights=load_weights, **options).pooler is None

    @pytest.mark.parametrize("family", ["bert", "llama"])
    @pytest.mark.parametrize("left", [["config.json"], ["config.json", "tokenizer_config.json"]])
    def test_folder_without_a_tokenizer(
        self, family: str, left: list[str], tiny_model: TinyModel, tmp_path: Path
    ) -> None:
        for name in left:
            (tmp_path / name).write_bytes((Path(tiny_model(family)) / name).read_bytes())
        with pytest.raises(ConfigurationError, match=r"has no tokenizer \(it holds config\.json.*save_pretrained"):
            load_tokenizer(str(tmp_path))

    def test_weights_of_a_masked_language_model(self, tiny_model: TinyModel, tmp_path: Path) -> None:
        AutoModelForMaskedLM.from_pretrained(tiny_model("bert")).save_pretrained(tmp_path)
        file = {
            "override_weights_file": str(tmp_path / "model.safetensors"),
            "override_weights_strip_prefix": "bert.",
        }
        with pytest.raises(ValueError, match=r"missing pooler\.dense\.bias, .*add_pooling_layer: false"):
            load_transformer(tiny_model("bert"), **file)
        loaded = load_transformer(tiny_model("bert"), add_pooling_layer=False, **file)
        assert names_that_differ(loaded, load_transformer(tiny_model("bert"))) == set()
