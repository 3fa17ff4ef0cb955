package io.scorebatch.kernel;

import io.scorebatch.api.model.Neighbours;

/** The nearest points of a row, nearest first; of points equally far the earlier one. */
final class NeighbourSearch {
  private final Neighbours neighbours;
  private final double[] x;

  /** Indices of the nearest points. */
  final int[] nearest;

  /** Their distances. */
  final double[] distances;

  /** Working memory for one thread. */
  NeighbourSearch(Neighbours neighbours) {
    this.neighbours = neighbours;
    this.x = new double[neighbours.features()];
    this.nearest = new int[neighbours.k()];
    this.distances = new double[neighbours.k()];
  }

  /** Fills {@link #nearest} and {@link #distances} for a row. */
  void find(Frame in, int row) {
    for (int j = 0; j < x.length; j++) {
      x[j] = in.numbers(j)[row];
    }
    int found = 0;
    int k = nearest.length;
    for (int i = 0; i < neighbours.count(); i++) {
      double distance = reduced(i * x.length);
      if (found == k && !(distance < distances[k - 1])) {
        continue;
      }
      int at = found < k ? found++ : k - 1;
      while (at > 0 && distance < distances[at - 1]) {
        distances[at] = distances[at - 1];
        nearest[at] = nearest[at - 1];
        at--;
      }
      distances[at] = distance;
      nearest[at] = i;
    }
    for (int i = 0; i < k; i++) {
      distances[i] = full(distances[i]);
    }
  }

  /** A distance before its root. */
  private double reduced(int from) {
    double[] p = neighbours.points();
    double sum = 0;
    for (int j = 0; j < x.length; j++) {
      double distance = Math.abs(x[j] - p[from + j]);
      switch (neighbours.metric()) {
        case EUCLIDEAN -> sum += distance * distance;
        case MANHATTAN -> sum += distance;
        case CHEBYSHEV -> sum = Math.max(sum, distance);
        case MINKOWSKI -> sum += StrictMath.pow(distance, neighbours.power());
      }
    }
    return sum;
  }

  private double full(double reduced) {
    return switch (neighbours.metric()) {
      case EUCLIDEAN -> Math.sqrt(reduced);
      case MANHATTAN, CHEBYSHEV -> reduced;
      case MINKOWSKI -> StrictMath.pow(reduced, 1 / neighbours.power());
    };
  }
}
