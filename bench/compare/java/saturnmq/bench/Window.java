package saturnmq.bench;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Says on standard output when the measured time begins and ends, so that the bench can read the server's processor time
 * at both, and counts times in buckets of about 3 %.
 */
final class Window {
    private static final int STEPS = 16;
    private final AtomicLongArray buckets = new AtomicLongArray(64 * STEPS);
    private volatile boolean isOpen;
    private long openedNs;
    private long closedNs;

    void open() {
        System.out.println("begin");
        openedNs = System.nanoTime();
        isOpen = true;
    }

    void close() {
        isOpen = false;
        closedNs = System.nanoTime();
        System.out.println("end");
    }

    boolean isOpen() {
        return isOpen;
    }

    double seconds() {
        return (closedNs - openedNs) / 1e9;
    }

    /** Books one call's time. */
    void book(long ns) {
        buckets.incrementAndGet(bucketOf(Math.max(1, ns)));
    }

    private static int bucketOf(long ns) {
        int power = 63 - Long.numberOfLeadingZeros(ns);
        long rest = ns - (1L << power);
        int step = (int) (rest * STEPS >>> power);
        return power * STEPS + step;
    }

    private static double middleUs(int bucket) {
        double base = Math.pow(2, bucket / STEPS);
        return base * (1 + (bucket % STEPS + 0.5) / STEPS) / 1000;
    }

    /** The time, in microseconds, that {@code share} of the calls did not exceed. */
    double percentileUs(double share) {
        long total = 0;
        for (int bucket = 0; bucket < buckets.length(); bucket++) {
            total += buckets.get(bucket);
        }
        long wanted = (long) Math.ceil(total * share);
        long seen = 0;
        for (int bucket = 0; bucket < buckets.length(); bucket++) {
            seen += buckets.get(bucket);
            if (seen >= wanted && seen > 0) {
                return middleUs(bucket);
            }
        }
        return 0;
    }
}
