"""The vector of the token that stands for the whole text."""

from overrides import overrides
from torch import Tensor

from foldformer.config import AtLeastOne
from foldformer.nn.masks import last_real_vector
from foldformer.nn.seq2vec.pooler import Pooler
from foldformer.nn.seq2vec.seq2vec_encoder import Seq2VecEncoder


@Seq2VecEncoder.register("cls_pooler")
class ClsPooler(Pooler):
    """Take the first vector (`[CLS]` of BERT), or the last real one (`<cls>` of XLNet)."""

    def __init__(self, embedding_dim: AtLeastOne, cls_is_last_token: bool = False) -> None:
        """Build.

        Args:
            embedding_dim: Width of the vectors, in and out.
            cls_is_last_token: Take the last real vector in place of the first; needs a mask.
        """
        super().__init__(embedding_dim)
        self._cls_is_last_token = cls_is_last_token

    @overrides
    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Take one vector of each sequence.

        Raises:
            ValueError: The last one is wanted and there is no mask.
        """
        if not self._cls_is_last_token:
            return tokens[:, 0]
        if mask is None:
            raise ValueError(
                "cls_pooler: got no mask; expected one, to find the last token (cls_is_last_token is true)"
            )
        return last_real_vector(tokens, mask)
