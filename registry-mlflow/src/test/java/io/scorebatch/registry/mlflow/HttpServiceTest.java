package io.scorebatch.registry.mlflow;

import static io.scorebatch.registry.mlflow.LocalStoreTest.assertFailure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.testing.FakeServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may go wrong with a server, and what a person is told. */
class HttpServiceTest {
  private static final String GET = "/api/2.0/mlflow/model-versions/get?name=churn&version=1";
  private static final String MODEL = "/api/2.0/mlflow/registered-models/get?name=churn";
  private static final String NAMES = "/api/2.0/mlflow/registered-models/search?max_results=1000";
  private static final String NO_NAMES = "{}";

  @TempDir Path folder;
  private final FakeServer server = new FakeServer();

  @AfterEach
  void stop() {
    server.close();
  }

  private ModelRegistry open(String... variables) {
    Map<String, String> environment = new HashMap<>();
    environment.put("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2");
    environment.put("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0");
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    return MlflowRegistries.open(
        server.address(), Stores.settings(folder).withEnvironment(environment));
  }

  private void assertResolveFails(ModelRegistry registry, String... parts) {
    assertFailure(() -> registry.resolve("models:/churn/1"), ErrorCode.REGISTRY_UNREADABLE, parts);
  }

  @Test
  void triesAgainWhereTheServerIsBusy() {
    AtomicInteger asked = new AtomicInteger();
    server
        .on(
            GET,
            exchange -> {
              if (asked.incrementAndGet() < 3) {
                exchange.header("Retry-After", "0");
                exchange.json(asked.get() == 1 ? 429 : 503, "{\"message\": \"busy\"}");
              } else {
                exchange.json(404, "{\"error_code\": \"RESOURCE_DOES_NOT_EXIST\"}");
              }
            })
        .json(NAMES, NO_NAMES);
    try (ModelRegistry registry = open()) {
      assertFailure(
          () -> registry.resolve("models:/churn/1"),
          ErrorCode.MODEL_NOT_FOUND,
          "No model is registered there.");
    }
    assertThat(server.targets())
        .containsExactly("GET " + GET, "GET " + GET, "GET " + GET, "GET " + MODEL, "GET " + NAMES);
  }

  @Test
  void givesUpWhereTheServerStaysBusy() {
    server.on(GET, exchange -> exchange.json(503, "{\"message\": \"Down for maintenance.\"}"));
    try (ModelRegistry registry = open()) {
      assertResolveFails(
          registry,
          "SB-0205 The MLflow server " + server.address() + " cannot be read.",
          "It answered GET /api/2.0/mlflow/model-versions/get with 503, saying: Down for"
              + " maintenance (3 tries).",
          "Fix: look into the server's log, or try again later.");
    }
    assertThat(server.requests()).hasSize(3);
  }

