package io.scorebatch.registry.mlflow;

import io.scorebatch.api.error.ScorebatchException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A folder of a bucket.
 *
 * @param prefix of all keys in it; empty or ends with a slash
 * @param access whose credentials, for messages
 */
record S3Folder(S3Client client, String bucket, String prefix, String access)
    implements RemoteFolder {

  /** The folder of a location such as {@code s3://bucket/path}. */
  static S3Folder of(S3Client client, ArtifactLocation location, String access) {
    String rest = location.toString().replaceFirst("^[^:]+:/*", "");
    int slash = rest.indexOf('/');
    String bucket = slash < 0 ? rest : rest.substring(0, slash);
    String path = slash < 0 ? "" : rest.substring(slash).replaceAll("^/+|/+$", "");
    return new S3Folder(client, bucket, path.isEmpty() ? "" : path + "/", access);
  }

  @Override
  public String description() {
    return "s3://" + bucket + "/" + prefix.replaceAll("/$", "");
  }

  @Override
  public List<RemoteFile> list(String directory) {
    String listed = prefix + (directory.isEmpty() ? "" : directory + "/");
    ListObjectsV2Request request =
        ListObjectsV2Request.builder().bucket(bucket).prefix(listed).delimiter("/").build();
    List<RemoteFile> files = new ArrayList<>();
    try {
      for (ListObjectsV2Response page : client.listObjectsV2Paginator(request)) {
        for (CommonPrefix folder : page.commonPrefixes()) {
          String path = folder.prefix().substring(prefix.length());
          files.add(new RemoteFile(path.replaceAll("/$", ""), true, 0));
        }
        for (S3Object object : page.contents()) {
          // Some tools write an empty object for the folder itself.
          if (!object.key().equals(listed)) {
            files.add(
                new RemoteFile(object.key().substring(prefix.length()), false, object.size()));
          }
        }
      }
    } catch (SdkException e) {
      throw failed(e);
    }
    return files;
  }

  @Override
  public Content open(String file, long from, @Nullable String version) {
    GetObjectRequest.Builder request = GetObjectRequest.builder().bucket(bucket).key(prefix + file);
    if (from > 0) {
      request.range("bytes=" + from + "-");
      if (version != null) {
        request.ifMatch(version);
      }
    }
    try {
      ResponseInputStream<GetObjectResponse> object = client.getObject(request.build());
      return new Content(object, from, object.response().eTag());
    } catch (S3Exception e) {
      if (e.statusCode() == 412 || e.statusCode() == 416) {
        // The object is another one by now.
        return open(file, 0, null);
      }
      throw failed(e);
    } catch (SdkException e) {
      throw failed(e);
    }
  }

  private ScorebatchException failed(SdkException e) {
    String place = "object store at " + description();
    if (e instanceof AbortedException) {
      Thread.currentThread().interrupt();
      return ServiceErrors.interrupted(place, e);
    }
    if (e instanceof S3Exception s3) {
      String code =
          s3.awsErrorDetails() == null ? "" : " (" + s3.awsErrorDetails().errorCode() + ")";
      boolean login = s3.statusCode() == 401 || s3.statusCode() == 403 || s3.statusCode() == 400;
      return RegistryErrors.unreadable(
          place,
          login
              ? "It refused " + access + " with " + s3.statusCode() + code + "."
              : "It answered " + s3.statusCode() + code + ".",
          login
              ? "renew the credentials if they have expired, and check that they may list and read"
                  + " the bucket."
              : "check the bucket's name, its region (AWS_REGION) and the address of the store"
                  + " (MLFLOW_S3_ENDPOINT_URL).",
          e);
    }
    return RegistryErrors.unreadable(
        place,
        "It could not be asked: " + e.getMessage() + ".",
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or log in with the AWS tools; check the"
            + " address (MLFLOW_S3_ENDPOINT_URL).",
        e);
  }
}
