from collections import Counter


def nearest_labels(distances, labels, k):
    out = []
    for row in distances:
        votes = Counter(int(label) for _, label in sorted(zip(row, labels, strict=True))[:k])
        most = max(votes.values())
        out.append(min(label for label, count in votes.items() if count == most))
    return np.array(out)
