"""Records of metrics, and of turning tags into spans."""

import random

import torch
from allennlp.data.dataset_readers.dataset_utils import span_utils
from allennlp.training.metrics import Metric
from formulas import SCHEMES, build, make_vocabulary, mask_of, one_hot, plain, random_tags, wave


def span_records():
    chooser = random.Random(5)
    functions = {
        "BIO": span_utils.bio_tags_to_spans,
        "IOB1": span_utils.iob1_tags_to_spans,
        "BMES": span_utils.bmes_tags_to_spans,
    }
    records = []
    for scheme, function in functions.items():
        for ignored in ([], ["LOC"]):
            for _ in range(15):
                tags = [chooser.choice(SCHEMES[scheme]) for _ in range(chooser.randint(0, 9))]
                spans = sorted(function(tags, ignored))
                records.append({"scheme": scheme, "tags": tags, "ignored": ignored, "spans": plain(spans)})
    for tags in (["B-PER", "L-PER", "O", "U-LOC"], ["B-A", "I-A", "L-A", "B-B", "L-B"], ["U", "B", "I", "L", "O"], []):
        spans = sorted(span_utils.bioul_tags_to_spans(tags))
        records.append({"scheme": "BIOUL", "tags": tags, "ignored": [], "spans": plain(spans)})
    return records


def conversion_records():
    cases = [
        ("IOB1", ["I-PER", "I-PER", "O", "I-LOC", "B-LOC", "I-PER"]),
        ("IOB1", ["O", "I-A", "I-B", "I-B", "I-B"]),
        ("BIO", ["B-PER", "I-PER", "O", "B-LOC", "B-LOC", "B-PER", "I-PER", "I-PER"]),
        ("BIO", []),
    ]
    return [{"encoding": each, "tags": tags, "bioul": span_utils.to_bioul(tags, each)} for each, tags in cases]


def metric_records():
    records = []

    def add(config, predictions, gold, masks=None, tokens=None):
        extras = {"vocabulary": make_vocabulary(tokens)} if tokens else {}
        metric = build(Metric, config, **extras)
        masks = masks or [None] * len(predictions)
        for each in zip(predictions, gold, masks, strict=True):
            metric(*each)
        record = {"config": config, "vocabulary": tokens, "predictions": plain(predictions), "gold": plain(gold)}
        records.append({**record, "masks": plain(masks), "metric": plain(metric.get_metric(reset=True))})

    scores = [wave(4, 5, 6), wave(4, 5, 6, start=200)]
    gold = [(torch.arange(20).view(4, 5) * 5 + 2) % 6, (torch.arange(20).view(4, 5) * 3 + 1) % 6]
    masks = [mask_of((5, 3, 1, 4), 5), mask_of((1, 5, 2, 0), 5)]
    tied = [one_hot((torch.arange(20).view(4, 5) * 3) % 6, 6)] * 2
    for top_k in (1, 3, 9):
        for predictions in (scores, tied):
            for each in (masks, None):
                add({"type": "categorical_accuracy", "top_k": top_k}, predictions, gold, each)
    add(
        {"type": "categorical_accuracy", "tie_break": True},
        [torch.ones(3, 4), tied[0][0, :3, :4]],
        [torch.arange(3)] * 2,
    )
    flat = [each.flatten(0, 1) for each in scores], [each.flatten() for each in gold]
    for average in (None, "micro", "macro", "weighted"):
        add({"type": "fbeta", "beta": 2.0, "average": average}, scores, gold, masks)
    add({"type": "fbeta", "labels": [4, 1]}, scores, gold, masks)
    add({"type": "f1", "positive_label": 2}, *flat)
    add({"type": "fbeta_verbose"}, scores, gold, masks)
    for scheme, labels in SCHEMES.items():
        tokens = {"tags": labels}
        true = random_tags(scheme, 6, 7, seed=3)
        predicted = random_tags(scheme, 6, 7, seed=3)
        predicted[1:4] = random_tags(scheme, 3, 7, seed=9)
        predicted[4:, :] = random_tags(scheme, 2, 7, seed=11)
        if scheme != "BIOUL":
            predicted[5] = (predicted[5] * 3 + 1) % len(labels)
        mask = mask_of((7, 7, 7, 7, 7, 0), 7) if scheme == "BIOUL" else mask_of((7, 7, 5, 2, 7, 6), 7)
        if scheme == "BIOUL":
            predicted[5] = true[5]
        logits = [one_hot(predicted, len(labels))]
        add({"type": "span_f1", "label_encoding": scheme}, logits, [true], [mask], tokens)
        add({"type": "span_f1", "label_encoding": scheme, "ignore_classes": ["LOC"]}, logits, [true], [mask], tokens)
    continued = ["O", "B-ARG1", "I-ARG1", "B-C-ARG1", "I-C-ARG1", "B-V"]
    true, predicted = torch.tensor([[1, 2, 0, 3, 4, 5]]), torch.tensor([[1, 2, 0, 3, 0, 5]])
    add({"type": "span_f1"}, [one_hot(predicted, 6)], [true], None, {"tags": continued})
    yes_no = [torch.tensor([[1, 0, 1], [1, 1, 0], [0, 0, 0]]), torch.tensor([[1, 1, 1]])]
    answers = [torch.tensor([[1, 0, 1], [1, 0, 0], [0, 0, 0]]), torch.tensor([[1, 1, 1]])]
    add({"type": "boolean_accuracy"}, yes_no, answers)
    add({"type": "boolean_accuracy"}, yes_no[:1], answers[:1], [mask_of((3, 1, 2), 3)])
    return records


