package saturnmq.interop;

import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONObject;
import com.alibaba.fastjson.serializer.SerializerFeature;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.exception.MQClientException;

/**
 * Speaks for unmodified RocketMQ clients. Reads one JSON command a line, {@code {"id":1,"command":"produce",…}}, and
 * answers each with one line, {@code {"id":1,"result":…}} or {@code {"id":1,"error":…,"code":…}}, in any order. Ends
 * when standard input does.
 */
public final class Driver {
    /** One command. */
    interface Command {
        Object run(JSONObject arguments) throws Exception;
    }

    private static final AtomicInteger INSTANCES = new AtomicInteger();
    private final Map<String, Command> commands = new TreeMap<>();
    private final PrintStream answers;

    private Driver(PrintStream answers) {
        this.answers = answers;
        new Producing().register(commands);
        new Consuming().register(commands);
        new Pulling().register(commands);
        new Admin().register(commands);
        commands.put("ready", arguments -> System.getProperty("java.version"));
    }

    /** A client instance name of its own: clients of one name share a connection and a name server. */
    static String instanceName() {
        return "driver" + INSTANCES.incrementAndGet();
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, "UTF-8");
        System.setOut(System.err);
        Driver driver = new Driver(answers);
        ExecutorService threads = Executors.newCachedThreadPool();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JSONObject request = JSON.parseObject(line);
            threads.execute(() -> driver.answer(request));
        }
        Runtime.getRuntime().halt(0);
    }

    private void answer(JSONObject request) {
        JSONObject answer = new JSONObject(true);
        answer.put("id", request.get("id"));
        try {
            Command command = commands.get(request.getString("command"));
            if (command == null) {
                throw new IllegalArgumentException("no such command: " + request.getString("command"));
            }
            answer.put("result", command.run(request));
        } catch (Throwable failed) {
            answer.put("error", failed.toString());
            answer.put("code", responseCode(failed));
        }
        String line = JSON.toJSONString(answer, SerializerFeature.DisableCircularReferenceDetect);
        synchronized (answers) {
            answers.println(line);
        }
    }

    static int responseCode(Throwable failed) {
        if (failed instanceof MQBrokerException) {
            return ((MQBrokerException) failed).getResponseCode();
        }
        return failed instanceof MQClientException ? ((MQClientException) failed).getResponseCode() : -1;
    }
}
