package orders;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A broker for tests: a process that npx starts, on free ports and with a temporary store. It ends with its standard input,
 * so also when this JVM dies. The machine needs Node.js 20.19 or later, and nothing else.
 */
public final class TestBroker implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("\"namesrvAddr\":\"([^\"]+)\"");
    private static final long CLOSE_SECONDS = 20;

    private final Process process;
    private final String namesrvAddr;

    private TestBroker(Process process, String namesrvAddr) {
        this.process = process;
        this.namesrvAddr = namesrvAddr;
    }

    /** Starts a broker; {@code -Dsaturnmq.package=...} names a version, or a packed file, instead of the newest. */
    public static TestBroker start() throws IOException {
        String npx = System.getProperty("os.name").startsWith("Windows") ? "npx.cmd" : "npx";
        String name = System.getProperty("saturnmq.package", "saturnmq");
        Process process = new ProcessBuilder(npx, "-y", "--package=" + name, "saturnmq", "test-broker")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String first = lines.readLine();
        Matcher matcher = ADDRESS.matcher(first == null ? "" : first);
        if (!matcher.find()) {
            process.destroy();
            throw new IOException("the test broker did not start: " + first);
        }
        return new TestBroker(process, matcher.group(1));
    }

    /** What a client is given: {@code producer.setNamesrvAddr(...)}. */
    public String namesrvAddr() {
        return namesrvAddr;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
