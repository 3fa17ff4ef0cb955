package io.scorebatch.remote;

import io.scorebatch.api.error.ErrorCode;
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
 * How requests are made: {@code MLFLOW_TRACKING_INSECURE_TLS}, {@code
 * MLFLOW_TRACKING_SERVER_CERT_PATH} and the variables of {@link Patience}. Immutable.
 *
 * @param failure the code of the problem that a server which cannot be used is
 */
public record HttpSettings(HttpClient client, Patience patience, ErrorCode failure) {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

  /** As the environment says. */
  public static HttpSettings of(Environment environment, ErrorCode failure) {
    refuse(
        environment, "MLFLOW_TRACKING_CLIENT_CERT_PATH", "Client certificates are not supported.");
    refuse(environment, "MLFLOW_TRACKING_AUTH", "MLflow's plug-ins are Python code.");
    refuse(environment, "MLFLOW_TRACKING_AWS_SIGV4", "Requests are not signed for AWS.");
    Patience patience = Patience.of(environment);
    Duration timeout = patience.timeout();
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(Version.HTTP_1_1)
            .followRedirects(Redirect.NEVER)
            .connectTimeout(timeout.compareTo(CONNECT_TIMEOUT) < 0 ? timeout : CONNECT_TIMEOUT);
    boolean insecure = isTrue(environment.variable("MLFLOW_TRACKING_INSECURE_TLS", "false"));
    String certificates = environment.variable("MLFLOW_TRACKING_SERVER_CERT_PATH", "");
    if (insecure && !certificates.isEmpty()) {
      throw ServiceErrors.setting(
          "MLFLOW_TRACKING_SERVER_CERT_PATH",
          "MLFLOW_TRACKING_INSECURE_TLS=true says that no certificate is checked.",
          "set only one of the two.");
    }
    if (insecure) {
      client.sslContext(context(new TrustManager[] {new TrustsAll()}));
    } else if (!certificates.isEmpty()) {
      client.sslContext(context(trusting(environment.baseFolder(), certificates)));
    }
    return new HttpSettings(client.build(), patience, failure);
  }

  private static void refuse(Environment environment, String variable, String why) {
    String value = environment.variable(variable, "");
    if (!value.isEmpty() && !value.equalsIgnoreCase("false")) {
      throw ServiceErrors.setting(variable, why, "use a token or a user's name and password.");
    }
  }

  private static boolean isTrue(String value) {
    return value.equalsIgnoreCase("true") || value.equals("1");
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
