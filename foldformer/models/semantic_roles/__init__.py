"""Models of semantic roles, and what they are scored by."""

from foldformer.models.semantic_roles.srl import SemanticRoleLabeler
from foldformer.models.semantic_roles.srl_bert import SrlBert
from foldformer.models.semantic_roles.srl_eval_scorer import SrlEvalScorer

__all__ = ["SemanticRoleLabeler", "SrlBert", "SrlEvalScorer"]
