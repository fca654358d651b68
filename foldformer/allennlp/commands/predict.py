"""Prediction, for projects that extend AllenNLP's command."""

import argparse
from pathlib import Path
from typing import Any

from overrides import overrides

from foldformer.allennlp.commands.subcommand import Subcommand
from foldformer.commands import predict


@Subcommand.register("predict")
class Predict(Subcommand):
    """AllenNLP's `predict`."""

    @overrides
    def add_subparser(self, parser: "argparse._SubParsersAction[Any]") -> argparse.ArgumentParser:
        subparser: argparse.ArgumentParser = parser.add_parser(self.name, help="let a trained model predict")
        subparser.add_argument("archive_file", help="archive of the model")
        subparser.add_argument("input_file", help="JSON objects, one a line")
        for option in ("--output-file", "--weights-file", "--multitask-head", "--predictor"):
            subparser.add_argument(option)
        subparser.add_argument("--dataset-reader-choice", choices=["train", "validation"], default="validation")
        subparser.add_argument("--predictor-args", default="")
        subparser.add_argument("-o", "--overrides", default="")
        for option, default in (("--batch-size", 1), ("--cuda-device", -1)):
            subparser.add_argument(option, type=int, default=default)
        for option in ("--silent", "--use-dataset-reader", "--file-friendly-logging"):
            subparser.add_argument(option, action="store_true")
        subparser.set_defaults(func=_predict)
        return subparser


def _predict(args: argparse.Namespace) -> None:
    predict.command(
        args.archive_file,
        args.input_file,
        output_file=None if args.output_file is None else Path(args.output_file),
        use_dataset_reader=args.use_dataset_reader,
        dataset_reader_choice=args.dataset_reader_choice,
        multitask_head=args.multitask_head,
        batch_size=args.batch_size,
        predictor=args.predictor,
        predictor_args=args.predictor_args,
        weights_file=args.weights_file,
        cuda_device=args.cuda_device,
        overrides=args.overrides,
    )
