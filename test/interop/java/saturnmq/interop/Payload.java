package saturnmq.interop;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import org.apache.rocketmq.common.message.Message;

/**
 * Messages that can be checked when they come back. The body is {@code run|lane|sequence|filler}; the user property
 * {@code sha} holds the body's SHA-256. A lane is sent by one thread; its sequence starts at {@code first} and has no
 * gaps.
 */
final class Payload {
    static final String HASH = "sha";
    private static final ThreadLocal<MessageDigest> DIGEST = ThreadLocal.withInitial(Payload::newDigest);

    final String run;
    final int lane;
    final int sequence;

    private Payload(String run, int lane, int sequence) {
        this.run = run;
        this.lane = lane;
        this.sequence = sequence;
    }

    static Message message(String topic, String tag, String run, int lane, int sequence, int bodyBytes) {
        byte[] body = body(run, lane, sequence, bodyBytes);
        Message message = new Message(topic, tag, key(run, lane, sequence), body);
        message.putUserProperty(HASH, hex(sha(body)));
        return message;
    }

    static String key(String run, int lane, int sequence) {
        return run + "-" + lane + "-" + sequence;
    }

    /** The filler holds every byte value, so that no step may treat a body as text. */
    static byte[] body(String run, int lane, int sequence, int bodyBytes) {
        byte[] head = (run + "|" + lane + "|" + sequence + "|").getBytes(StandardCharsets.UTF_8);
        byte[] body = new byte[Math.max(head.length, bodyBytes)];
        System.arraycopy(head, 0, body, 0, head.length);
        SplittableRandom random = new SplittableRandom(((long) run.hashCode() << 32) ^ ((long) lane << 24) ^ sequence);
        for (int index = head.length; index < body.length; index++) {
            body[index] = (byte) random.nextInt();
        }
        return body;
    }

    /** Null where the body was not made here. */
    static Payload parse(byte[] body) {
        int[] bars = new int[3];
        int found = 0;
        for (int index = 0; index < body.length && found < 3; index++) {
            if (body[index] == '|') {
                bars[found++] = index;
            }
        }
        if (found < 3) {
            return null;
        }
        String head = new String(body, 0, bars[2], StandardCharsets.UTF_8);
        String[] parts = head.split("\\|");
        try {
            return new Payload(parts[0], Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
        } catch (NumberFormatException foreign) {
            return null;
        }
    }

    static byte[] sha(byte[] bytes) {
        return DIGEST.get().digest(bytes);
    }

    /** The part of a hash that goes into order-independent sums. */
    static long share(byte[] sha) {
        long share = 0;
        for (int index = 0; index < 8; index++) {
            share = share << 8 | sha[index] & 0xff;
        }
        return share;
    }

    /**
     * Whether the hash property fits. Only its own length is compared: a 4.9.2 broker joins the last property of each
     * message of a batch with the batch's first one.
     */
    static boolean isWhole(byte[] sha, String property) {
        return property != null && property.startsWith(hex(sha));
    }

    static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length * 2);
        for (byte value : bytes) {
            text.append(Character.forDigit(value >> 4 & 15, 16)).append(Character.forDigit(value & 15, 16));
        }
        return text.toString();
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
