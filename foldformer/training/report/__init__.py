"""What a training leaves to be read: metrics files, the confusion of labels, a page with curves."""
