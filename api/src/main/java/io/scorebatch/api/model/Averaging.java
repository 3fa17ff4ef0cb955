package io.scorebatch.api.model;

import java.util.List;

/**
 * Members that read the same columns, averaged: Bagging, Voting.
 *
 * <p>Sums run over members in order. Without weights the sum is divided by the number of members;
 * with weights {@code sum(weight * answer) / sum(weights)}.
 *
 * <ul>
 *   <li>PROBABILITIES: members' {@code PREDICT_PROBA}; {@code PREDICT} is the first most probable.
 *   <li>VOTES: each member gives 1 to the class it predicts; otherwise as PROBABILITIES (Bagging of
 *       members without probabilities).
 *   <li>HARD_VOTES: {@code PREDICT} is the first class of the greatest sum of weights (Voting
 *       hard); no probabilities.
 *   <li>VALUES: mean of members' {@code PREDICT}.
 * </ul>
 *
 * <p>{@code DECISION_FUNCTION} is the mean of the members', where all have one and know all classes
 * (Bagging).
 *
 * @param members in order
 * @param weights empty where all count the same
 * @param mode what is averaged
 * @param outputs number of classes, or of values a member predicts
 */
public record Averaging(List<Member> members, double[] weights, Mode mode, int outputs)
    implements Estimator {

  /**
   * A member.
   *
   * @param estimator reads the same columns (a subset is a {@link Pipeline} with a {@link
   *     Transform.Select})
   * @param classes which of all classes each of its own classes is; empty where they are the same
   */
  public record Member(Estimator estimator, int[] classes) {}

  /** What is averaged. */
  public enum Mode {
    PROBABILITIES,
    VOTES,
    HARD_VOTES,
    VALUES
  }

  public Averaging {
    members = List.copyOf(members);
    Shapes.positive("members", members.size());
    Shapes.positive("outputs", outputs);
    if (weights.length != 0) {
      Shapes.require("weights", weights.length, members.size());
    }
    for (Member member : members) {
      Shapes.inRange("classes", member.classes(), outputs);
    }
  }
}
