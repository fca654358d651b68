"""From segments of wordpieces to their vectors: for any transformer, with and without gradients, in flat memory.

How a micro-batch comes to be, and what becomes of it:

    segments          cut documents into segments; pure arithmetic over lengths       `cut_segments`
    micro_batches     sort segments by length and lay them out under a token budget   `padded_batches`, `packed_batches`
    segment_runner    runs one micro-batch after the other                            `SegmentRunner.run`
    stitching         puts the rows that come out into the documents' places          `gather_rows`, `scatter_rows`

The line that stitches is the single `index_select` in `stitching`; the index it takes is `segments.stitch_index`.
A new backend goes beside `compiled_transformer`: something that takes a micro-batch's inputs and returns hidden states;
`SegmentRunner` asks it first.
"""
