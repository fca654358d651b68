"""Code that was written for AllenNLP's ELMo finds ours, by every path that had it."""

import subprocess
import sys

from tests.record_allennlp.tiny_elmo import write_tiny_elmo

CODE = """
import foldformer.allennlp
from allennlp.data import TokenIndexer as Indexer
from allennlp.data.token_indexers import ELMoTokenCharactersIndexer
from allennlp.data.token_indexers.elmo_indexer import ELMoCharacterMapper, ELMoTokenCharactersIndexer as Same
from allennlp.modules.elmo import Elmo, _ElmoBiLm, _ElmoCharacterEncoder, batch_to_ids
from allennlp.modules.elmo_lstm import ElmoLstm
from allennlp.modules.lstm_cell_with_projection import LstmCellWithProjection
from allennlp.modules import Elmo as OfPackage
from allennlp.modules.token_embedders import ElmoTokenEmbedder, TokenEmbedder
from allennlp.modules.token_embedders.elmo_token_embedder import ElmoTokenEmbedder as OfModule
import allennlp.modules.elmo as module

assert ELMoTokenCharactersIndexer is Same and Indexer.by_name("elmo_characters") is Same
assert OfPackage is Elmo and module.Elmo is Elmo and OfModule is ElmoTokenEmbedder
assert TokenEmbedder.by_name("elmo_token_embedder") is ElmoTokenEmbedder
assert ELMoCharacterMapper.beginning_of_sentence_characters[:3] == [258, 256, 259]
assert len(ELMoCharacterMapper.end_of_sentence_characters) == ELMoCharacterMapper.max_word_length == 50

elmo = Elmo({options!r}, {weights!r}, 2, dropout=0)
character_ids = batch_to_ids([["First", "sentence", "."], ["Another", "."]])
embeddings = elmo(character_ids)
assert [each.shape for each in embeddings["elmo_representations"]] == [(2, 3, 6)] * 2
assert embeddings["mask"].sum() == 5
assert isinstance(elmo._elmo_lstm, _ElmoBiLm)
assert isinstance(elmo._elmo_lstm._token_embedder, _ElmoCharacterEncoder)
assert isinstance(elmo._elmo_lstm._elmo_lstm, ElmoLstm)
assert isinstance(elmo._elmo_lstm._elmo_lstm.forward_layer_0, LstmCellWithProjection)
"""


def test_embedder_of_early_versions_is_an_import_error_that_says_what_to_use():
    code = "import foldformer.allennlp\nfrom allennlp.commands.elmo import ElmoEmbedder"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert "embedders.Elmo" in finished.stderr.splitlines()[-1]


def test_every_name_is_there_and_runs(tmp_path):
    options, weights = write_tiny_elmo(tmp_path)
    code = CODE.replace("{options!r}", repr(options)).replace("{weights!r}", repr(weights))
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
