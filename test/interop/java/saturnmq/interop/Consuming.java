package saturnmq.interop;

import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.protocol.heartbeat.MessageModel;

/** Push consumers by handle, each with a ledger. */
final class Consuming {
    private static final class Member {
        final DefaultMQPushConsumer consumer;
        final Ledger ledger = new Ledger();

        Member(DefaultMQPushConsumer consumer) {
            this.consumer = consumer;
        }
    }

    /** Members stay here after they left, so that their books can still be read. */
    private final Map<String, Member> members = new ConcurrentHashMap<>();

    void register(Map<String, Driver.Command> commands) {
        commands.put("consumerOpen", this::open);
        commands.put("consumerClose", this::close);
        commands.put("assigned", this::assigned);
        commands.put("ledger", arguments -> merged(arguments).summary());
        commands.put("awaitLedger", this::await);
    }

    private Object open(JSONObject arguments) throws Exception {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(arguments.getString("group"));
        consumer.setNamesrvAddr(arguments.getString("namesrv"));
        consumer.setInstanceName(Driver.instanceName());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setVipChannelEnabled(false);
        consumer.setPollNameServerInterval(1_000);
        consumer.setPersistConsumerOffsetInterval(1_000);
        if (arguments.getIntValue("heartbeatMs") > 0) {
            consumer.setHeartbeatBrokerInterval(arguments.getIntValue("heartbeatMs"));
        }
        boolean isBroadcast = arguments.getBooleanValue("broadcast");
        consumer.setMessageModel(isBroadcast ? MessageModel.BROADCASTING : MessageModel.CLUSTERING);
        String expression = arguments.getString("expression");
        consumer.subscribe(arguments.getString("topic"), expression == null ? "*" : expression);
        Member member = new Member(consumer);
        if (arguments.getBooleanValue("orderly")) {
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                messages.forEach(member.ledger::book);
                return ConsumeOrderlyStatus.SUCCESS;
            });
        } else {
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                messages.forEach(member.ledger::book);
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
        }
        members.put(arguments.getString("handle"), member);
        consumer.start();
        return consumer.buildMQClientId();
    }

    private Object close(JSONObject arguments) {
        members.get(arguments.getString("handle")).consumer.shutdown();
        return true;
    }

    private Object assigned(JSONObject arguments) {
        Member member = members.get(arguments.getString("handle"));
        TreeSet<String> queues = new TreeSet<>();
        for (MessageQueue queue : member.consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl()
            .getProcessQueueTable().keySet()) {
            if (queue.getTopic().equals(arguments.getString("topic"))) {
                queues.add(queue.getBrokerName() + ":" + queue.getQueueId());
            }
        }
        return new ArrayList<>(queues);
    }

    private List<Ledger> ledgers(JSONObject arguments) {
        List<Ledger> ledgers = new ArrayList<>();
        JSONArray handles = arguments.getJSONArray("handles");
        for (int index = 0; index < handles.size(); index++) {
            ledgers.add(members.get(handles.getString(index)).ledger);
        }
        return ledgers;
    }

    private Ledger merged(JSONObject arguments) {
        List<Ledger> ledgers = ledgers(arguments);
        if (ledgers.size() == 1) {
            return ledgers.get(0);
        }
        Ledger all = new Ledger();
        ledgers.forEach(all::add);
        return all;
    }

    /** Waits until the members together hold {@code distinct} messages, or the time is up; then for stragglers. */
    private Object await(JSONObject arguments) throws Exception {
        long wanted = arguments.getLongValue("distinct");
        long endMs = System.currentTimeMillis() + arguments.getLongValue("timeoutMs");
        while (System.currentTimeMillis() < endMs) {
            long received = ledgers(arguments).stream().mapToLong(Ledger::received).sum();
            if (received >= wanted && merged(arguments).summary().getLongValue("distinct") >= wanted) {
                break;
            }
            Thread.sleep(received >= wanted ? 100 : 10);
        }
        Thread.sleep(arguments.getLongValue("settleMs"));
        return merged(arguments).summary();
    }
}
