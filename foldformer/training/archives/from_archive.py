"""Start a training from a trained model."""

from typing import Any

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
            vocab: Vocabulary of the new data: what the archive does not have is added, behind what it has.

        Raises:
            ConfigurationError: The archive is damaged, or its weights do not fit.
        """
        model = load_archive(archive_file).model
        if vocab is not None:
            model.vocab.extend_from_vocab(vocab)
            model.extend_embedder_vocab()
        return model.train()

    def forward(self, *inputs: Any) -> dict[str, Any]:
        """Never called: `from_archive` gives a model of another class."""
        raise NotImplementedError(f"{type(self).__name__} is never made")