def batch_records():
    """Records of metrics with inputs of their own: every argument of every call."""
    records = []

    def add(config, *batches):
        metric = build(Metric, config)
        for batch in batches:
            metric(*batch)
        given = [[{"tensor": plain(each)} if torch.is_tensor(each) else plain(each) for each in b] for b in batches]
        records.append({"config": config, "batches": given, "metric": plain(metric.get_metric(reset=True))})

    generator = torch.Generator().manual_seed(7)

    def whole(*shape, below):
        return torch.randint(below, shape, generator=generator)

    numbers = [(wave(4, 5), wave(4, 5, start=30) + wave(4, 5)), (wave(2, 5, start=90), wave(2, 5, start=7) + 3)]
    masks = [mask_of((5, 3, 1, 4), 5), mask_of((2, 4), 5)]
    for kind in ("mean_absolute_error", "covariance", "pearson_correlation", "spearman_correlation"):
        add({"type": kind}, *numbers)
    for kind in ("mean_absolute_error", "covariance", "pearson_correlation"):
        add({"type": kind}, *((*pair, mask) for pair, mask in zip(numbers, masks, strict=True)))
    add({"type": "pearson_correlation"}, (torch.ones(6), wave(6)))
    add({"type": "spearman_correlation"}, (whole(20, below=4).float(), whole(20, below=3).float()))
    scores, labels = whole(40, below=9).float() - 30, whole(40, below=2)
    add({"type": "auc"}, (scores, labels), (wave(40) - 30, labels, labels + scores < -21))
    add({"type": "auc", "positive_label": 4}, (scores, labels * 3 + 1))
    add({"type": "entropy"}, (wave(3, 4, 5), mask_of((4, 2, 1), 4)), (wave(2, 4, 5, start=9),))
    add({"type": "perplexity"}, (1.5,), (torch.tensor(0.5),))
    beams, gold = whole(6, 3, 4, below=3), whole(6, 4, below=3)
    beams[1, 2] = gold[1]
    mask = mask_of((4, 3, 2, 1, 4, 4), 4)
    for kind in ("sequence_accuracy", "unigram_recall"):
        add({"type": kind}, (beams, gold), (beams, gold, mask))
    add({"type": "unigram_recall"}, (beams, gold, mask, 2))
    heads, tags = whole(5, 7, below=7), whole(5, 7, below=4)
    other_heads, other_tags = heads.clone(), tags.clone()
    other_heads[0, :3], other_tags[2, 4:], other_heads[4] = 6, 0, 1
    words = mask_of((7, 5, 7, 2, 4), 7)
    for config in ({}, {"ignore_classes": [0, 3]}):
        kind = {"type": "attachment_scores", **config}
        add(kind, (other_heads, other_tags, heads, tags, words), (heads, other_tags, other_heads, tags))
    generated, references = whole(5, 12, below=6), whole(5, 10, below=6)
    references[:3, :8] = generated[:3, 2:10]
    for config in ({}, {"exclude_indices": [0, 5]}):
        add({"type": "bleu", **config}, (generated, references), (references, generated))
        add({"type": "rouge", **config}, (generated, references), (references, generated))
    add({"type": "bleu", "ngram_weights": [0.7, 0.3]}, (generated[:, :4], references))
    add({"type": "rouge", "ngram_size": 3}, (generated[:, :4], references))
    probabilities, several = wave(4, 3, 5).abs(), whole(4, 3, 5, below=2)
    probabilities[0, 0] = 0.0
    counted = whole(4, 3, 5, below=4) > 0
    for average in (None, "micro", "macro", "weighted"):
        kind = {"type": "f1_multi_label", "average": average}
        add(kind, (probabilities, several), (probabilities, several, counted))
    add({"type": "fbeta_multi_label", "beta": 2.0, "labels": [3, 1], "threshold": 0.2}, (probabilities, several))
    spans = torch.tensor([[[0, 0], [0, 2], [4, 4], [5, 7], [8, 8], [9, 9]]])
    before = torch.tensor([[[max(place - 1 - back, 0) for back in range(3)] for place in range(6)]])
    clusters = [[[0, 2], [5, 7], [9, 9]], [[4, 4], [8, 8]], [[11, 12]]]
    metadata = [{"clusters": [[tuple(mention) for mention in cluster] for cluster in clusters]}]
    for chosen in ([-1, -1, -1, 1, -1, 1], [-1, 0, 1, 2, 2, -1], [-1] * 6):
        add({"type": "conll_coref_scores"}, (spans, before, torch.tensor([chosen]), metadata))
    add({"type": "mention_recall"}, (spans, metadata), (spans[:, :2], metadata))
    return records
