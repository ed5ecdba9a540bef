package saturnmq.interop;

import com.alibaba.fastjson.JSONObject;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Paths;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Sends without end through a broker's deaths, one lane a thread and queue, and writes each acknowledged message to
 * {@code file} as a line {@code lane sequence msgId queueId queueOffset}. What is not in the file may or may not be
 * stored; what is there must be.
 */
final class Loader {
    private static final long PAUSE_MS = 20;
    private final JSONObject arguments;
    private final DefaultMQProducer producer;
    private final FileChannel file;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean isStopping;
    private long acknowledged;
    private long attempts;
    private long lastAcknowledgedNs = System.nanoTime();
    private long gapNsMax;
    private String firstError;
    private String lastError;

    Loader(JSONObject arguments) throws Exception {
        this.arguments = arguments;
        producer = Producing.start(arguments);
        file = FileChannel.open(Paths.get(arguments.getString("file")), StandardOpenOption.CREATE,
            StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    void start() throws Exception {
        List<MessageQueue> queues = new ArrayList<>(producer.fetchPublishMessageQueues(arguments.getString("topic")));
        queues.sort(null);
        for (int lane = 0; lane < Math.max(1, arguments.getIntValue("lanes")); lane++) {
            int own = lane;
            MessageQueue queue = queues.get(lane % queues.size());
            Thread thread = new Thread(() -> run(own, queue), "load-" + lane);
            threads.add(thread);
            thread.start();
        }
    }

    private void run(int lane, MessageQueue queue) {
        String topic = arguments.getString("topic");
        String name = arguments.getString("run");
        int bodyBytes = arguments.getIntValue("bodyBytes");
        int sequencesMax = arguments.getIntValue("sequencesMax");
        for (int sequence = 0; !isStopping && sequence < sequencesMax; sequence++) {
            try {
                SendResult result = producer.send(Payload.message(topic, null, name, lane, sequence, bodyBytes), queue);
                note(lane, sequence, result);
            } catch (Exception failed) {
                note(failed);
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void note(int lane, int sequence, SendResult result) throws Exception {
        attempts++;
        if (result.getSendStatus() != SendStatus.SEND_OK) {
            lastError = result.getSendStatus().name();
            return;
        }
        acknowledged++;
        long nowNs = System.nanoTime();
        gapNsMax = Math.max(gapNsMax, nowNs - lastAcknowledgedNs);
        lastAcknowledgedNs = nowNs;
        String line = lane + " " + sequence + " " + result.getMsgId() + " " + queueText(result) + "\n";
        file.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
        if (acknowledged % 256 == 0) {
            file.force(false);
        }
    }

    private static String queueText(SendResult result) {
        return result.getMessageQueue().getQueueId() + " " + result.getQueueOffset();
    }

    private synchronized void note(Exception failed) {
        attempts++;
        lastError = String.valueOf(failed);
        firstError = firstError == null ? lastError : firstError;
    }

    synchronized JSONObject facts(boolean resetsGap) {
        JSONObject facts = facts();
        gapNsMax = resetsGap ? 0 : gapNsMax;
        return facts;
    }

    private synchronized JSONObject facts() {
        JSONObject facts = new JSONObject(true);
        facts.put("acknowledged", acknowledged);
        facts.put("attempts", attempts);
        facts.put("gapMsMax", gapNsMax / 1_000_000);
        facts.put("firstError", firstError);
        facts.put("lastError", lastError);
        return facts;
    }

    JSONObject stop() throws Exception {
        isStopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
        file.force(true);
        file.close();
        producer.shutdown();
        return facts();
    }
}
