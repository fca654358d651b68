"""From segments of wordpieces to their vectors: for any transformer, with and without gradients, in flat memory.

How a micro-batch comes to be, and what becomes of it:

    segments          cuts documents into segments; pure arithmetic over lengths       `cut_segments`
    windows           the same where they share wordpieces, or end at words            `cut_windows`, `share_rows`
    batch_rules       finds out which segments may share a micro-batch                 `batch_rule`
    micro_batches     sorts segments by length, lays them out under a budget           `padded_batches`, `packed_...`
    backends          run one micro-batch after the other                              `Backend.run`
    layer_mixing      adds the layers up while they run, if all are to be mixed        `mix_layers`
    stitching         puts the vectors into the documents' places                      `gather_rows`, `scatter_rows`,
                      or adds up those that share a place                              `add_rows`

The line that stitches is the `index_select` in `stitching.gather_rows`; the index it takes is
`segments.stitch_index`. A new backend goes into `backends`, which says how.

What is known of a transformer is found out, not read off its name: `transformer_facts` measures it, `packed_rows` and
`batch_rules` try it on a few wordpieces (`probing`). `vector_cache` keeps the vectors of frozen transformers on disk
under a checksum of the weights (`weights_fingerprint`).
"""
