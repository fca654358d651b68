"""Characters, long short-term memory and the language model of ELMo, against AllenNLP's; and what they do beyond."""

import pytest
import torch

from foldformer.config import ConfigurationError
from foldformer.nn.elmo import ElmoBiLm, ELMoCharacterMapper, ElmoLstm, LstmCellWithProjection, batch_to_ids
from tests.record_allennlp.tiny_elmo import write_tiny_elmo


@pytest.mark.parametrize("number", range(5))
def test_every_layer_of_every_batch_is_that_of_allennlp(number, elmo_records, recorded, tmp_path):
    record = elmo_records["language_models"][number]
    model = ElmoBiLm(*write_tiny_elmo(tmp_path, **record["options"]))
    recorded.check_state(model, record["state"])
    assert not any(each.requires_grad for each in model.parameters())
    assert model.num_layers == 3
    assert model.get_output_dim() == 6
    # Later batches have more rows than earlier ones, and fewer: the states of rows are kept between them.
    for batch, answer in zip(elmo_records["batches"], record["answers"], strict=False):
        recorded.check_equal(model(batch_to_ids(batch)), answer)


def test_every_option_of_the_file_gives_another_answer(elmo_records):
    answers = [record["answers"][0]["activations"][2] for record in elmo_records["language_models"]]
    assert all(one != other for place, one in enumerate(answers) for other in answers[:place])


@pytest.mark.parametrize("number", range(4))
def test_cell_gives_what_allennlp_gives(number, elmo_records, recorded):
    record = elmo_records["cells"][number]
    cell = recorded.fill(LstmCellWithProjection(**record["config"]))
    recorded.check_state(cell, record["state"])
    wave = recorded.wave
    state = 0.1 * wave(1, 3, 3, start=4), 0.1 * wave(1, 3, 5, start=9)
    outputs, last = cell(wave(3, 5, 4), [5, 3, 1], state)
    recorded.check_equal([outputs, list(last)], record["answer"])
    loss = (outputs * wave(3, 5, 3, start=2)).sum() + last[1].sum()
    recorded.check_gradients(cell, loss, record["gradient_norms"])


@pytest.mark.parametrize("go_forward", [True, False])
def test_cell_against_a_loop_over_rows_and_steps(go_forward, recorded):
    cell = recorded.fill(LstmCellWithProjection(4, 3, 5, go_forward, 0.0, 0.3, 0.2)).double()
    inputs, weights = recorded.wave(3, 5, 4).double(), {name: each.data for name, each in cell.named_parameters()}
    outputs, (hidden, memory) = cell(inputs, [5, 3, 0])
    for row, length in enumerate([5, 3, 0]):
        h, c = torch.zeros(3).double(), torch.zeros(5).double()
        for step in range(length) if go_forward else reversed(range(length)):
            gates = weights["input_linearity.weight"] @ inputs[row, step]
            gates = gates + weights["state_linearity.weight"] @ h + weights["state_linearity.bias"]
            i, f, m, o = gates.split(5)
            c = (i.sigmoid() * m.tanh() + f.sigmoid() * c).clamp(-0.3, 0.3)
            h = (weights["state_projection.weight"] @ (o.sigmoid() * c.tanh())).clamp(-0.2, 0.2)
            assert torch.allclose(outputs[row, step], h)
        assert not outputs[row, length:].any()
        assert torch.allclose(hidden[0, row], h)
        assert torch.allclose(memory[0, row], c)


def test_cell_passes_gradients_to_inputs_and_states(recorded):
    cell = recorded.fill(LstmCellWithProjection(2, 2, 3, go_forward=False)).double()
    inputs, hidden, memory = (
        recorded.wave(*shape).double().requires_grad_() for shape in ((2, 3, 2), (1, 2, 2), (1, 2, 3))
    )
    assert torch.autograd.gradcheck(lambda x, h, c: cell(x, [3, 1], (h, c))[0], (inputs, hidden, memory))


def test_recurrent_dropout_is_one_mask_a_sequence_and_acts_in_training_only(recorded):
    cell = recorded.fill(LstmCellWithProjection(4, 50, 5, recurrent_dropout_probability=0.5))
    inputs = recorded.wave(2, 6, 4)
    kept = cell.train()(inputs, [6, 6])[0] != 0
    assert torch.equal(kept, kept[:, :1].expand_as(kept))
    assert 20 < kept[:, 0].sum() < 80
    assert (cell.eval()(inputs, [6, 6])[0] != 0).all()


def test_cell_wants_the_longest_sequence_first():
    with pytest.raises(ValueError, match=r"batch_lengths: got \[1, 2\]; expected the longest sequence first"):
        LstmCellWithProjection(4, 3, 5)(torch.zeros(2, 2, 4), [1, 2])


