package saturnmq.interop;

import com.alibaba.fastjson.JSONObject;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import org.apache.rocketmq.common.message.MessageExt;

/** Books what a consumer received: each message once, with its content checked and its place in the queue kept. */
final class Ledger {
    private final Map<String, Lane> lanes = new TreeMap<>();
    private final Map<String, Integer> perQueue = new TreeMap<>();
    private final Map<String, Integer> perTag = new TreeMap<>();
    private long received;
    private long duplicates;
    private long contentBreaks;
    private long deliveryBreaks;
    private long foreign;
    private long sum;

    private static final class Lane {
        final BitSet seen = new BitSet();
        long[] queueOffsets = new long[1024];
        long[] shares = new long[1024];
        String queue;
        boolean isMixed;
        int last = Integer.MIN_VALUE;
    }

    synchronized void book(MessageExt message) {
        received++;
        String queue = message.getBrokerName() + ":" + message.getQueueId();
        perQueue.merge(queue, 1, Integer::sum);
        perTag.merge(String.valueOf(message.getTags()), 1, Integer::sum);
        Payload payload = Payload.parse(message.getBody());
        if (payload == null) {
            foreign++;
            return;
        }
        byte[] sha = Payload.sha(message.getBody());
        String key = Payload.key(payload.run, payload.lane, payload.sequence);
        if (!Payload.isWhole(sha, message.getUserProperty(Payload.HASH)) || !key.equals(message.getKeys())) {
            contentBreaks++;
        }
        Lane lane = lanes.computeIfAbsent(payload.run + "|" + payload.lane, name -> new Lane());
        if (lane.seen.get(payload.sequence)) {
            duplicates++;
            return;
        }
        if (lane.last != Integer.MIN_VALUE && payload.sequence != lane.last + 1) {
            deliveryBreaks++;
        }
        lane.last = payload.sequence;
        if (lane.queue == null) {
            lane.queue = queue;
        }
        lane.isMixed |= !lane.queue.equals(queue);
        keep(lane, payload.sequence, message.getQueueOffset(), Payload.share(sha));
        sum += Payload.share(sha);
    }

    private static void keep(Lane lane, int sequence, long queueOffset, long share) {
        lane.seen.set(sequence);
        if (sequence >= lane.queueOffsets.length) {
            int length = Math.max(sequence + 1, lane.queueOffsets.length * 2);
            lane.queueOffsets = Arrays.copyOf(lane.queueOffsets, length);
            lane.shares = Arrays.copyOf(lane.shares, length);
        }
        lane.queueOffsets[sequence] = queueOffset;
        lane.shares[sequence] = share;
    }

    synchronized long received() {
        return received;
    }

    synchronized long distinct() {
        return received - duplicates - foreign;
    }

    synchronized boolean holds(String run, int lane, int sequence) {
        Lane found = lanes.get(run + "|" + lane);
        return found != null && found.seen.get(sequence);
    }

    /** Adds another member's book to this one. */
    synchronized void add(Ledger other) {
        synchronized (other) {
            received += other.received;
            duplicates += other.duplicates;
            contentBreaks += other.contentBreaks;
            deliveryBreaks += other.deliveryBreaks;
            foreign += other.foreign;
            sum += other.sum;
            other.perQueue.forEach((queue, count) -> perQueue.merge(queue, count, Integer::sum));
            other.perTag.forEach((tag, count) -> perTag.merge(tag, count, Integer::sum));
            other.lanes.forEach(this::addLane);
        }
    }

    private void addLane(String name, Lane from) {
        Lane into = lanes.computeIfAbsent(name, absent -> new Lane());
        into.isMixed |= from.isMixed || into.queue != null && !into.queue.equals(from.queue);
        into.queue = from.queue;
        for (int next = from.seen.nextSetBit(0); next >= 0; next = from.seen.nextSetBit(next + 1)) {
            if (into.seen.get(next)) {
                duplicates++;
                sum -= from.shares[next];
                continue;
            }
            keep(into, next, from.queueOffsets[next], from.shares[next]);
        }
    }

    synchronized JSONObject summary() {
        JSONObject facts = new JSONObject(true);
        long distinct = 0;
        long storeBreaks = 0;
        long mixed = 0;
        for (Lane lane : lanes.values()) {
            distinct += lane.seen.cardinality();
            if (lane.isMixed) {
                mixed++;
                continue;
            }
            long previous = -1;
            for (int next = lane.seen.nextSetBit(0); next >= 0; next = lane.seen.nextSetBit(next + 1)) {
                if (lane.queueOffsets[next] <= previous) {
                    storeBreaks++;
                }
                previous = lane.queueOffsets[next];
            }
        }
        facts.put("received", received);
        facts.put("distinct", distinct);
        facts.put("duplicates", duplicates);
        facts.put("contentBreaks", contentBreaks);
        facts.put("storeBreaks", storeBreaks);
        facts.put("deliveryBreaks", deliveryBreaks);
        facts.put("mixedLanes", mixed);
        facts.put("foreign", foreign);
        facts.put("sum", Long.toHexString(sum));
        facts.put("perQueue", new TreeMap<>(perQueue));
        facts.put("perTag", new TreeMap<>(perTag));
        return facts;
    }
}
