package io.scorebatch.registry.mlflow;

import static io.scorebatch.registry.mlflow.LocalStoreTest.assertFailure;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.testing.FakeServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final String PASSWORD = "changeit";
  @TempDir static Path folder;
  private static FakeServer server = new FakeServer();

  @BeforeAll
  static void start() throws IOException, GeneralSecurityException, InterruptedException {
    server.close();
    Path keys = folder.resolve("keys.p12");
    keytool(
        keys,
        "-genkeypair",
        "-alias",
        "s",
        "-keyalg",
        "EC",
        "-dname",
        "CN=test",
        "-ext",
        "san=ip:127.0.0.1",
        "-validity",
        "36500");
    keytool(
        keys,
        "-exportcert",
        "-rfc",
        "-alias",
        "s",
        "-file",
        folder.resolve("server.pem").toString());
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, PASSWORD.toCharArray());
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(factory.getKeyManagers(), null, null);
    server =
        new FakeServer(0, tls)
            .json("/api/2.0/mlflow/registered-models/search?max_results=1000", "{}");
  }

  private static void keytool(Path keys, String... arguments)
      throws IOException, InterruptedException {
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    List<String> command = new ArrayList<>(List.of(keytool.toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("-keystore", keys.toString(), "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new AssertionError("keytool failed");
    }
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static ModelRegistry open(Map<String, String> variables) {
    return MlflowRegistries.open(
        server.address(), Stores.settings(folder).withEnvironment(variables));
  }

  @Test
  void trustsNoUnknownIssuer() {
    try (ModelRegistry registry = open(Map.of())) {
      assertFailure(
          () -> registry.resolve("models:/churn/1"),
          ErrorCode.REGISTRY_UNREADABLE,
          "The MLflow server "
              + server.address()
              + " cannot be read. Its certificate is not"
              + " trusted: ",
          "Fix: name the certificate of its issuer with MLFLOW_TRACKING_SERVER_CERT_PATH (PEM).");
    }
  }

  @Test
  void trustsTheCertificateNamed() {
    try (ModelRegistry registry = open(Map.of("MLFLOW_TRACKING_SERVER_CERT_PATH", "server.pem"))) {
      assertFailure(
          () -> registry.resolve("models:/churn/1"),
          ErrorCode.MODEL_NOT_FOUND,
          "No model is registered there.");
    }
  }

  @Test
  void trustsAnyoneWhereToldTo() {
    try (ModelRegistry registry = open(Map.of("MLFLOW_TRACKING_INSECURE_TLS", "true"))) {
      assertFailure(
          () -> registry.resolve("models:/churn/1"),
          ErrorCode.MODEL_NOT_FOUND,
          "No model is registered there.");
    }
  }
}
