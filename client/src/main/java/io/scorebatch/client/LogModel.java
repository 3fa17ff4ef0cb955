package io.scorebatch.client;

import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.Signature;
import io.scorebatch.api.registry.ModelPublisher;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ModelUpload;
import io.scorebatch.api.registry.PublishedModel;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.artifact.ArtifactReader;
import io.scorebatch.artifact.write.FeatureModel;
import io.scorebatch.artifact.write.FeatureModelWriter;
import io.scorebatch.artifact.write.RawModel;
import io.scorebatch.pipeline.config.FeatureLookup;
import io.scorebatch.pipeline.config.FeatureSet;
import io.scorebatch.pipeline.plan.SpecBuilder;
import io.scorebatch.pipeline.plan.SpecRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A trained model that is to get look-ups and be registered. Nothing is read until {@link
 * #register} or {@link #saveTo} is called. Immutable; the setters give a new one.
 *
 * <p>The model is an MLflow model by URI or folder, or a plain model file. One that has look-ups
 * already gets these in their place.
 */
public final class LogModel {
  private final Connections connections;
  private final String modelUri;
  private final FeatureSet features;
  private final Options options;

  private record Options(
      Optional<String> alias,
      Optional<String> description,
      List<String> requirements,
      @Nullable String modelClass) {}

  private LogModel(Connections connections, String modelUri, FeatureSet features, Options options) {
    this.connections = connections;
    this.modelUri = modelUri;
    this.features = features;
    this.options = options;
  }

  /**
   * A model and its features. Of the registry only the model's own URI is asked, so one that does
   * not exist yet may be named to register in.
   */
  public static LogModel of(Connections connections, String modelUri, FeatureSet features) {
    return new LogModel(
        connections,
        modelUri,
        features,
        new Options(Optional.empty(), Optional.empty(), List.of(), null));
  }

  private LogModel with(Options newOptions) {
    return new LogModel(connections, modelUri, features, newOptions);
  }

  /** The alias to point at the version. */
  public LogModel alias(String alias) {
    return with(
        new Options(
            Optional.of(alias), options.description, options.requirements, options.modelClass));
  }

  /** What the version is, for people. */
  public LogModel description(String text) {
    return with(
        new Options(options.alias, Optional.of(text), options.requirements, options.modelClass));
  }

  /** Further lines of requirements.txt. */
  public LogModel requirements(List<String> lines) {
    return with(new Options(options.alias, options.description, lines, options.modelClass));
  }

  /** The Python class an XGBoost file is used as, for example {@code xgboost.XGBClassifier}. */
  public LogModel modelClass(String className) {
    return with(new Options(options.alias, options.description, options.requirements, className));
  }

  /**
   * Checks, writes and registers a version.
   *
   * @throws ScorebatchException with all problems found; nothing is registered then
   */
  public Logged register(String name) {
    try (ModelPublisher publisher = Wiring.publisher(connections);
        Scratch scratch = Scratch.folder()) {
      Path folder = scratch.path().resolve("model");
      Written written = write(name, folder);
      PublishedModel published =
          publisher.publish(
              new ModelUpload(
                  name,
                  folder,
                  options.alias,
                  options.description,
                  Map.of("scorebatch.version", Program.version())));
      return new Logged(
          Optional.of(published), publisher.description(), written.spec, written.notes);
    }
  }

  /**
   * Checks and writes to a new folder, without a registry.
   *
   * @throws ScorebatchException with all problems found; nothing is written then
   */
  public Logged saveTo(Path folder) {
    Written written = write(String.valueOf(folder.getFileName()), folder);
    return new Logged(Optional.empty(), folder.toString(), written.spec, written.notes);
  }

  /**
   * What was written.
   *
   * @param model the version registered; empty where none was
   * @param place the registry or folder
   * @param spec where the model's inputs come from
   * @param notes what the user should know
   */
  public record Logged(
      Optional<PublishedModel> model, String place, FeatureSpec spec, List<String> notes) {
    public Logged {
      notes = List.copyOf(notes);
    }
  }

  private record Written(FeatureSpec spec, List<String> notes) {}

  private Written write(String name, Path folder) {
    try (TableStore tables = Wiring.tables(connections);
        ModelRegistry registry = source()) {
      ResolvedModel resolved = registry.resolve(modelUri);
      ModelPackage model = read(resolved.folder());
      Problems problems = new Problems();
      SpecBuilder.Built built =
          SpecBuilder.build(
              new SpecRequest(
                  name,
                  features,
                  Optional.of(model.model().inputs()),
                  model.model().namesKnown(),
                  inputTypes(model),
                  snapshots(features, tables::snapshot, connections, problems),
                  "scorebatch-" + Program.version()),
              problems);
      problems.throwIfAny();
      List<String> notes = new ArrayList<>(model.notes());
      notes.addAll(built.notes());
      notes.addAll(
          FeatureModelWriter.write(
              new FeatureModel(
                  raw(resolved.folder(), model),
                  built.spec(),
                  labels(model),
                  options.requirements,
                  Instant.now()),
              folder));
      return new Written(built.spec(), notes);
    }
  }

  /** A path needs no registry. */
  private ModelRegistry source() {
    return Wiring.models(modelUri.contains(":") ? connections : connections.withoutStores());
  }

  private ModelPackage read(Path place) {
    return options.modelClass != null && Files.isRegularFile(place)
        ? new ArtifactReader().readFile(place, options.modelClass, null)
        : new FolderOrFileReader().read(place);
  }

  private RawModel raw(Path place, ModelPackage model) {
    return Files.isRegularFile(place) && !place.endsWith("MLmodel")
        ? new RawModel.File(place, model.model(), options.modelClass)
        : new RawModel.Folder(model.scored().folder());
  }

  /** The snapshot of each table that is meant; what cannot be read is a problem. */
  static Map<String, TableSnapshot> snapshots(
      FeatureSet features,
      Function<TableName, TableSnapshot> tables,
      Connections connections,
      Problems problems) {
    Map<String, TableSnapshot> snapshots = new LinkedHashMap<>();
    for (FeatureLookup lookup : features.lookups()) {
      try {
        if (!snapshots.containsKey(lookup.table())) {
          snapshots.put(
              lookup.table(),
              tables.apply(
                  TableName.parse(lookup.table(), connections.catalog(), connections.schema())));
        }
      } catch (ScorebatchException e) {
        problems.addAll(e);
      }
    }
    return snapshots;
  }

  private static Map<String, ColumnType> inputTypes(ModelPackage model) {
    Map<String, ColumnType> types = new LinkedHashMap<>();
    for (Optional<Signature> signature :
        List.of(model.logged().signature(), model.scored().signature())) {
      for (Signature.Field field : signature.map(Signature::inputs).orElse(List.of())) {
        if (field.name() != null && field.tensorShape() == null) {
          field.type().ifPresent(type -> types.put(String.valueOf(field.name()), type));
        }
      }
    }
    return types;
  }

  /** The labels, in the type that the model answers. */
  private List<Column> labels(ModelPackage model) {
    ColumnType type =
        model
            .scored()
            .signature()
            .map(Signature::outputs)
            .filter(outputs -> outputs.size() == 1)
            .flatMap(outputs -> outputs.get(0).type())
            .or(() -> model.model().labels().map(Labels::type))
            .orElse(Primitive.DOUBLE);
    return features.labels().stream().map(label -> Column.of(label, type)).toList();
  }
}
