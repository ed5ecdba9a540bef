package saturnmq.interop;

import com.alibaba.fastjson.JSONObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.admin.TopicOffset;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.protocol.body.ConsumerConnection;
import org.apache.rocketmq.common.protocol.route.BrokerData;
import org.apache.rocketmq.common.protocol.route.QueueData;
import org.apache.rocketmq.common.protocol.route.TopicRouteData;
import org.apache.rocketmq.common.subscription.SubscriptionGroupConfig;
import org.apache.rocketmq.remoting.netty.NettyClientConfig;
import org.apache.rocketmq.remoting.netty.NettyRemotingClient;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/** The admin client's calls. */
final class Admin {
    private static final long TIMEOUT_MS = 10_000;
    private final Map<String, DefaultMQAdminExt> admins = new ConcurrentHashMap<>();

    void register(Map<String, Driver.Command> commands) {
        commands.put("topicCreate", this::topicCreate);
        commands.put("topicDelete", this::topicDelete);
        commands.put("topics", one -> new TreeSet<>(admin(one).fetchAllTopicList().getTopicList()));
        commands.put("topicStats", this::topicStats);
        commands.put("route", this::route);
        commands.put("cluster", this::cluster);
        commands.put("consumers", this::consumers);
        commands.put("message", this::message);
        commands.put("offsets", this::offsets);
        commands.put("groupUpdate", this::groupUpdate);
        commands.put("groups", this::groups);
        commands.put("groupDelete", this::groupDelete);
        commands.put("kvPut", this::kvPut);
        commands.put("kvGet", one -> admin(one).getKVConfig(one.getString("space"), one.getString("key")));
        commands.put("kvDelete", this::kvDelete);
        commands.put("invoke", this::invoke);
    }

