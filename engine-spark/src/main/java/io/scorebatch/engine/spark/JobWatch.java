package io.scorebatch.engine.spark;

import io.scorebatch.api.engine.RunControl;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.StageInfo;

/**
 * Jobs that this thread starts while the watch is open: their progress goes to a control, and the
 * control can cancel them. Jobs bear a tag of the watch's own, so the caller's job group stays as
 * it is.
 */
final class JobWatch extends SparkListener implements AutoCloseable {
  private final SparkContext context;
  private final RunControl control;
  private final String tag = "scorebatch-" + UUID.randomUUID();
  private final Map<Integer, Integer> tasks = new HashMap<>();
  private final Map<Integer, Set<Integer>> done = new HashMap<>();
  private double reported;

  private JobWatch(SparkContext context, RunControl control) {
    this.context = context;
    this.control = control;
  }

  static JobWatch open(SparkContext context, RunControl control) {
    JobWatch watch = new JobWatch(context, control);
    context.addSparkListener(watch);
    context.addJobTag(watch.tag);
    control.onCancel(() -> context.cancelJobsWithTag(watch.tag, "The run was stopped."));
    return watch;
  }

  @Override
  public void onJobStart(SparkListenerJobStart start) {
    Properties properties = start.properties();
    String tags = properties == null ? "" : properties.getProperty("spark.job.tags", "");
    if (!Arrays.asList(tags.split(",")).contains(tag)) {
      return;
    }
    if (control.isCancelled()) {
      context.cancelJobsWithTag(tag, "The run was stopped.");
    }
    for (StageInfo stage : Scala.list(start.stageInfos())) {
      tasks.put(stage.stageId(), stage.numTasks());
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    if (!tasks.containsKey(end.stageId()) || !end.taskInfo().successful()) {
      return;
    }
    done.computeIfAbsent(end.stageId(), s -> new HashSet<>()).add(end.taskInfo().partitionId());
    long all = tasks.values().stream().mapToLong(Integer::longValue).sum();
    long ended = done.values().stream().mapToLong(Set::size).sum();
    // Stages become known one after another: never tell less than was told.
    double share = Math.min(0.99, (double) ended / Math.max(1, all));
    if (share > reported) {
      reported = share;
      control.report(share);
    }
  }

  @Override
  public void close() {
    control.onCancel(() -> {});
    context.removeJobTag(tag);
    context.removeSparkListener(this);
  }
}