def test_padding_row_order_and_batch_size_change_nothing(elmo_files):
    sentences = [["The"], ["a", "fox", "sleeps"], ["süß", "a"]]
    model = ElmoBiLm(*elmo_files)
    model._elmo_lstm.stateful = False
    together = model(batch_to_ids(sentences))["activations"]
    for row, sentence in enumerate(sentences):
        alone = model(batch_to_ids([sentence]))["activations"]
        wide = model(torch.nn.functional.pad(batch_to_ids([sentence]), (0, 0, 0, 4)))["activations"]
        for layer, one, other in zip(together, alone, wide, strict=True):
            length = len(sentence) + 2
            assert torch.allclose(layer[row, :length], one[0], atol=1e-6)
            assert torch.allclose(layer[row, :length], other[0, :length], atol=1e-6)
            assert not layer[row, length:].any()
            assert not other[0, length:].any()
    turned = model(batch_to_ids(sentences[::-1]))["activations"]
    assert all(torch.allclose(layer.flip(0), other, atol=1e-6) for layer, other in zip(together, turned, strict=True))


def test_states_are_kept_until_they_are_reset(elmo_files):
    model, ids = ElmoBiLm(*elmo_files), batch_to_ids([["The", "fox"], ["a"]])
    runs = [model(ids)["activations"][1] for _ in range(2)]
    assert not torch.allclose(*runs)
    model._elmo_lstm.reset_states(torch.tensor([False, True]))
    again = model(ids)["activations"][1]
    assert torch.allclose(again[1], runs[0][1])
    assert not torch.allclose(again[0], runs[0][0])
    model._elmo_lstm.reset_states()
    assert torch.allclose(model(ids)["activations"][1], runs[0])
    assert not any("state" in name.split(".")[-1] for name in model.state_dict())


def test_empty_rows_keep_their_state_and_give_zeros(recorded):
    lstm = recorded.fill(ElmoLstm(4, 3, 5, 2))
    vectors, mask = recorded.wave(2, 3, 4), torch.ones(2, 3, dtype=torch.bool)
    steady = recorded.fill(ElmoLstm(4, 3, 5, 2))
    lstm(vectors, mask), steady(vectors, mask)
    assert not lstm(vectors, recorded.mask_of([3, 0], 3))[:, 1].any()
    assert torch.allclose(lstm(vectors, mask)[:, 1], steady(vectors, mask)[:, 1])
    assert not lstm(vectors, torch.zeros(2, 3, dtype=torch.bool)).any()
    assert lstm(vectors[:0], mask[:0]).shape == (2, 0, 3, 6)


def test_another_number_of_layers_has_other_states(recorded):
    lstm = recorded.fill(ElmoLstm(4, 3, 5, 2))
    lstm(recorded.wave(1, 2, 4), torch.ones(1, 2, dtype=torch.bool))
    lstm._memory.states = tuple(state[:1] for state in lstm._memory.states)
    with pytest.raises(ConfigurationError, match="initial_state: got states for 1 layers; expected 2"):
        lstm(recorded.wave(1, 2, 4), torch.ones(1, 2, dtype=torch.bool))


def test_layers_without_a_file_train_and_those_of_a_frozen_one_do_not(elmo_files):
    lstm = ElmoLstm(3, 3, 5, 2)
    assert all(each.requires_grad for each in lstm.parameters())
    assert [len(lstm.forward_layers), len(lstm.backward_layers)] == [2, 2]
    lstm.load_weights(elmo_files[1])
    assert not any(each.requires_grad for each in lstm.parameters())
    trained = ElmoLstm(3, 3, 5, 2, requires_grad=True)
    trained.load_weights(elmo_files[1])
    assert all(each.requires_grad for each in trained.parameters())


def test_ids_that_no_model_takes_are_errors(elmo_files):
    model = ElmoBiLm(*elmo_files)
    with pytest.raises(ValueError, match=r"ids of shape \(1, 2, 49\); expected \(batch, words, 50\)"):
        model(torch.ones(1, 2, 49, dtype=torch.long))
    with pytest.raises(ValueError, match="ids of characters from 257 to 262; expected 0 to 261"):
        model(torch.full((1, 2, 50), 262))


@pytest.mark.parametrize("shape", [(2, 0, 50), (0, 3, 50), (2, 3, 50)])
def test_nothing_but_padding_gives_the_ends_of_sentences_alone(shape, elmo_files):
    found = ElmoBiLm(*elmo_files)(torch.zeros(shape, dtype=torch.long))
    assert found["mask"].sum(1).tolist() == [2] * shape[0]
    assert all(layer.shape == (shape[0], shape[1] + 2, 6) for layer in found["activations"])


def test_words_become_ids(elmo_records):
    ids = batch_to_ids([["The", "fox"], []])
    assert ids.shape == (2, 2, 50)
    assert ids[0, 1].tolist() == [259, 103, 112, 121, 260] + [261] * 45
    assert not ids[1].any()
    assert batch_to_ids([]).shape == (0, 0, 50)
    mapper = ELMoCharacterMapper({"[MASK]": 7})
    assert mapper.convert_word_to_char_ids("[MASK]")[:4] == [259, 8, 260, 261]
    assert mapper == ELMoCharacterMapper({"[MASK]": 7})
    assert mapper != ELMoCharacterMapper()
    assert mapper != "a mapper"
