package io.scorebatch.remote;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
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
public record S3Access(
    String description, AwsCredentialsProvider credentials, Optional<URI> endpoint, Region region) {

  /** As the environment says. */
  public static S3Access of(Environment environment) {
    String key = environment.variable("AWS_ACCESS_KEY_ID", "");
    String secret = environment.variable("AWS_SECRET_ACCESS_KEY", "");
    if (key.isEmpty() || secret.isEmpty()) {
      return new S3Access(
          "the AWS credentials of this machine",
          DefaultCredentialsProvider.builder().build(),
          endpoint(environment),
          region(environment));
    }
    return temporary(
        environment,
        "the key of AWS_ACCESS_KEY_ID",
        key,
        secret,
        environment.variable("AWS_SESSION_TOKEN", ""));
  }

  /** With credentials that someone else handed out. */
  public static S3Access temporary(
      Environment environment, String description, String key, String secret, String token) {
    return new S3Access(
        description,
        StaticCredentialsProvider.create(credentials(key, secret, token)),
        endpoint(environment),
        region(environment));
  }

  /**
   * Credentials that someone else handed out for a time.
   *
   * @param until when they end
   */
  public record Temporary(String key, String secret, String token, Instant until) {
    @Override
    public String toString() {
      return "temporary credentials until " + until;
    }
  }

  /**
   * With credentials that someone else hands out again before they end.
   *
   * @param source asked for credentials, by one thread at a time
   */
  public static S3Access renewed(
      Environment environment, String description, Supplier<Temporary> source) {
    return new S3Access(
        description, new Renewed(source), endpoint(environment), region(environment));
  }

  /** Asks anew when the credentials are about to end. Thread-safe. */
  private static final class Renewed implements AwsCredentialsProvider {
    private static final Duration EARLY = Duration.ofMinutes(5);

    private final Supplier<Temporary> source;
    private AwsCredentials credentials = AwsBasicCredentials.create("none", "none");
    private Instant renewal = Instant.MIN;

    Renewed(Supplier<Temporary> source) {
      this.source = source;
    }

    @Override
    public synchronized AwsCredentials resolveCredentials() {
      if (!Instant.now().isBefore(renewal)) {
        Temporary given = source.get();
        credentials = credentials(given.key(), given.secret(), given.token());
        renewal = given.until().minus(EARLY);
      }
      return credentials;
    }
  }

  private static AwsCredentials credentials(String key, String secret, String token) {
    return token.isEmpty()
        ? AwsBasicCredentials.create(key, secret)
        : AwsSessionCredentials.create(key, secret, token);
  }

  /** A client that the caller closes. */
  S3Client client(Duration timeout) {
    S3ClientBuilder client =
        S3Client.builder()
            .credentialsProvider(credentials)
            .region(region)
            // Stores that speak like S3 need not know its newer checksums.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(timeout)
                    .socketTimeout(timeout));
    endpoint.ifPresentOrElse(
        address -> client.endpointOverride(address).forcePathStyle(true),
        () -> client.crossRegionAccessEnabled(true));
    return client.build();
  }

  private static Optional<URI> endpoint(Environment environment) {
    for (String variable :
        new String[] {"MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) {
      String value = environment.variable(variable, "");
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

  private static Region region(Environment environment) {
    String region =
        environment.variable("AWS_REGION", environment.variable("AWS_DEFAULT_REGION", ""));
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
