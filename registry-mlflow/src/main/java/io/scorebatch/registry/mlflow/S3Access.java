package io.scorebatch.registry.mlflow;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * Who reads from S3, or from a store that speaks like it: {@code MLFLOW_S3_ENDPOINT_URL}, {@code
 * AWS_ENDPOINT_URL_S3}, {@code AWS_ENDPOINT_URL}, {@code AWS_REGION}, {@code AWS_DEFAULT_REGION},
 * {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY}, {@code AWS_SESSION_TOKEN}; what is not
 * set there is looked for as the AWS SDK does.
 *
 * @param description for messages: whose credentials, never their value
 */
record S3Access(
    String description, AwsCredentialsProvider credentials, Optional<URI> endpoint, Region region) {

  /** As the environment says. */
  static S3Access of(RegistrySettings settings) {
    String key = settings.variable("AWS_ACCESS_KEY_ID", "");
    String secret = settings.variable("AWS_SECRET_ACCESS_KEY", "");
    if (key.isEmpty() || secret.isEmpty()) {
      return new S3Access(
          "the AWS credentials of this machine",
          DefaultCredentialsProvider.builder().build(),
          endpoint(settings),
          region(settings));
    }
    return temporary(
        settings,
        "the key of AWS_ACCESS_KEY_ID",
        key,
        secret,
        settings.variable("AWS_SESSION_TOKEN", ""));
  }

  /** With credentials that someone else handed out. */
  static S3Access temporary(
      RegistrySettings settings, String description, String key, String secret, String token) {
    return new S3Access(
        description,
        StaticCredentialsProvider.create(
            token.isEmpty()
                ? AwsBasicCredentials.create(key, secret)
                : AwsSessionCredentials.create(key, secret, token)),
        endpoint(settings),
        region(settings));
  }

  /** A client that the caller closes. */
  S3Client client(Duration timeout) {
    S3ClientBuilder client =
        S3Client.builder()
            .credentialsProvider(credentials)
            .region(region)
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(timeout)
                    .socketTimeout(timeout));
    endpoint.ifPresentOrElse(
        address -> client.endpointOverride(address).forcePathStyle(true),
        () -> client.crossRegionAccessEnabled(true));
    return client.build();
  }

  private static Optional<URI> endpoint(RegistrySettings settings) {
    for (String variable :
        new String[] {"MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) {
      String value = settings.variable(variable, "");
      if (!value.isEmpty()) {
        if (!value.matches("https?://[^\\s/]+.*")) {
          throw ServiceErrors.setting(
              variable, "'" + value + "' is no address.", "write http(s)://host:port.");
        }
        return Optional.of(URI.create(value));
      }
    }
    return Optional.empty();
  }

  private static Region region(RegistrySettings settings) {
    String region = settings.variable("AWS_REGION", settings.variable("AWS_DEFAULT_REGION", ""));
    if (!region.isEmpty()) {
      return Region.of(region);
    }
    try {
      return DefaultAwsRegionProviderChain.builder().build().getRegion();
    } catch (SdkClientException e) {
      // Any region serves to ask where a bucket is.
      return Region.US_EAST_1;
    }
  }
}
