package io.scorebatch.remote;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import java.io.FileNotFoundException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * S3, or a store that speaks like it. Thread-safe; close it when done.
 *
 * <p>Calls that may pass are made again by the AWS SDK. What stays is a {@code ScorebatchException}
 * that names the place and whose credentials were used, never their value; of its own type are only
 * absent and taken names.
 */
public final class ObjectStore implements AutoCloseable {
  private static final int PRECONDITION_FAILED = 412;
  private static final int CONFLICT = 409;
  private static final int RANGE_UNKNOWN = 416;
  private static final int NOT_FOUND = 404;

  private final S3Client client;
  private final String access;
  private final Patience patience;
  private final ErrorCode unreadable;
  private final ErrorCode unwritable;

  private ObjectStore(
      S3Client client,
      String access,
      Patience patience,
      ErrorCode unreadable,
      ErrorCode unwritable) {
    this.client = client;
    this.access = access;
    this.patience = patience;
    this.unreadable = unreadable;
    this.unwritable = unwritable;
  }

  /**
   * @param unreadable the code of the problem that something cannot be read
   * @param unwritable the code of the problem that something cannot be written
   */
  public static ObjectStore open(
      S3Access access, Patience patience, ErrorCode unreadable, ErrorCode unwritable) {
    return new ObjectStore(
        access.client(patience.timeout()), access.description(), patience, unreadable, unwritable);
  }

  /** How long to wait for it, and how often to ask again. */
  public Patience patience() {
    return patience;
  }

  /**
   * An object, or a folder of objects.
   *
   * @param name in the folder that was listed
   * @param modified when it was last written; the epoch for a folder
   */
  public record Listed(String name, boolean folder, long bytes, Instant modified) {}

  /** What is directly in a folder, by name; nothing where there is no such folder. */
  public List<Listed> list(S3Location folder) {
    return list(folder, "", Integer.MAX_VALUE);
  }

  /**
   * What is directly in a folder, by name; nothing where there is no such folder.
   *
   * @param after only names behind this one; empty for all
   * @param enough no more is asked for once there are so many
   */
  public List<Listed> list(S3Location folder, String after, int enough) {
    ListObjectsV2Request.Builder request =
        ListObjectsV2Request.builder()
            .bucket(folder.bucket())
            .prefix(folder.prefix())
            .delimiter("/");
    if (!after.isEmpty()) {
      request.startAfter(folder.prefix() + after);
    }
    int start = folder.prefix().length();
    List<Listed> found = new ArrayList<>();
    try {
      for (ListObjectsV2Response page : client.listObjectsV2Paginator(request.build())) {
        for (CommonPrefix each : page.commonPrefixes()) {
          String name = each.prefix().substring(start).replaceAll("/$", "");
          found.add(new Listed(name, true, 0, Instant.EPOCH));
        }
        for (S3Object object : page.contents()) {
          // Some tools write an empty object for the folder itself.
          if (object.key().length() > start) {
            found.add(
                new Listed(
                    object.key().substring(start), false, object.size(), object.lastModified()));
          }
        }
        if (found.size() >= enough) {
          break;
        }
      }
    } catch (SdkException e) {
      throw unreadable(folder, e);
    }
    return found;
  }

  /**
   * What an object is.
   *
   * @param version changes with the content
   */
  public record Found(long bytes, Instant modified, String version) {}

  /** Empty where there is no such object. */
  public Optional<Found> find(S3Location object) {
    try {
      HeadObjectResponse head =
          client.headObject(
              HeadObjectRequest.builder().bucket(object.bucket()).key(object.key()).build());
      return Optional.of(new Found(head.contentLength(), head.lastModified(), head.eTag()));
    } catch (S3Exception e) {
      if (e.statusCode() == NOT_FOUND) {
        return Optional.empty();
      }
      throw unreadable(object, e);
    } catch (SdkException e) {
      throw unreadable(object, e);
    }
  }

  /**
   * Opens an object.
   *
   * @param from bytes the reader has already
   * @param version of those bytes; where the object is another one by now it comes whole
   * @throws FileNotFoundException where there is no such object
   */
  public Content open(S3Location object, long from, @Nullable String version)
      throws FileNotFoundException {
    GetObjectRequest.Builder request =
        GetObjectRequest.builder().bucket(object.bucket()).key(object.key());
    if (from > 0) {
      request.range("bytes=" + from + "-");
      if (version != null) {
        request.ifMatch(version);
      }
    }
    try {
      ResponseInputStream<GetObjectResponse> got = client.getObject(request.build());
      return new Content(got, from, got.response().eTag());
    } catch (S3Exception e) {
      if (from > 0 && (e.statusCode() == PRECONDITION_FAILED || e.statusCode() == RANGE_UNKNOWN)) {
        return open(object, 0, null);
      }
      if (code(e).equals("NoSuchKey")) {
        throw new FileNotFoundException(object + " does not exist");
      }
      throw unreadable(object, e);
    } catch (SdkException e) {
      throw unreadable(object, e);
    }
  }

