package io.scorebatch.registry.mlflow;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * How requests are made, by MLflow's environment variables: {@code MLFLOW_HTTP_REQUEST_TIMEOUT} (s,
 * default 120), {@code MLFLOW_HTTP_REQUEST_MAX_RETRIES} (default 5), {@code
 * MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR} (s before the first retry, doubled for each further one;
 * default 0.5), {@code MLFLOW_TRACKING_INSECURE_TLS}, {@code MLFLOW_TRACKING_SERVER_CERT_PATH}.
 *
 * <p>Fewer and quicker retries than MLflow's own 7 with a factor of 2, which keep a person waiting
 * four minutes for an address that is wrong.
 *
 * @param timeout until an answer begins, and between two parts of it
 */
record HttpSettings(HttpClient client, Duration timeout, int tries, double backoffSeconds) {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);
  private static final double LONGEST_WAIT_SECONDS = 60;

  static HttpSettings of(RegistrySettings settings) {
    refuse(settings, "MLFLOW_TRACKING_CLIENT_CERT_PATH", "Client certificates are not supported.");
    refuse(settings, "MLFLOW_TRACKING_AUTH", "MLflow's plug-ins are Python code.");
    refuse(settings, "MLFLOW_TRACKING_AWS_SIGV4", "Requests are not signed for AWS.");
    Duration timeout =
        Duration.ofMillis((long) (1000 * number(settings, "MLFLOW_HTTP_REQUEST_TIMEOUT", "120")));
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(Version.HTTP_1_1)
            .followRedirects(Redirect.NEVER)
            .connectTimeout(timeout.compareTo(CONNECT_TIMEOUT) < 0 ? timeout : CONNECT_TIMEOUT);
    boolean insecure = isTrue(settings.variable("MLFLOW_TRACKING_INSECURE_TLS", "false"));
    String certificates = settings.variable("MLFLOW_TRACKING_SERVER_CERT_PATH", "");
    if (insecure && !certificates.isEmpty()) {
      throw ServiceErrors.setting(
          "MLFLOW_TRACKING_SERVER_CERT_PATH",
          "MLFLOW_TRACKING_INSECURE_TLS=true says that no certificate is checked.",
          "set only one of the two.");
    }
    if (insecure) {
      client.sslContext(context(new TrustManager[] {new TrustsAll()}));
    } else if (!certificates.isEmpty()) {
      client.sslContext(context(trusting(settings.baseFolder(), certificates)));
    }
    return new HttpSettings(
        client.build(),
        timeout,
        1 + (int) number(settings, "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "5"),
        number(settings, "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0.5"));
  }

  /**
   * How long to wait before a further try.
   *
   * @param failed tries that failed so far
   */
  Duration waitAfter(int failed) {
    double seconds = backoffSeconds * Math.pow(2, failed - 1);
    return Duration.ofMillis((long) (1000 * Math.min(seconds, LONGEST_WAIT_SECONDS)));
  }

  /** A wait that a server asked for, within reason. */
  static Duration bounded(double seconds) {
    return Duration.ofMillis((long) (1000 * Math.max(0, Math.min(seconds, LONGEST_WAIT_SECONDS))));
  }

  private static void refuse(RegistrySettings settings, String variable, String why) {
    String value = settings.variable(variable, "");
    if (!value.isEmpty() && !value.equalsIgnoreCase("false")) {
      throw ServiceErrors.setting(variable, why, "use a token or a user's name and password.");
    }
  }

  private static boolean isTrue(String value) {
    return value.equalsIgnoreCase("true") || value.equals("1");
  }

  private static double number(RegistrySettings settings, String variable, String otherwise) {
    String value = settings.variable(variable, otherwise);
    if (!value.matches("[0-9]{1,6}([.][0-9]{1,6})?")) {
      throw ServiceErrors.setting(
          variable, "'" + value + "' is no number.", "write a number such as " + otherwise + ".");
    }
    return Double.parseDouble(value);
  }

  private static TrustManager[] trusting(Path baseFolder, String certificates) {
    try (InputStream pem = Files.newInputStream(baseFolder.resolve(certificates))) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("certificate-" + number++, each);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (IOException | GeneralSecurityException | InvalidPathException e) {
      throw ServiceErrors.setting(
          "MLFLOW_TRACKING_SERVER_CERT_PATH",
          "'" + certificates + "' cannot be read as PEM certificates: " + e.getMessage() + ".",
          "name a PEM file with the certificate of the server's issuer.");
    }
  }

  private static SSLContext context(TrustManager[] trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no TLS", e);
    }
  }

  /** For MLFLOW_TRACKING_INSECURE_TLS: neither issuer nor host name are checked. */
  private static final class TrustsAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
