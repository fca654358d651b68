"""Records of semantic roles: counts of arguments, sentences of OntoNotes, instances, and both models."""

import json
import random
import tempfile
from pathlib import Path

import torch
from allennlp.common import Params
from allennlp.data import Vocabulary
from allennlp.models import Model
from allennlp_models.common.ontonotes import Ontonotes
from allennlp_models.structured_prediction.dataset_readers.srl import SrlReader
from allennlp_models.structured_prediction.metrics.srl_eval_scorer import SrlEvalScorer
from allennlp_models.structured_prediction.models.srl import convert_bio_tags_to_conll_format
from formulas import fill, gradient_norms, plain, shapes

ROLES = ("A0", "A1", "C-A0", "C-A1", "AM-TMP", "V", "R-A0")
WORDPIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "fox", "see", "##s", "a", "(", "##r", "run", "fo"]
CONLL = """\
#begin document (bc/x); part 000
bc/x 0 0 The DT (TOP(S(NP* - - - A * (A0* * (0
bc/x 0 1 Fox NN *) - - - A (ORG) *) * 0)
bc/x 0 2 sees VBZ (VP* see 01 1.1 A * (V*) * -
bc/x 0 3 ( ( (NP* - - - A * (A1* (A0*) (1)|(0
bc/x 0 4 runs VBZ *) run 02 2 A * *) (V*) 0)
bc/x 0 5 . . *))) - - - A * * (AM-TMP*) -

bc/x 1 0 XX XX (TOP* - - - - * -
bc/x 1 1 a DT *) - - - - * (3)

#end document
"""
LABELS = ["O", "B-A0", "I-A0", "B-A1", "B-V", "I-V", "I-A1"]
WORDS = ["a", "b", "c", "d", "e"]
GOLD = (["B-A0", "I-A0", "B-V", "O", "B-A1"], ["B-A1", "I-A1", "I-A1"], ["O", "O"])
VERBS = (2, 0, None)
BERT = {
    "vocab_size": 14,
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 12,
    "max_position_embeddings": 12,
}


def scorer_records():
    chooser, records = random.Random(3), []

    def tags(length):
        found, role = [], None
        for _ in range(length):
            if role is not None and chooser.random() < 0.5:
                found.append(f"I-{role}")
                continue
            role = chooser.choice([None, *ROLES])
            found.append("O" if role is None else f"B-{role}")
        return found

    for ignored in ([], ["V"], ["V", "A1"]):
        scorer = SrlEvalScorer(ignore_classes=ignored)
        batch = []
        for number in range(25):
            length = chooser.randrange(1, 8)
            gold = tags(length)
            predicted = tags(length) if number % 3 else gold
            words = ["-" if chooser.random() < 0.1 else "w" for _ in gold]
            batch.append([chooser.choice([None, *range(length)]), words, predicted, gold])
        verbs, sentences, predicted, gold = zip(*batch, strict=True)
        conll = [[convert_bio_tags_to_conll_format(each) for each in rows] for rows in (predicted, gold)]
        scorer(list(verbs), list(sentences), *conll)
        records.append({"ignored": ignored, "batch": batch, "conll": conll[0], "metrics": scorer.get_metric()})
    return records


def reading_records():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bc" / "x.gold_conll"
        file.parent.mkdir()
        file.write_text(CONLL)
        bert = Path(folder) / "bert-uncased"
        bert.mkdir()
        (bert / "vocab.txt").write_text("\n".join(WORDPIECES))
        (bert / "config.json").write_text(json.dumps({"model_type": "bert", **BERT}))
        sentences = [
            {**vars(each), "parse_tree": each.parse_tree and " ".join(str(each.parse_tree).split())}
            for each in Ontonotes().dataset_iterator(folder)
        ]
        for each in sentences:
            each["coref_spans"] = sorted(each["coref_spans"])
        instances = {
            name: [written(each) for each in SrlReader(bert_model_name=model).read(folder)]
            for name, model in (("words", None), ("wordpieces", str(bert)))
        }
    return {"conll": CONLL, "wordpieces": WORDPIECES, "sentences": plain(sentences), "instances": instances}


def written(instance):
    return {
        "tokens": [token.text for token in instance["tokens"].tokens],
        "ids": [token.text_id for token in instance["tokens"].tokens],
        "verb_indicator": instance["verb_indicator"].labels,
        "tags": instance["tags"].labels,
        "metadata": instance["metadata"].metadata,
    }


def metadata():
    return [
        {
            "words": WORDS[: len(tags)],
            "verb": None if verb is None else WORDS[verb],
            "verb_index": verb,
            "gold_tags": tags,
            "offsets": list(range(1, len(tags) + 1)),
        }
        for tags, verb in zip(GOLD, VERBS, strict=True)
    ]


def model_records():
    embedder = {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}}
    encoder = {"type": "lstm", "input_size": 6, "hidden_size": 3, "bidirectional": True}
    srl = {"type": "srl", "text_field_embedder": embedder, "encoder": encoder, "binary_feature_dim": 2}
    configs = [srl, {**srl, "label_smoothing": 0.2}, {**srl, "ignore_span_metric": True}]
    configs += [
        {"type": "srl_bert", "bert_model": BERT},
        {"type": "srl_bert", "bert_model": BERT, "label_smoothing": 0.2},
    ]
    return [model_record(config) for config in configs]


def model_record(config):
    written_config = json.loads(json.dumps(config))  # from_params empties what it is given
    vocab = Vocabulary(tokens_to_add={"tokens": WORDS, "labels": LABELS})
    model = fill(Model.from_params(Params(json.loads(json.dumps(config))), vocab=vocab))
    of_bert = config["type"] == "srl_bert"
    longest = 7 if of_bert else 5
    rows = {"ids": [], "verbs": [], "tags": []}
    for tags, verb in zip(GOLD, VERBS, strict=True):
        framed = ["O", *tags, "O"] if of_bert else tags
        pad = [0] * (longest - len(framed))
        rows["ids"].append(
            [
                *([2] if of_bert else []),
                *(5 + i if of_bert else 2 + i for i in range(len(tags))),
                *([3] if of_bert else []),
                *pad,
            ]
        )
        rows["verbs"].append([int(verb is not None and i == verb + of_bert) for i in range(len(framed))] + pad)
        rows["tags"].append([LABELS.index(tag) for tag in framed] + pad)
    ids = torch.tensor(rows["ids"])
    text = {"tokens": {"token_ids": ids, "mask": ids > 0}} if of_bert else {"tokens": {"tokens": ids}}
    tensors = {"verb_indicator": torch.tensor(rows["verbs"]), "tags": torch.tensor(rows["tags"])}
    output = model(tokens=text, metadata=metadata(), **tensors)
    readable = model.make_output_human_readable(dict(output))
    kept = {name: readable[name] for name in ("tags", "wordpiece_tags") if name in readable}
    shape = {name: size for name, size in shapes(model).items() if not name.endswith("position_ids")}
    return {
        "config": written_config,
        "rows": rows,
        "shapes": shape,
        "gradients": gradient_norms(model, output["loss"]),
        "loss": plain(output["loss"]),
        "logits": plain(output["logits"]),
        "readable": kept,
        "metrics": plain(model.get_metrics(reset=True)),
    }


def semantic_role_records():
    return {
        "scorer": scorer_records(),
        "reading": reading_records(),
        "vocabulary": {"tokens": WORDS, "labels": LABELS},
        "metadata": metadata(),
        "models": model_records(),
    }