  /** Writes an object; an older one of that name is replaced. */
  public void put(S3Location object, byte[] content) {
    put(object, RequestBody.fromBytes(content));
  }

  /** As {@link #put(S3Location, byte[])}, with the content of a file. */
  public void put(S3Location object, Path file) {
    put(object, RequestBody.fromFile(file));
  }

  private void put(S3Location object, RequestBody body) {
    try {
      client.putObject(
          PutObjectRequest.builder().bucket(object.bucket()).key(object.key()).build(), body);
    } catch (SdkException e) {
      throw unwritable(object, e);
    }
  }

  /**
   * Writes an object if there is none of that name, whoever else tries at the same time.
   *
   * @throws FileAlreadyExistsException where there is one; it may be this very one, where an answer
   *     was lost and the SDK has tried again
   */
  public void putIfAbsent(S3Location object, byte[] content) throws FileAlreadyExistsException {
    putIfAbsent(object, RequestBody.fromBytes(content));
  }

  /** As {@link #putIfAbsent(S3Location, byte[])}, with the content of a file. */
  public void putIfAbsent(S3Location object, Path file) throws FileAlreadyExistsException {
    putIfAbsent(object, RequestBody.fromFile(file));
  }

  private void putIfAbsent(S3Location object, RequestBody body) throws FileAlreadyExistsException {
    PutObjectRequest request =
        PutObjectRequest.builder()
            .bucket(object.bucket())
            .key(object.key())
            .ifNoneMatch("*")
            .build();
    for (int attempt = 1; ; attempt++) {
      try {
        client.putObject(request, body);
        return;
      } catch (S3Exception e) {
        if (e.statusCode() == PRECONDITION_FAILED) {
          throw new FileAlreadyExistsException(object.toString());
        }
        // Another writer is at it right now, and may fail: only the next answer tells.
        if (e.statusCode() != CONFLICT || attempt >= patience.tries()) {
          throw unwritable(object, e);
        }
        pause(object, attempt);
      } catch (SdkException e) {
        throw unwritable(object, e);
      }
    }
  }

  private void pause(S3Location object, int attempt) {
    try {
      Thread.sleep(patience.waitAfter(attempt).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServiceErrors(place(object), unwritable).interrupted(e);
    }
  }

  /** Removes an object; one that is not there is fine. */
  public void delete(S3Location object) {
    try {
      client.deleteObject(request -> request.bucket(object.bucket()).key(object.key()));
    } catch (SdkException e) {
      throw unwritable(object, e);
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private static String code(S3Exception e) {
    return e.awsErrorDetails() == null ? "" : String.valueOf(e.awsErrorDetails().errorCode());
  }

  private static String place(S3Location place) {
    return "object store at " + place;
  }

  private ScorebatchException unreadable(S3Location place, SdkException e) {
    return failed(place, "read", unreadable, e);
  }

  private ScorebatchException unwritable(S3Location place, SdkException e) {
    return failed(place, "written", unwritable, e);
  }

  /**
   * @param done what was tried: read or written
   */
  private ScorebatchException failed(
      S3Location place, String done, ErrorCode failure, SdkException e) {
    if (e instanceof AbortedException) {
      Thread.currentThread().interrupt();
      return new ServiceErrors(place(place), failure).interrupted(e);
    }
    if (e.getCause() instanceof ScorebatchException known) {
      return known;
    }
    String why;
    String fix;
    if (e instanceof S3Exception s3) {
      int status = s3.statusCode();
      boolean login = status == 401 || status == 403 || status == 400;
      String answer = status + (code(s3).isEmpty() ? "" : " (" + code(s3) + ")") + ".";
      why = login ? "It refused " + access + " with " + answer : "It answered " + answer;
      fix =
          login
              ? "renew the credentials if they have expired, and check that they may list and "
                  + (done.equals("read") ? "read" : "write")
                  + " the bucket."
              : "check the bucket's name, its region (AWS_REGION) and the address of the store"
                  + " (MLFLOW_S3_ENDPOINT_URL).";
    } else {
      why = "It could not be asked: " + e.getMessage() + ".";
      fix =
          "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or log in with the AWS tools; check the"
              + " address (MLFLOW_S3_ENDPOINT_URL).";
    }
    return new ScorebatchException(
        new Problem(failure, "The " + place(place) + " cannot be " + done + ".", why, fix), e);
  }
}
