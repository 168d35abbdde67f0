def nearest_labels(distances, labels, k):
    places = np.argpartition(distances, k - 1, axis=1)[:, :k]
    votes = (labels[places][:, :, None] == np.arange(labels.max() + 1)).sum(axis=1)
    return votes.argmax(axis=1)
