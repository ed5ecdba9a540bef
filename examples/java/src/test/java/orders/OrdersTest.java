package orders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One broker serves the tests of a class; RocketMQ's own clients are pointed at it. */
class OrdersTest {
    private static final int ORDERS = 5;
    private static final int SECONDS = 30;
    private static TestBroker broker;

    @BeforeAll
    static void startBroker() throws Exception {
        broker = TestBroker.start();
    }

    @AfterAll
    static void closeBroker() throws Exception {
        broker.close();
    }

    @Test
    void ordersArrive() throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer("orders");
        producer.setNamesrvAddr(broker.namesrvAddr());
        producer.start();
        for (int number = 0; number < ORDERS; number++) {
            byte[] body = ("order " + number).getBytes(StandardCharsets.UTF_8);
            assertEquals(SendStatus.SEND_OK, producer.send(new Message("Orders", body)).getSendStatus());
        }
        producer.shutdown();

        Set<String> received = ConcurrentHashMap.newKeySet();
        CountDownLatch all = new CountDownLatch(ORDERS);
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer("workers");
        consumer.setNamesrvAddr(broker.namesrvAddr());
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe("Orders", "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            messages.forEach(message -> {
                if (received.add(new String(message.getBody(), StandardCharsets.UTF_8))) {
                    all.countDown();
                }
            });
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        assertTrue(all.await(SECONDS, TimeUnit.SECONDS), "received " + received);
        consumer.shutdown();
    }
}
