"""Tell apart kinds of reviews: a project as people wrote them for AllenNLP 1, with its way of importing and typing."""

from old_reviews.metric import WorstRecall
from old_reviews.model import ReviewClassifier
from old_reviews.predictor import ReviewPredictor
from old_reviews.reader import ReviewReader
