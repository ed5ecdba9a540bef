package saturnmq.interop;

import com.alibaba.fastjson.JSONObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** The two pull consumers, and the check of a whole topic against what a loader was told is stored. */
final class Pulling {
    private static final int PULL_MESSAGES = 32;

    void register(Map<String, Driver.Command> commands) {
        commands.put("pull", this::pull);
        commands.put("awaitPull", this::awaitPull);
        commands.put("pullWait", this::pullWait);
        commands.put("pullOffsets", this::pullOffsets);
        commands.put("litePull", this::litePull);
        commands.put("liteAssign", this::liteAssign);
        commands.put("verify", this::verify);
    }

    private static DefaultMQPullConsumer start(JSONObject arguments) throws Exception {
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer(arguments.getString("group"));
        consumer.setNamesrvAddr(arguments.getString("namesrv"));
        consumer.setInstanceName(Driver.instanceName());
        consumer.setVipChannelEnabled(arguments.getBooleanValue("vip"));
        consumer.start();
        return consumer;
    }

    private static List<MessageQueue> queues(DefaultMQPullConsumer consumer, String topic) throws Exception {
        List<MessageQueue> queues = new ArrayList<>(consumer.fetchSubscribeMessageQueues(topic));
        queues.sort(null);
        return queues;
    }

    /** Reads every queue from its first message to its last. */
    private static Ledger readAll(DefaultMQPullConsumer consumer, String topic, String expression) throws Exception {
        Ledger ledger = new Ledger();
        for (MessageQueue queue : queues(consumer, topic)) {
            long next = consumer.minOffset(queue);
            long end = consumer.maxOffset(queue);
            while (next < end) {
                PullResult result = consumer.pull(queue, expression, next, PULL_MESSAGES);
                if (result.getPullStatus() == PullStatus.FOUND) {
                    result.getMsgFoundList().forEach(ledger::book);
                } else if (result.getNextBeginOffset() <= next) {
                    throw new IllegalStateException(result.getPullStatus() + " at " + next + " of " + queue);
                }
                next = result.getNextBeginOffset();
            }
        }
        return ledger;
    }

    private Object pull(JSONObject arguments) throws Exception {
        DefaultMQPullConsumer consumer = start(arguments);
        try {
            String expression = arguments.getString("expression");
            Ledger ledger = readAll(consumer, arguments.getString("topic"), expression == null ? "*" : expression);
            return ledger.summary();
        } finally {
            consumer.shutdown();
        }
    }

    /** Reads the whole topic again until it holds {@code distinct} messages or the time is up. */
    private Object awaitPull(JSONObject arguments) throws Exception {
        DefaultMQPullConsumer consumer = start(arguments);
        try {
            long endMs = System.currentTimeMillis() + arguments.getLongValue("timeoutMs");
            while (true) {
                JSONObject facts = readAll(consumer, arguments.getString("topic"), "*").summary();
                boolean isDone = facts.getLongValue("distinct") >= arguments.getLongValue("distinct");
                if (isDone || System.currentTimeMillis() > endMs) {
                    return facts;
                }
                Thread.sleep(50);
            }
        } finally {
            consumer.shutdown();
        }
    }

    /** Asks at the end of a queue and stays until a message comes: the time and status of a long poll. */
    private Object pullWait(JSONObject arguments) throws Exception {
        DefaultMQPullConsumer consumer = start(arguments);
        try {
            MessageQueue queue = queues(consumer, arguments.getString("topic")).get(arguments.getIntValue("queueId"));
            long startNs = System.nanoTime();
            PullResult result = consumer.pullBlockIfNotFound(queue, "*", consumer.maxOffset(queue), PULL_MESSAGES);
            JSONObject facts = new JSONObject(true);
            facts.put("status", result.getPullStatus().name());
            facts.put("waitedMs", (System.nanoTime() - startNs) / 1_000_000);
            facts.put("messages", result.getMsgFoundList() == null ? 0 : result.getMsgFoundList().size());
            return facts;
        } finally {
            consumer.shutdown();
        }
    }