    private DefaultMQAdminExt admin(JSONObject arguments) {
        return admins.computeIfAbsent(arguments.getString("namesrv"), address -> {
            DefaultMQAdminExt admin = new DefaultMQAdminExt(TIMEOUT_MS);
            admin.setNamesrvAddr(address);
            admin.setInstanceName(Driver.instanceName());
            admin.setVipChannelEnabled(false);
            try {
                admin.start();
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
            return admin;
        });
    }

    private Object topicCreate(JSONObject arguments) throws Exception {
        TopicConfig topic = new TopicConfig(arguments.getString("topic"));
        topic.setReadQueueNums(arguments.getIntValue("queues"));
        topic.setWriteQueueNums(arguments.getIntValue("queues"));
        if (arguments.containsKey("perm")) {
            topic.setPerm(arguments.getIntValue("perm"));
        }
        admin(arguments).createAndUpdateTopicConfig(arguments.getString("broker"), topic);
        return true;
    }

    private Object topicDelete(JSONObject arguments) throws Exception {
        String topic = arguments.getString("topic");
        admin(arguments).deleteTopicInBroker(Collections.singleton(arguments.getString("broker")), topic);
        admin(arguments).deleteTopicInNameServer(Collections.singleton(arguments.getString("namesrv")), topic);
        return true;
    }

    private Object topicStats(JSONObject arguments) throws Exception {
        Map<MessageQueue, TopicOffset> table =
            admin(arguments).examineTopicStats(arguments.getString("topic")).getOffsetTable();
        List<JSONObject> rows = new ArrayList<>();
        for (MessageQueue queue : new TreeSet<>(table.keySet())) {
            JSONObject row = new JSONObject(true);
            row.put("broker", queue.getBrokerName());
            row.put("queueId", queue.getQueueId());
            row.put("min", table.get(queue).getMinOffset());
            row.put("max", table.get(queue).getMaxOffset());
            row.put("updatedMs", table.get(queue).getLastUpdateTimestamp());
            rows.add(row);
        }
        return rows;
    }

    private Object route(JSONObject arguments) throws Exception {
        TopicRouteData route = admin(arguments).examineTopicRouteInfo(arguments.getString("topic"));
        JSONObject facts = new JSONObject(true);
        List<JSONObject> brokers = new ArrayList<>();
        for (BrokerData broker : route.getBrokerDatas()) {
            JSONObject row = new JSONObject(true);
            row.put("cluster", broker.getCluster());
            row.put("name", broker.getBrokerName());
            row.put("master", broker.getBrokerAddrs().get(0L));
            brokers.add(row);
        }
        List<JSONObject> queues = new ArrayList<>();
        for (QueueData queue : route.getQueueDatas()) {
            JSONObject row = new JSONObject(true);
            row.put("broker", queue.getBrokerName());
            row.put("read", queue.getReadQueueNums());
            row.put("write", queue.getWriteQueueNums());
            row.put("perm", queue.getPerm());
            queues.add(row);
        }
        facts.put("brokers", brokers);
        facts.put("queues", queues);
        facts.put("order", route.getOrderTopicConf());
        return facts;
    }

    private Object cluster(JSONObject arguments) throws Exception {
        Map<String, String> masters = new TreeMap<>();
        admin(arguments).examineBrokerClusterInfo().getBrokerAddrTable()
            .forEach((name, broker) -> masters.put(broker.getCluster() + "/" + name, broker.getBrokerAddrs().get(0L)));
        return masters;
    }

    private Object consumers(JSONObject arguments) throws Exception {
        ConsumerConnection connection = admin(arguments).examineConsumerConnectionInfo(arguments.getString("group"));
        JSONObject facts = new JSONObject(true);
        TreeSet<String> clients = new TreeSet<>();
        connection.getConnectionSet()
            .forEach(one -> clients.add(one.getClientId() + " " + one.getLanguage() + " " + one.getVersion()));
        facts.put("clients", clients);
        facts.put("type", connection.getConsumeType().name());
        facts.put("model", connection.getMessageModel().name());
        facts.put("from", connection.getConsumeFromWhere().name());
        Map<String, String> subscriptions = new TreeMap<>();
        connection.getSubscriptionTable().forEach((topic, data) -> subscriptions.put(topic, data.getSubString()));
        facts.put("subscriptions", subscriptions);
        return facts;
    }

    private Object message(JSONObject arguments) throws Exception {
        MessageExt message = admin(arguments).viewMessage(arguments.getString("msgId"));
        JSONObject facts = new JSONObject(true);
        facts.put("topic", message.getTopic());
        facts.put("keys", message.getKeys());
        facts.put("tags", message.getTags());
        facts.put("queueId", message.getQueueId());
        facts.put("queueOffset", message.getQueueOffset());
        facts.put("msgId", message.getMsgId());
        facts.put("bodyBytes", message.getBody().length);
        byte[] sha = Payload.sha(message.getBody());
        facts.put("isWhole", Payload.isWhole(sha, message.getUserProperty(Payload.HASH)));
        facts.put("storeMs", message.getStoreTimestamp());
        return facts;
    }

    private Object offsets(JSONObject arguments) throws Exception {
        DefaultMQAdminExt admin = admin(arguments);
        int queueId = arguments.getIntValue("queueId");
        MessageQueue queue =
            new MessageQueue(arguments.getString("topic"), arguments.getString("brokerName"), queueId);
        // Gives the client the topic's route: these calls look an address up but never ask for it by themselves.
        admin.examineTopicRouteInfo(queue.getTopic());
        JSONObject facts = new JSONObject(true);
        facts.put("min", admin.minOffset(queue));
        facts.put("max", admin.maxOffset(queue));
        facts.put("atTime", admin.searchOffset(queue, arguments.getLongValue("timeMs")));
        facts.put("earliestMs", admin.earliestMsgStoreTime(queue));
        return facts;
    }

    private Object groupUpdate(JSONObject arguments) throws Exception {
        SubscriptionGroupConfig group = new SubscriptionGroupConfig();
        group.setGroupName(arguments.getString("group"));
        group.setRetryMaxTimes(arguments.getIntValue("retries"));
        if (arguments.containsKey("enabled")) {
            group.setConsumeEnable(arguments.getBooleanValue("enabled"));
        }
        admin(arguments).createAndUpdateSubscriptionGroupConfig(arguments.getString("broker"), group);
        return true;
    }

    private Object groups(JSONObject arguments) throws Exception {
        Map<String, Integer> retries = new TreeMap<>();
        admin(arguments).getAllSubscriptionGroup(arguments.getString("broker"), TIMEOUT_MS).getSubscriptionGroupTable()
            .forEach((name, group) -> retries.put(name, group.getRetryMaxTimes()));
        return retries;
    }

    private Object groupDelete(JSONObject arguments) throws Exception {
        admin(arguments).deleteSubscriptionGroup(arguments.getString("broker"), arguments.getString("group"));
        return true;
    }

    private Object kvPut(JSONObject arguments) throws Exception {
        admin(arguments).createAndUpdateKvConfig(arguments.getString("space"), arguments.getString("key"),
            arguments.getString("value"));
        return true;
    }

    private Object kvDelete(JSONObject arguments) throws Exception {
        admin(arguments).deleteKvConfig(arguments.getString("space"), arguments.getString("key"));
        return true;
    }

    /** Sends any request code with any fields, and reports the answer as it is. */
    private Object invoke(JSONObject arguments) throws Exception {
        NettyRemotingClient client = new NettyRemotingClient(new NettyClientConfig());
        client.start();
        try {
            RemotingCommand request = RemotingCommand.createRequestCommand(arguments.getIntValue("code"), null);
            HashMap<String, String> fields = new HashMap<>();
            JSONObject given = arguments.getJSONObject("fields");
            if (given != null) {
                given.forEach((name, value) -> fields.put(name, String.valueOf(value)));
            }
            request.setExtFields(fields);
            if (arguments.getString("body") != null) {
                request.setBody(arguments.getString("body").getBytes(StandardCharsets.UTF_8));
            }
            RemotingCommand response = client.invokeSync(arguments.getString("address"), request, TIMEOUT_MS);
            JSONObject facts = new JSONObject(true);
            facts.put("code", response.getCode());
            facts.put("remark", response.getRemark());
            facts.put("fields", response.getExtFields());
            return facts;
        } finally {
            client.shutdown();
        }
    }
}
