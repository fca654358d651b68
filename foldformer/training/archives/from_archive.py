"""Start a training from a trained model."""

from typing import Any

from foldformer.config import ConfigurationError
from foldformer.config.nearest import one_of, show
from foldformer.config.trust import refuse_if_restricted
from foldformer.models import Model
from foldformer.text import Vocabulary
from foldformer.training.archives.read import load_archive


@Model.register("from_archive", constructor="from_archive")
class ModelFromArchive(Model):
    """Stands for the model of an archive: `{"type": "from_archive", "archive_file": "model.tar.gz"}`."""

    @classmethod
    def from_archive(cls, archive_file: str, vocab: Vocabulary | None = None) -> Model:
        """Open an archive and take its model.

        Args:
            archive_file: Path or URL of `model.tar.gz`, or a training folder.
            vocab: Vocabulary of the new data: words that the archive does not have are added behind those it has.

        Raises:
            ConfigurationError: The archive is damaged, its weights do not fit, or the new data have labels that the
                model does not tell apart.
        """
        refuse_if_restricted(f"another archive, {show(archive_file)}")
        model = load_archive(archive_file).model
        if vocab is not None:
            _check_labels(model, vocab)
            model.vocab.extend_from_vocab(vocab)
            model.extend_embedder_vocab()
        return model.train()

    def forward(self, *inputs: Any) -> dict[str, Any]:
        """Never called: `from_archive` gives a model of another class."""
        raise NotImplementedError(f"{type(self).__name__} is never made")


def _check_labels(model: Model, vocab: Vocabulary) -> None:
    namespace = getattr(model, "label_namespace", None) or getattr(model, "_label_namespace", None)
    if namespace is None or model.vocab.is_padded(namespace):
        return
    known = model.vocab.get_token_to_index_vocabulary(namespace)
    new = [label for label in vocab.get_token_to_index_vocabulary(namespace) if label not in known]
    if new:
        raise ConfigurationError(
            f"model.archive_file: got data with {one_of(new, 'and')} in the namespace {show(namespace)}; expected the "
            f"labels that the model of the archive tells apart: {one_of(list(known))}"
        )