    /** Commits an offset, reads it back from the broker, and asks beyond both ends of the queue. */
    private Object pullOffsets(JSONObject arguments) throws Exception {
        DefaultMQPullConsumer consumer = start(arguments);
        try {
            MessageQueue queue = queues(consumer, arguments.getString("topic")).get(arguments.getIntValue("queueId"));
            JSONObject facts = new JSONObject(true);
            facts.put("min", consumer.minOffset(queue));
            facts.put("max", consumer.maxOffset(queue));
            facts.put("committedBefore", consumer.fetchConsumeOffset(queue, true));
            long commit = arguments.getLongValue("commit");
            consumer.updateConsumeOffset(queue, commit);
            consumer.getOffsetStore().persistAll(Collections.singleton(queue));
            // The commit is a one-way request.
            long endMs = System.currentTimeMillis() + 10_000;
            while (consumer.fetchConsumeOffset(queue, true) != commit && System.currentTimeMillis() < endMs) {
                Thread.sleep(20);
            }
            facts.put("committedAfter", consumer.fetchConsumeOffset(queue, true));
            facts.put("beyond", status(consumer.pull(queue, "*", consumer.maxOffset(queue) + 1000, PULL_MESSAGES)));
            facts.put("atEnd", status(consumer.pull(queue, "*", consumer.maxOffset(queue), PULL_MESSAGES)));
            facts.put("unmatched", status(consumer.pull(queue, "no-such-tag", 0, PULL_MESSAGES)));
            facts.put("atZeroTime", consumer.searchOffset(queue, 0));
            facts.put("atEndOfTime", consumer.searchOffset(queue, System.currentTimeMillis() + 3_600_000));
            return facts;
        } finally {
            consumer.shutdown();
        }
    }

    private static String status(PullResult result) {
        return result.getPullStatus() + " " + result.getNextBeginOffset();
    }

    private static DefaultLitePullConsumer lite(JSONObject arguments) {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(arguments.getString("group"));
        consumer.setNamesrvAddr(arguments.getString("namesrv"));
        consumer.setInstanceName(Driver.instanceName());
        consumer.setVipChannelEnabled(false);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setPollTimeoutMillis(500);
        return consumer;
    }

    /** Subscribes and polls until {@code distinct} messages came, then commits. */
    private Object litePull(JSONObject arguments) throws Exception {
        DefaultLitePullConsumer consumer = lite(arguments);
        consumer.setAutoCommit(false);
        String expression = arguments.getString("expression");
        consumer.subscribe(arguments.getString("topic"), expression == null ? "*" : expression);
        consumer.start();
        try {
            JSONObject facts = poll(consumer, arguments);
            consumer.commitSync();
            return facts;
        } finally {
            consumer.shutdown();
        }
    }

    /** Takes its queues itself, seeks to {@code seek} in each and reads on from there. */
    private Object liteAssign(JSONObject arguments) throws Exception {
        DefaultLitePullConsumer consumer = lite(arguments);
        consumer.start();
        try {
            List<MessageQueue> queues = new ArrayList<>(consumer.fetchMessageQueues(arguments.getString("topic")));
            consumer.assign(queues);
            for (MessageQueue queue : queues) {
                consumer.seek(queue, arguments.getLongValue("seek"));
            }
            return poll(consumer, arguments);
        } finally {
            consumer.shutdown();
        }
    }

    private static JSONObject poll(DefaultLitePullConsumer consumer, JSONObject arguments) {
        Ledger ledger = new Ledger();
        long wanted = arguments.getLongValue("distinct");
        // A pull in flight while its queue was sought can still deliver what lies before, or some messages twice: the client's own race.
        long first = arguments.getLongValue("seek");
        long endMs = System.currentTimeMillis() + arguments.getLongValue("timeoutMs");
        while (ledger.distinct() < wanted && System.currentTimeMillis() < endMs) {
            for (MessageExt message : consumer.poll()) {
                if (message.getQueueOffset() >= first) {
                    ledger.book(message);
                }
            }
        }
        return ledger.summary();
    }

    /** Reads the whole topic and names what {@code file} lists as acknowledged and the broker does not serve. */
    private Object verify(JSONObject arguments) throws Exception {
        DefaultMQPullConsumer consumer = start(arguments);
        try {
            Ledger ledger = readAll(consumer, arguments.getString("topic"), "*");
            int acknowledged = 0;
            Map<String, Integer> missing = new TreeMap<>();
            List<String> examples = new ArrayList<>();
            for (String line : Files.readAllLines(Paths.get(arguments.getString("file")), StandardCharsets.UTF_8)) {
                String[] parts = line.split(" ");
                acknowledged++;
                if (!ledger.holds(arguments.getString("run"), Integer.parseInt(parts[0]), Integer.parseInt(parts[1]))) {
                    missing.merge(parts[0], 1, Integer::sum);
                    if (examples.size() < 5) {
                        examples.add(line);
                    }
                }
            }
            JSONObject facts = ledger.summary();
            facts.put("acknowledged", acknowledged);
            facts.put("missing", missing.values().stream().mapToInt(Integer::intValue).sum());
            facts.put("missingExamples", examples);
            return facts;
        } finally {
            consumer.shutdown();
        }
    }
}
