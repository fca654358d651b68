"""Readers of numbers, in a module of their own so that other processes can import them."""

from foldformer.data import DatasetReader, Instance, MetadataField, TextField, TokenIndexer
from foldformer.text import Token


class NumberReader(DatasetReader):
    """Reads `path` instances: number n is the word "n" n % 7 + 1 times."""

    def __init__(self, sharding_by_itself=True, **kwargs):
        super().__init__(
            manual_distributed_sharding=sharding_by_itself, manual_multiprocess_sharding=sharding_by_itself, **kwargs
        )
        self.sharding_by_itself = sharding_by_itself
        self.times_read = 0
        self.instances_read = 0
        self.indexers = {"tokens": TokenIndexer.by_name("single_id")()}

    def _read(self, file_path):
        self.times_read += 1
        numbers = range(int(file_path))
        for number in self.shard_iterable(numbers) if self.sharding_by_itself else numbers:
            self.instances_read += 1
            yield self.text_to_instance(number)

    def text_to_instance(self, number):
        words = [Token(str(number))] * (number % 7 + 1)
        return Instance({"tokens": TextField(words), "number": MetadataField(number)})

    def apply_token_indexers(self, instance):
        instance["tokens"].token_indexers = self.indexers


class NumberReaderWithIndexers(NumberReader):
    """Does what readers must not do where they run in workers."""

    def text_to_instance(self, number):
        instance = super().text_to_instance(number)
        self.apply_token_indexers(instance)
        return instance


class FailingReader(NumberReader):
    """Fails in the middle."""

    def text_to_instance(self, number):
        if number == 5:
            raise ValueError("data.txt:5: got nonsense")
        return super().text_to_instance(number)


class LocalErrorReader(NumberReader):
    """Fails in the middle, with an error that other processes cannot make."""

    def text_to_instance(self, number):
        class LocalError(ValueError):
            pass

        if number == 70:
            raise LocalError("data.txt:70: got nonsense")
        return super().text_to_instance(number)


class LambdaReader(NumberReader):
    """Puts something into an instance that cannot be sent."""

    def text_to_instance(self, number):
        instance = super().text_to_instance(number)
        instance.add_field("function", MetadataField((lambda: 1) if number == 70 else None))
        return instance


class UnequalReader(NumberReader):
    """Leaves numbers out after sharing out, as it should not: every odd number from 10 on."""

    def _read(self, file_path):
        return (
            each
            for each in super()._read(file_path)
            if each["number"].metadata % 2 == 0 or each["number"].metadata < 10
        )
