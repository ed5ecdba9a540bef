package saturnmq.bench;

import java.util.concurrent.atomic.LongAdder;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;

/**
 * A push consumer that counts, one message a call, as RocketMQ's own consumer benchmark does. Arguments: name server, topic,
 * threads, messages in the backlog. Measured is the middle of the backlog, from a quarter to nineteen twentieths of it; then
 * the rest is read, and a moment more, so that a message delivered twice would be seen.
 */
public final class LoadConsumer {
    private static final long LIMIT_NS = 180_000_000_000L;
    private static final long SETTLE_MS = 1_000;

    private LoadConsumer() {
    }

    public static void main(String[] arguments) throws Exception {
        int threads = Integer.parseInt(arguments[2]);
        long expected = Long.parseLong(arguments[3]);
        LongAdder received = new LongAdder();
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("bench_consumer_" + System.nanoTime());
        consumer.setNamesrvAddr(arguments[0]);
        consumer.setInstanceName(Long.toString(System.nanoTime()));
        consumer.setVipChannelEnabled(false);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setConsumeThreadMin(threads);
        consumer.setConsumeThreadMax(threads);
        consumer.subscribe(arguments[1], "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            received.add(messages.size());
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        long endNs = System.nanoTime() + LIMIT_NS;
        Window window = new Window();
        consumer.start();
        long first = await(received, expected / 4, endNs);
        window.open();
        long last = await(received, expected / 20 * 19, endNs);
        window.close();
        await(received, expected, endNs);
        Thread.sleep(SETTLE_MS);
        System.out.printf("result messages=%d seconds=%.6f acknowledged=%d errors=0%n", last - first, window.seconds(),
            received.sum());
        consumer.shutdown();
        System.exit(0);
    }

    private static long await(LongAdder received, long wanted, long endNs) throws InterruptedException {
        while (received.sum() < wanted && System.nanoTime() < endNs) {
            Thread.sleep(1);
        }
        return received.sum();
    }
}
