package saturnmq.interop;

import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.MessageQueueSelector;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;

/** Sends in every way a 4.9.2 producer knows, and keeps count of what was acknowledged. */
final class Producing {
    private final Map<String, Loader> loaders = new ConcurrentHashMap<>();

    void register(Map<String, Driver.Command> commands) {
        commands.put("produce", arguments -> new Run(arguments).send());
        commands.put("load", this::load);
        commands.put("loadFacts", arguments ->
            loaders.get(arguments.getString("handle")).facts(arguments.getBooleanValue("resetsGap")));
        commands.put("loadStop", arguments -> loaders.remove(arguments.getString("handle")).stop());
    }

    static DefaultMQProducer start(JSONObject arguments) throws Exception {
        String group = arguments.getString("group");
        DefaultMQProducer producer = new DefaultMQProducer(group == null ? "interop-producer" : group);
        producer.setNamesrvAddr(arguments.getString("namesrv"));
        producer.setInstanceName(Driver.instanceName());
        producer.setSendMsgTimeout(arguments.getIntValue("timeoutMs") > 0 ? arguments.getIntValue("timeoutMs") : 10_000);
        producer.setVipChannelEnabled(arguments.getBooleanValue("vip"));
        producer.setPollNameServerInterval(1_000);
        if (arguments.getIntValue("compressOver") > 0) {
            producer.setCompressMsgBodyOverHowmuch(arguments.getIntValue("compressOver"));
        }
        producer.start();
        return producer;
    }

    private Object load(JSONObject arguments) throws Exception {
        Loader loader = new Loader(arguments);
        loaders.put(arguments.getString("handle"), loader);
        loader.start();
        return true;
    }

    /** One {@code produce} command: {@code lanes} threads with {@code count} messages each. */
    private static final class Run {
        private final JSONObject arguments;
        private final DefaultMQProducer producer;
        private final String topic;
        private final String run;
        private final String mode;
        private final String route;
        private final JSONArray tags;
        private final Map<String, Integer> statuses = new TreeMap<>();
        private final Map<String, Integer> perQueue = new TreeMap<>();
        private final List<String> errors = new ArrayList<>();
        private final Semaphore inFlight;
        private SendResult first;
        private int acknowledged;
        private long sum;

        Run(JSONObject arguments) throws Exception {
            this.arguments = arguments;
            topic = arguments.getString("topic");
            run = arguments.getString("run");
            mode = arguments.getString("mode");
            route = arguments.getString("route");
            tags = arguments.getJSONArray("tags");
            inFlight = new Semaphore(Math.max(1, arguments.getIntValue("inFlight")));
            producer = Producing.start(arguments);
        }

        JSONObject send() throws Exception {
            int lanes = Math.max(1, arguments.getIntValue("lanes"));
            try {
                List<MessageQueue> queues = new ArrayList<>();
                // Asked only where a queue is named: the question fails for a topic the first send will create.
                if ("queue".equals(route)) {
                    queues.addAll(producer.fetchPublishMessageQueues(topic));
                    queues.sort(null);
                }
                List<Thread> threads = new ArrayList<>();
                for (int lane = 0; lane < lanes; lane++) {
                    int own = lane;
                    Thread thread = new Thread(() -> sendLane(own, queues));
                    threads.add(thread);
                    thread.start();
                }
                for (Thread thread : threads) {
                    thread.join();
                }
                inFlight.acquire(Math.max(1, arguments.getIntValue("inFlight")));
            } finally {
                producer.shutdown();
            }
            return facts();
        }

        private void sendLane(int lane, List<MessageQueue> queues) {
            int count = arguments.getIntValue("count");
            int first = arguments.getIntValue("first");
            int batch = "batch".equals(mode) ? arguments.getIntValue("batch") : 1;
            MessageQueue queue = "queue".equals(route) ? queues.get(lane % queues.size()) : null;
            for (int at = first; at < first + count; at += batch) {
                List<Message> messages = new ArrayList<>();
                for (int sequence = at; sequence < Math.min(at + batch, first + count); sequence++) {
                    String tag = tags == null ? null : tags.getString(sequence % tags.size());
                    int bodyBytes = arguments.getIntValue("bodyBytes");
                    messages.add(Payload.message(topic, tag, run, lane, sequence, bodyBytes));
                }
                try {
                    sendOne(messages, lane, queue);
                } catch (Exception failed) {
                    note(failed);
                }
            }
        }

        private void sendOne(List<Message> messages, int lane, MessageQueue queue) throws Exception {
            Message message = messages.get(0);
            long share = 0;
            for (Message one : messages) {
                share += Payload.share(Payload.sha(one.getBody()));
            }
            int count = messages.size();
            // A selector that depends on its argument alone keeps a lane in one queue.
            MessageQueueSelector selector = (all, one, argument) -> all.get((Integer) argument % all.size());
            switch (mode) {
                case "batch":
                    note(queue == null ? producer.send(messages) : producer.send(messages, queue), count, share);
                    return;
                case "oneway":
                    if (queue != null) {
                        producer.sendOneway(message, queue);
                    } else if ("selector".equals(route)) {
                        producer.sendOneway(message, selector, lane);
                    } else {
                        producer.sendOneway(message);
                    }
                    note(null, count, share);
                    return;
                case "async":
                    sendAsync(message, lane, queue, selector, share);
                    return;
                default:
                    if (queue != null) {
                        note(producer.send(message, queue), count, share);
                    } else if ("selector".equals(route)) {
                        note(producer.send(message, selector, lane), count, share);
                    } else {
                        note(producer.send(message), count, share);
                    }
            }
        }

        private void sendAsync(Message message, int lane, MessageQueue queue, MessageQueueSelector selector, long share)
            throws Exception {
            inFlight.acquire();
            SendCallback callback = new SendCallback() {
                @Override
                public void onSuccess(SendResult result) {
                    note(result, 1, share);
                    inFlight.release();
                }

                @Override
                public void onException(Throwable failed) {
                    note(failed);
                    inFlight.release();
                }
            };
            if (queue != null) {
                producer.send(message, queue, callback);
            } else if ("selector".equals(route)) {
                producer.send(message, selector, lane, callback);
            } else {
                producer.send(message, callback);
            }
        }

        private synchronized void note(SendResult result, int count, long share) {
            acknowledged += count;
            sum += share;
            statuses.merge(result == null ? "ONEWAY" : result.getSendStatus().name(), count, Integer::sum);
            if (result != null) {
                MessageQueue queue = result.getMessageQueue();
                perQueue.merge(queue.getBrokerName() + ":" + queue.getQueueId(), count, Integer::sum);
                first = first == null ? result : first;
            }
        }

        private synchronized void note(Throwable failed) {
            if (errors.size() < 5) {
                errors.add(Driver.responseCode(failed) + " " + failed);
            }
            statuses.merge("FAILED", 1, Integer::sum);
        }

        private synchronized JSONObject facts() {
            JSONObject facts = new JSONObject(true);
            facts.put("acknowledged", acknowledged);
            facts.put("statuses", statuses);
            facts.put("perQueue", perQueue);
            facts.put("errors", errors);
            facts.put("sum", Long.toHexString(sum));
            if (first != null) {
                facts.put("msgId", first.getMsgId());
                facts.put("offsetMsgId", first.getOffsetMsgId());
                facts.put("queueId", first.getMessageQueue().getQueueId());
                facts.put("queueOffset", first.getQueueOffset());
            }
            return facts;
        }
    }
}