  @Test
  void doesNotTryAgainWhatWasRefusedForGood() {
    server.on(GET, exchange -> exchange.json(400, "{\"message\": \"Bad name\"}"));
    try (ModelRegistry registry = open()) {
      assertResolveFails(registry, "It refused GET ", " with 400, saying: Bad name.");
    }
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void saysThatATokenExpiredWithoutShowingIt() {
    server.on(
        GET,
        exchange ->
            exchange.json(
                401,
                "{\"message\": \"Token s3cret-t0ken expired, header was "
                    + exchange.request().authorization()
                    + "\"}"));
    try (ModelRegistry registry = open("MLFLOW_TRACKING_TOKEN", "s3cret-t0ken")) {
      assertThatThrownBy(() -> registry.resolve("models:/churn/1"))
          .hasMessageContaining(
              "It refused the token of MLFLOW_TRACKING_TOKEN with 401, saying: Token *** expired,"
                  + " header was Bearer ***. Fix: renew it if it has expired, and check what its"
                  + " owner may do.")
          .hasMessageNotContaining("s3cret");
      assertThat(registry.description()).doesNotContain("s3cret");
    }
    assertThat(server.requests()).hasSize(1);
    assertThat(server.requests().get(0).authorization()).isEqualTo("Bearer s3cret-t0ken");
  }

  @Test
  void prefersAUsersPasswordAndShowsNeitherItNorItsEncoding() {
    server.on(
        GET,
        exchange ->
            exchange.json(403, "{\"message\": \"" + exchange.request().authorization() + "\"}"));
    try (ModelRegistry registry =
        open(
            "MLFLOW_TRACKING_USERNAME", "ada",
            "MLFLOW_TRACKING_PASSWORD", "l0velace",
            "MLFLOW_TRACKING_TOKEN", "unused")) {
      assertResolveFails(
          registry,
          "It refused user 'ada' with the password of MLFLOW_TRACKING_PASSWORD with 403, saying:"
              + " Basic ***.");
    }
    assertThat(server.requests().get(0).authorization()).isEqualTo("Basic YWRhOmwwdmVsYWNl");
  }

  @Test
  void takesAUserFromTheAddressAndKeepsThePasswordOutOfMessages() {
    server.on(GET, exchange -> exchange.json(401, "{}"));
    String address = server.address().replace("http://", "http://ada:l0ve%40@") + "/";
    try (ModelRegistry registry = MlflowRegistries.open(address, Stores.settings(folder))) {
      assertThat(registry.description()).isEqualTo("MLflow server " + server.address());
      assertResolveFails(registry, "It refused the user and password in its address with 401.");
    }
    assertThat(server.requests().get(0).authorization()).isEqualTo("Basic YWRhOmwwdmVA");
  }

  @Test
  void saysWhatToSetWhereALoginIsWanted() {
    server.on(GET, exchange -> exchange.bytes(401, new byte[0]));
    try (ModelRegistry registry = open()) {
      assertResolveFails(
          registry,
          "It wants to know who asks: 401.",
          "Fix: set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and"
              + " MLFLOW_TRACKING_PASSWORD.");
    }
  }

  @Test
  void sendsTheWorkspace() {
    server.on(
        GET,
        exchange ->
            exchange.json(400, "{\"message\": \"" + exchange.header("X-MLFLOW-WORKSPACE") + "\"}"));
    try (ModelRegistry registry = open("MLFLOW_WORKSPACE", "research")) {
      assertResolveFails(registry, "saying: research.");
    }
  }

  @Test
  void carriesNoCredentialsToAnotherAddress() {
    try (FakeServer other = new FakeServer()) {
      server.on(
          GET,
          exchange -> {
            exchange.header("Location", other.address() + "/login?token=x");
            exchange.bytes(302, new byte[0]);
          });
      try (ModelRegistry registry = open("MLFLOW_TRACKING_TOKEN", "secret")) {
        assertResolveFails(
            registry,
            "with 302 and sends us to " + other.address() + "/login; credentials are not carried");
      }
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void waitsNoLongerThanAllowed() {
    CountDownLatch done = new CountDownLatch(1);
    server.on(
        GET,
        exchange -> {
          try {
            done.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    try (ModelRegistry registry =
        open(
            "MLFLOW_HTTP_REQUEST_TIMEOUT", "0.2",
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")) {
      assertResolveFails(
          registry,
          "It did not answer GET /api/2.0/mlflow/model-versions/get within 0 s (2 tries).",
          "MLFLOW_HTTP_REQUEST_TIMEOUT");
    } finally {
      done.countDown();
    }
  }

  @Test
  void saysThatNothingAnswersAtAnAddress() {
    server.close();
    try (ModelRegistry registry = open()) {
      assertResolveFails(
          registry,
          "It did not answer GET /api/2.0/mlflow/model-versions/get: ",
          " (3 tries).",
          "Fix: check the address, that the server runs and that this machine reaches it.");
    }
  }

  @Test
  void saysThatAnAnswerIsNoJson() {
    server.on(
        GET,
        exchange -> exchange.bytes(200, "<html>hello</html>".getBytes(StandardCharsets.UTF_8)));
    try (ModelRegistry registry = open()) {
      assertResolveFails(registry, "Its answer to GET ", " cannot be read: it is no JSON.");
    }
  }

  @Test
  void namesSettingsThatCannotBeUsed() throws IOException {
    assertFailure(
        () -> open("MLFLOW_HTTP_REQUEST_TIMEOUT", "soon"),
        ErrorCode.USAGE,
        "Setting MLFLOW_HTTP_REQUEST_TIMEOUT cannot be used. 'soon' is no number. Fix: write a"
            + " number such as 120.");
    assertFailure(
        () -> open("MLFLOW_TRACKING_AWS_SIGV4", "true"), ErrorCode.USAGE, "not signed for AWS");
    Path certificates = folder.resolve("ca.pem");
    Files.writeString(certificates, "no certificate");
    assertFailure(
        () -> open("MLFLOW_TRACKING_SERVER_CERT_PATH", "ca.pem"),
        ErrorCode.USAGE,
        "'ca.pem' cannot be read as PEM certificates");
    assertFailure(
        () ->
            open(
                "MLFLOW_TRACKING_SERVER_CERT_PATH", "ca.pem",
                "MLFLOW_TRACKING_INSECURE_TLS", "true"),
        ErrorCode.USAGE,
        "set only one of the two");
    assertFailure(
        () -> MlflowRegistries.open("http://user:secret@/x y", Stores.settings(folder)),
        ErrorCode.USAGE,
        "'http://…' is no model registry. The address cannot be read.");
  }
}
