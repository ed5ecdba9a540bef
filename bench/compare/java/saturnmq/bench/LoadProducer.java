package saturnmq.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;

/**
 * Threads that share one producer and each send the next message once the last one is acknowledged, without keys or tags:
 * the loop that RocketMQ's own producer benchmark runs. Arguments: name server, topic, threads, body bytes, seconds to warm
 * up, seconds to measure. What a thread has in flight when the time is up is waited for, so that the count is exact.
 */
public final class LoadProducer {
    private static final long PAUSE_MS = 100;
    private static volatile boolean isStopping;

    private LoadProducer() {
    }

    public static void main(String[] arguments) throws Exception {
        String topic = arguments[1];
        int threads = Integer.parseInt(arguments[2]);
        int bodyBytes = Integer.parseInt(arguments[3]);
        DefaultMQProducer producer = new DefaultMQProducer("bench_producer");
        producer.setNamesrvAddr(arguments[0]);
        producer.setInstanceName(Long.toString(System.nanoTime()));
        producer.setVipChannelEnabled(false);
        producer.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
        // A send that fails is counted, and a copy that a retry stored would not be.
        producer.setRetryTimesWhenSendFailed(0);
        producer.start();
        // The first send creates the topic; 64 at once would each ask for it.
        LongAdder acknowledged = new LongAdder();
        LongAdder failed = new LongAdder();
        Window window = new Window();
        LongAdder measured = new LongAdder();
        send(producer, topic, bodyBytes, window, acknowledged, measured, failed);
        List<Thread> all = new ArrayList<>();
        for (int index = 0; index < threads; index++) {
            Thread thread = new Thread(() -> {
                while (!isStopping) {
                    send(producer, topic, bodyBytes, window, acknowledged, measured, failed);
                }
            });
            all.add(thread);
            thread.start();
        }
        Thread.sleep((long) (Double.parseDouble(arguments[4]) * 1000));
        window.open();
        Thread.sleep((long) (Double.parseDouble(arguments[5]) * 1000));
        window.close();
        isStopping = true;
        for (Thread thread : all) {
            thread.join();
        }
        System.out.printf("result messages=%d seconds=%.6f acknowledged=%d errors=%d p50=%.1f p99=%.1f p99.9=%.1f%n",
            measured.sum(), window.seconds(), acknowledged.sum(), failed.sum(), window.percentileUs(0.5),
            window.percentileUs(0.99), window.percentileUs(0.999));
        producer.shutdown();
        System.exit(0);
    }

    private static void send(DefaultMQProducer producer, String topic, int bodyBytes, Window window,
        LongAdder acknowledged, LongAdder measured, LongAdder failed) {
        byte[] body = new byte[bodyBytes];
        java.util.Arrays.fill(body, (byte) 'x');
        long startNs = System.nanoTime();
        try {
            SendResult result = producer.send(new Message(topic, body));
            long tookNs = System.nanoTime() - startNs;
            if (result.getSendStatus() != SendStatus.SEND_OK) {
                throw new IllegalStateException(result.getSendStatus().name());
            }
            acknowledged.increment();
            if (window.isOpen()) {
                measured.increment();
                window.book(tookNs);
            }
        } catch (Exception refused) {
            failed.increment();
            System.err.println(refused);
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
